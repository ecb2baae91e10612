"""The numbers of a real slice of ESCI are those of `reference`: 150 queries with their judgements, vectors by lot."""

from __future__ import annotations

from pathlib import Path

import pytest
from against_reference import check_average, check_curves, check_fusions, check_signals
from golden_bundles import ESCI_MINI, by_lot, import_esci_mini

from sqid_core.ranking.fusion import Fusion

pytestmark = pytest.mark.skipif(not ESCI_MINI.is_dir(), reason="the real slice of ESCI is not beside the repository")
FUSIONS = [
    Fusion(),
    Fusion(norm="z-score", missing_image="worst"),
    Fusion("rrf", missing_image="text"),
    Fusion("max", norm="min-max"),
]


@pytest.fixture(scope="module")
def slice_of_esci(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "bundle"
    import_esci_mini(folder)
    by_lot(folder, "lot_text", "lot_image")
    return folder


def test_signals_and_fusions(slice_of_esci: Path) -> None:
    check_signals(slice_of_esci)
    check_fusions(slice_of_esci, FUSIONS)
    check_average(slice_of_esci)


def test_curves(slice_of_esci: Path) -> None:
    check_curves(slice_of_esci, Fusion())
