"""A signal whose scores a cross-encoder gave: it scored judged pairs, and can re-rank what others find."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..encoders.cross_encoder import RerankerSpec
from ..errors import BundleError
from ..types import Bools
from .judgements import Judgements
from .signals import ScoredSignal
from .stored import Stored

RERANKED = "reranked"
# Where the files of a model that no hub has lie, inside the signal's folder.
MODEL_FOLDER = "model"


@dataclass(frozen=True, eq=False)
class RerankedSignal(ScoredSignal):
    """Scores of judged pairs by a cross-encoder, nan for pairs that it did not read: those stand behind.

    reranker: the model. fields: the products' columns that it read beside the query. top: how many products of each of
    `runs` it read, 0 for every judged pair. seen: (Q,) the queries that the model was fine-tuned on, None where it was
    on none.
    """

    reranker: RerankerSpec = field(default_factory=lambda: RerankerSpec(""))
    fields: tuple[str, ...] = ("title",)
    top: int = 0
    runs: tuple[str, ...] = ()
    seen: Bools | None = field(default=None, repr=False)

    @property
    def said_of(self) -> tuple[object, ...]:
        """All that decides its scores but the pairs."""
        return self.modality, self.reranker, self.fields, self.top, self.runs


def reranked_about(signal: RerankedSignal) -> dict[str, Any]:
    """What it says of itself, beside the judgements that it belongs to."""
    named = {"model": signal.reranker.model, "sha256": signal.reranker.content_sha256}
    about = {"reranker": msgspec.to_builtins(signal.reranker), "top": signal.top, "runs": list(signal.runs)}
    return {"origin": {key: text for key, text in named.items() if text}, **about}


def load_reranked(stored: Stored) -> RerankedSignal:
    """The signal of a bundle. Raises BundleError with one sentence for whatever disagrees."""
    found = scored_array(stored)
    about = stored.about()
    try:
        spec = msgspec.convert(about.get("reranker"), RerankerSpec)
        top, runs = msgspec.convert([about.get("top"), about.get("runs")], tuple[int, tuple[str, ...]])
        if not (spec.model or spec.content_sha256) or top < 0:
            raise ValueError("it names no model, or a negative number of products")
    except ValueError as error:
        place = stored.file("signal.json")
        raise BundleError(f"{place} does not say which model scored its pairs ({error}); {stored.again}") from None
    seen = stored.seen(f"{stored.place}/{MODEL_FOLDER}")
    return RerankedSignal(stored.name, stored.spec.modality, found, spec, stored.spec.text_fields, top, runs, seen)


def scored_array(stored: Stored) -> np.ndarray:
    """(Q, C) scores in the layout of the judgements, so they must be of these very ones. Raises BundleError."""
    judgements = stored.judgements
    if stored.about().get("judgements") != stored.manifest.files.get("judgements.parquet"):
        raise BundleError(f"signal {stored.name} of {stored.folder} was made for other judgements; {stored.again}")
    scores = stored.array("scores.npy", judgements.rows.shape, np.float64)
    if np.isinf(scores).any() or not np.isnan(scores[~judgements.mask]).all():
        raise BundleError(
            f"{stored.file('scores.npy')} has scores that are infinite or belong to no judged pair; {stored.again}"
        )
    return scores


def reranked_coverage(signal: RerankedSignal, judgements: Judgements) -> str:
    """What of the judged pairs it scores."""
    scored = ~np.isnan(signal.scores[judgements.mask])
    share = f"{scored.mean():.1%} of the judged pairs" if len(scored) else "nothing, since nothing is judged"
    of = f", the first {signal.top:,} of {', '.join(signal.runs)}" if signal.top else ""
    return f"{signal.name} scores {share}{of}"


def model_folder(bundle: Path, signal: str) -> Path:
    """Where the files of its model lie, where no hub has it."""
    return bundle / "signals" / signal / MODEL_FOLDER
