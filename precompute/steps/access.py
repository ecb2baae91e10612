"""Who alone may see a bundle in the app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqid_core.bundle.audience import MOST_RULES, rule_fault
from sqid_core.bundle.manifest import read_manifest
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError


def show_to(bundle: Path, rules: Sequence[str]) -> tuple[str, ...]:
    """Writes the rules (see `audience`) into the manifest, () for everybody, and returns those that hold now.

    The fingerprint stays, and so do links and judgements. Raises InputError for what is no rule, or too many.
    """
    fault = next(filter(None, map(rule_fault, rules)), "")
    if fault or len(rules) > MOST_RULES:
        raise InputError(fault or f"a bundle has at most {MOST_RULES:,} rules, got {len(rules):,}")
    read_manifest(bundle)  # so that no folder is made where there is no bundle
    with BundleWriter(bundle) as writer:
        writer.show_to(tuple(dict.fromkeys(rules)))
    return read_manifest(bundle).visible_to
