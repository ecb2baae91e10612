"""Whatever a folder holds, loading it ends in one sentence that names what is wrong, and so does `verify`."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from hostile import HARMLESS, HOSTILE

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import BundleError

# Loading a bundle that is refused takes no more: a table in here inflates to a gigabyte.
MEGABYTES = 600


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_one_sentence(name: str, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    HOSTILE[name](bundle)
    with pytest.raises(BundleError) as caught:
        load_bundle(bundle)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 2_000
    # What no check foresaw is caught too, but each of these was foreseen.
    assert "cannot be loaded" not in said
    assert main(["verify", str(bundle)]) == 1
    assert "FAILED" in capsys.readouterr().out


@pytest.mark.parametrize("name", HARMLESS)
def test_what_harms_nothing_opens(name: str, bundle: Path) -> None:
    HARMLESS[name](bundle)
    assert len(load_bundle(bundle).products) == 60


def test_what_inflates_is_refused_before_it_does(bundle: Path) -> None:
    HOSTILE["rows that inflate to a gigabyte"](bundle)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BundleError, match="longer than"):
        load_bundle(bundle)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEGABYTES


def test_what_no_check_foresaw_is_a_sentence_too(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unforeseen(*_: object) -> None:
        raise RuntimeError("of a library")

    monkeypatch.setattr("sqid_core.bundle.load.shown_pictures", unforeseen)
    monkeypatch.setattr("sqid_core.bundle.load.check_ids", unforeseen)
    with pytest.raises(BundleError, match=r"cannot be loaded \(RuntimeError: of a library\)"):
        load_bundle(bundle)
