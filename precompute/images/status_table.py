"""The status table: one row a product, whatever became of its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from precompute.images.outcome import DEFAULT, DONE, DUPLICATE, FINAL, MISSING, POOR, Outcome
from precompute.images.store import is_ours
from sqid_core.bundle.addresses import is_default_address
from sqid_core.bundle.shown_pictures import FAULTS

_COLUMNS = ("product_id", "status", "file", "sha256")
_NOTHING = Outcome(MISSING)


def status_table(
    product_ids: Sequence[str],
    sources: Sequence[str | None],
    found: Mapping[str, Outcome],
    share_duplicates: bool,
    addresses: Sequence[str | None],
    poor: Mapping[str, str] = MappingProxyType({}),
    poor_is_missing: bool = False,
) -> pd.DataFrame:
    """product_id, status, file, sha256, faults, in the products' order. file: of a default picture and a duplicate too.

    A picture with the content of one that a known default address gave is a default picture too, whatever its own
    address. Of products with the very same picture the first keeps it (the order of products is label-blind); the
    others are duplicates, or, where they are shared, have it as well. poor: what is poor in a file, by name; such a
    picture counts as missing where poor_is_missing.
    """
    outcomes = [found[source] if source is not None else _NOTHING for source in sources]
    known_default = [address is not None and is_default_address(address) for address in addresses]
    defaults = {outcome.content for outcome, known in zip(outcomes, known_default, strict=True) if known} - {""}
    seen: set[str] = set()
    rows = []
    for product, outcome, known in zip(product_ids, outcomes, known_default, strict=True):
        status = outcome.status
        if known or outcome.content in defaults:
            status = DEFAULT
        elif status == DONE and outcome.content in seen and not share_duplicates:
            status = DUPLICATE
        if status == DONE and poor_is_missing and outcome.file in poor:
            status = POOR
        seen.add(outcome.content)
        rows.append((product, status, outcome.file or None, outcome.sha256 or None, poor.get(outcome.file)))
    return pd.DataFrame(rows, columns=[*_COLUMNS, FAULTS], dtype="string")


def known_from_table(table: pd.DataFrame, sources: Mapping[str, str | None], images: Path) -> dict[str, Outcome]:
    """What an earlier run settled, by source: the pictures that are still in `images`, and what is gone for good.

    sources: by product id. Default pictures and duplicates are taken for what they were before they were compared;
    pictures under a name of their own are left out, as somebody may have changed them.
    """
    found = {}
    for product, status, file, digest in zip(*(table[name] for name in _COLUMNS), strict=True):
        source = sources.get(product)
        if source is None or status not in FINAL:
            continue
        if not isinstance(file, str):
            found[source] = Outcome(status)
        elif is_ours(file) and (images / file).is_file():
            found[source] = Outcome(DONE, file, digest, Path(file).stem)
    return found
