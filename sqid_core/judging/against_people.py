"""How far a model judges as people do: without this number nothing of a model's is shown."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..bundle.labels import LabelScale
from ..wording import counted
from .agreement import Agreement, kappa, ratings
from .label_sets import LabelSet, in_scale, labels_of


def against_people(acts: pd.DataFrame, judge: str, models: Collection[str], scale: LabelScale) -> Agreement:
    """Cohen's kappa of a judge and of people, on the pairs that both labelled, with its interval over queries.

    What people say of a pair is the lead's word, and where there is none that of most of them; where they are undecided
    they say nothing. acts: of a bundle. models: ids of the judges who are no people.
    """
    said = labels_of(in_scale(acts, scale), LabelSet("adjudicated"), models)
    places = {name: place for place, name in enumerate(scale.names)}
    people = said.assign(code=said["label"].map(places)).dropna(subset=["code"])
    rated = ratings(acts, scale)
    return kappa(people.astype({"code": int}), rated[rated["judge"] == judge], scale)


def people_words(found: Agreement) -> str:
    """How far a model agrees with people, as it stands beside what it said."""
    if np.isnan(found.value):
        return f"how far it agrees with people is not known: {found.why}"
    interval = "" if np.isnan(found.low) else f" ({found.low:.2f} to {found.high:.2f})"
    return f"kappa {found.value:.2f}{interval} with people on {counted(found.n, 'pair', 'pairs')}"
