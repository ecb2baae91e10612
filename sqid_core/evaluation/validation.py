"""How the queries that a number is of were kept apart from what it measures: the kinds of validation."""

from __future__ import annotations

from typing import Literal

from ..bundle.learned_signal import in_sample, reads_labels

Validation = Literal["fixed", "cross-validated", "out-of-fold", "in-sample"]

FIXED: Validation = "fixed"
CROSS_VALIDATED: Validation = "cross-validated"
OUT_OF_FOLD: Validation = "out-of-fold"
IN_SAMPLE: Validation = "in-sample"

ABOUT: dict[Validation, str] = {
    FIXED: "nothing of it was chosen by this bundle’s labels; what a model or a run file from elsewhere has seen, the "
    "bundle cannot know",
    CROSS_VALIDATED: "its weights were chosen for each query on the queries of other folds",
    OUT_OF_FOLD: "each query is scored by a model that was fitted without the query’s fold",
    IN_SAMPLE: "these very labels, or scores that learned from all of them, chose it or trained its model: no p and no "
    "verdict",
}


def of_scores(*signals: object) -> Validation:
    """Of some signals, or mixes, at weights that no label chose."""
    if in_sample(*signals):
        return IN_SAMPLE
    return OUT_OF_FOLD if reads_labels(*signals) else FIXED


def of_other_folds(*signals: object) -> Validation:
    """Of weights over some signals that the labels of other folds chose: a learned signal's scores have seen these."""
    return IN_SAMPLE if reads_labels(*signals) else CROSS_VALIDATED
