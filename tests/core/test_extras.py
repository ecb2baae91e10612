"""One sentence where an optional library is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sqid_core.errors import EncoderError, InputError
from sqid_core.extras import needs


def test_a_library_that_is_there_is_given() -> None:
    assert needs("rankers", "json.decoder").JSONDecoder


def test_a_missing_one_is_one_sentence_that_names_the_extra() -> None:
    with pytest.raises(
        InputError, match=r"^no_such_library is not installed; .*'sqid-explorer\[rankers\]'.*$"
    ) as caught:
        needs("rankers", "no_such_library.part")
    assert "\n" not in str(caught.value)


def test_a_broken_library_is_not_called_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_library.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        needs("rankers", "broken_library")


def test_an_encoder_without_its_library_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqid_core.encoders.families import open_encoder

    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r"sentence_transformers is not installed; .*\[rankers\]"):
        open_encoder("sentence-transformers", "all-MiniLM-L6-v2")
