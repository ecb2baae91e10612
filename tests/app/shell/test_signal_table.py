"""The table of a bundle's signals: as what their vectors are stored, and what that costs, where it is not as usual."""

from __future__ import annotations

from pathlib import Path

from precompute.steps.storage import store
from sqid_core.bundle.manifest import read_manifest
from sqid_ui.shell.frame import signal_table


def test_what_float16_costs_is_said(data_root: Path) -> None:
    bundle = data_root / "tiny"
    assert "Stored as (NDCG)" not in signal_table(read_manifest(bundle))
    name, *others = read_manifest(bundle).signals
    (half,) = store(bundle, "float16", [name])
    said = signal_table(read_manifest(bundle)).set_index("Signal")["Stored as (NDCG)"]
    assert said[name] == f"float16 ({-half.measured['ndcg loss'] + 0.0:+.6f})"
    assert set(said[others]) == {"float32"}
