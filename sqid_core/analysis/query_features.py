"""Features of a query that are read without its labels: what an adaptive weight may read.

Scores are those of the slate's products. Which products were judged was somebody's choice, often by what a ranking
found, so that these features are free of labels but not of the judging: on an unjudged query they would be of others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bundle.departments import TYPED_HITS, departments, typed_category
from ..bundle.load import Dataset
from ..evaluation.slate_scores import SlateScores, slate_scores
from ..types import Floats, Names
from . import query_words

# Categories with a feature of their own: those that are predicted for most queries.
MOST_CATEGORIES = 8


@dataclass(frozen=True, eq=False)
class QueryFeatures:
    """names: (F,). values: (Q, F), nan where unknown (a signal scores none of the products)."""

    names: tuple[str, ...]
    values: Floats = field(repr=False)


def query_features(dataset: Dataset, scores: SlateScores | None = None) -> QueryFeatures:
    """Words, colour word, negation, number or unit, predicted category, and for each of the first text and the first
    image signal the top score, the gap between its first two and the scores' spread (standard deviation).

    scores: those of the two signals, where they are known already.
    """
    scores = _scored(dataset) if scores is None else scores
    queries = dataset.queries["query"].astype(str).tolist()
    found: dict[str, Floats] = {
        "words": query_words.word_counts(queries).astype(np.float64),
        "colour word": query_words.names_a_colour(queries).astype(np.float64),
        "negation": query_words.has_a_negation(queries).astype(np.float64),
        "number or unit": query_words.has_a_number(queries).astype(np.float64),
    }
    for modality, values in (("text", scores.text), ("image", scores.image)):
        if values is not None:
            found |= _score_features(modality, values)
    found |= _category_features(dataset, scores)
    return QueryFeatures(tuple(found), np.stack(list(found.values()), axis=1))


def _scored(dataset: Dataset) -> SlateScores:
    return slate_scores(dataset.judgements, dataset.signal("text"), dataset.signal("image"))


def predicted_categories(dataset: Dataset, scores: SlateScores | None = None) -> Names:
    """(Q,) the mode of the departments of the ten products that the text signal (or else the image signal) puts first,
    None where they have none. scores: see `query_features`."""
    scores = _scored(dataset) if scores is None else scores
    first_scores = scores.image if scores.text is None else scores.text
    if first_scores is None or "category" not in dataset.products:
        return np.full(len(dataset.judgements), None, dtype=object)
    best = np.argsort(-np.nan_to_num(first_scores, nan=-np.inf), axis=1, kind="stable")[:, :TYPED_HITS]
    first = np.take_along_axis(dataset.judgements.rows, best, axis=1)
    names = departments(dataset.products["category"])
    return np.array([typed_category(names, rows) for rows in first], dtype=object)


def _score_features(modality: str, scores: Floats) -> dict[str, Floats]:
    count = np.isfinite(scores).sum(axis=1)
    filled = np.where(np.isfinite(scores), scores, -np.inf)
    padded = np.concatenate([filled, np.full((len(scores), 2), -np.inf)], axis=1)
    best = -np.partition(-padded, 1, axis=1)[:, :2]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(count > 1, best[:, 0] - best[:, 1], np.nan)
        mean = np.where(np.isfinite(scores), scores, 0.0).sum(axis=1) / count
        squares = np.where(np.isfinite(scores), (scores - mean[:, None]) ** 2, 0.0).sum(axis=1)
        spread = np.sqrt(squares / count)
    top = np.where(count > 0, best[:, 0], np.nan)
    return {f"{modality} top score": top, f"{modality} gap": gap, f"{modality} spread": spread}


def _category_features(dataset: Dataset, scores: SlateScores) -> dict[str, Floats]:
    predicted = predicted_categories(dataset, scores)
    names, counts = np.unique(predicted[predicted != None].astype(str), return_counts=True)  # noqa: E711
    most = names[np.argsort(-counts, kind="stable")][:MOST_CATEGORIES]
    return {f"category {name}": (predicted == name).astype(np.float64) for name in most}
