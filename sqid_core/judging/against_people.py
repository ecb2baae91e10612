"""How far a model judges as people do: without this number nothing of a model's is shown."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from ..bundle.labels import LabelScale
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
