"""Runs of python -m precompute images without long waits, and what they leave in a bundle."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from precompute.__main__ import main
from precompute.fetch.retries import Patience
from precompute.images.outcome import Limits

QUICK = Limits(patience=Patience(attempts=3, first_wait=0.01), internal=True)


def table(bundle: Path) -> pd.DataFrame:
    return pd.read_parquet(bundle / "images.parquet").set_index("product_id")


def status_of(bundle: Path) -> dict[str, str]:
    return dict(table(bundle)["status"])


def images(bundle: Path, *more: str) -> int:
    return main(["images", str(bundle), "--internal", *more])


def files(bundle: Path) -> dict[str, bytes]:
    return {p.relative_to(bundle).as_posix(): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}
