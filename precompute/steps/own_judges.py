"""What several judges said in a file of one's own, kept apart for the Judge page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from precompute.read.act_files import Archive, judge_id, labels_as_acts
from precompute.steps.judgement_files import Imported, take_in
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.load import load_bundle
from sqid_core.judging.store import Judge, Store
from sqid_core.wording import counted, listed


def store_judges(bundle: Path, said: pd.DataFrame, store: Store, progress: Progress = quiet) -> Imported:
    """Stores what each judge said of a bundle's pairs as that judge's acts; the same again changes nothing.

    said: query_id, product_id, label, judge. Raises StoreError.
    """
    dataset = load_bundle(bundle)
    now = datetime.now(UTC)
    archives = [
        labels_as_acts(labels.drop(columns="judge"), Judge(judge_id(str(name)), str(name)), dataset.name, now)
        for name, labels in said.groupby("judge", sort=True)
    ]
    judges = tuple(judge for archive in archives for judge in archive.judges)
    acts = pd.concat([archive.acts for archive in archives], ignore_index=True)
    found = take_in(Archive(acts, judges), dataset, store, numbered=False, progress=progress)
    names = listed((judge.name for judge in judges), 80)
    told = counted(len(judges), "judge", "judges")
    tell(
        progress,
        "storing",
        f"the Judge page has what {told} said ({names}): {counted(found.new, 'label is', 'labels are')} new",
    )
    return found
