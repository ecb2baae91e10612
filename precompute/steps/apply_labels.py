"""A new bundle whose published labels are those of a set."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from precompute.steps.judged_by import judge_names, judged_by, named_labels
from precompute.update.carry import carry_over
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.files_on_disk import unfinished
from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import Relabelled
from sqid_core.judging.store import Store
from sqid_core.types import Labels

# What a bundle says of its labels, beside its title and licence.
LABELS = "labels"


def apply_labels(bundle: Path, out: Path, labels: str, store: Store, progress: Progress = quiet) -> Relabelled:
    """Copies the bundle to a folder that is not there, with the set's labels in the place of its own. Products,
    queries, vectors and pictures stay; scores of run files stay where they know all pairs that are judged now.

    The copy keeps the bundle's name, by which judges' acts are joined to it. An interruption leaves no new bundle.
    Raises InputError for a folder that is there, a set that is none or that would leave nothing judged, and StoreError.
    """
    if out.exists():
        raise InputError(f"{out} is there already; give the name of a new folder")
    dataset = load_bundle(bundle)
    chosen = named_labels(dataset, labels, store)
    if not chosen:
        raise InputError(f"{bundle} has the published labels already; choose a set that judges gave")
    judged = judged_by(dataset, chosen, store)
    tell(progress, "judging", f"{chosen.words(judge_names(store))}: {judged.sentence()}")
    if not judged.dataset.judgements.mask.any():
        raise InputError(f"the set {labels} would leave {bundle} without any judgement; nothing was written")
    partial = unfinished(out)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(bundle, partial, ignore=shutil.ignore_patterns(".lock", "*.partial"))
        _write(partial, judged, chosen, progress)
        load_bundle(partial)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    tell(progress, "writing", f"{out} is judged by these labels")
    return judged


def _write(folder: Path, judged: Relabelled, labels: LabelSet, progress: Progress) -> None:
    before = load_bundle(folder)
    products, queries = (pd.read_parquet(folder / f"{name}.parquet") for name in ("products", "queries"))
    about = {**before.manifest.about, LABELS: labels.words()}
    with BundleWriter(folder) as writer:
        writer.write_tables(before.name, products, queries, _pairs(judged.dataset), before.scale, about)
        known = _known_labels(before, judged)
        if known is not None:
            writer.write_array(KNOWN_LABELS, known, np.int8)
        carry_over(writer, before, progress)


def _pairs(dataset: Dataset) -> pd.DataFrame:
    judgements = dataset.judgements
    queries, slots = np.nonzero(judgements.mask)
    products = dataset.products["product_id"].to_numpy(dtype=object)
    names = np.array(dataset.scale.names, dtype=object)
    return pd.DataFrame(
        {
            "query_id": judgements.query_ids[queries],
            "product_id": products[judgements.rows[queries, slots]],
            "label": names[judgements.labels[queries, slots]],
        }
    )


def _known_labels(before: Dataset, judged: Relabelled) -> Labels | None:
    """Those of every product, with the set's where it has one."""
    if before.known_labels is None:
        return None
    judgements, found = judged.dataset.judgements, np.array(before.known_labels)
    queries, slots = np.nonzero(judgements.mask)
    found[queries, judgements.rows[queries, slots]] = judgements.labels[queries, slots]
    return found
