"""The kinds of signals: how each is read from a bundle, checked, and told to people. One table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BundleError
from ..indexes.milvus_collection import MILVUS_TYPES
from ..types import Vectors
from ..wording import numbered
from .adapted_signal import ADAPTED, adapted_made, fine_tuned_coverage, load_adapted
from .content import CONTENT, WIDTH
from .judgements import Judgements
from .learned_signal import LEARNED, learned_coverage, load_learned, seen_words
from .lexical import LEXICAL, lexical_coverage, load_lexical
from .manifest import Manifest, SignalSpec
from .reranked import RERANKED, load_reranked, reranked_coverage, scored_array
from .signals import DENSE, SCORED, DenseSignal, ScoredSignal, Signal
from .stored import Stored
from .stored_slates import read_slates
from .tuned_signal import TUNED, load_tuned, tuned_made


@dataclass(frozen=True)
class SignalKind:
    """A kind of signal.

    load: reads one, BundleError where it does not fit its bundle. searches: whether it can rank the whole catalogue;
    else judged products only. of_judgements: whether it belongs to the judgements that the bundle holds, and goes with
    them. label, about: for people; `{modality}` and `{lacking}` (such as `a picture`) stand for the signal's own. made,
    coverage: what it is and what of the judged products it knows, of one signal. verb: what makes one. without_encoder:
    what stands in a table in place of its encoder.
    """

    name: str
    label: str
    about: str
    load: Callable[[Stored], Signal]
    made: Callable[[Any], str]
    coverage: Callable[[Any, Judgements], str]
    searches: bool = False
    of_judgements: bool = False
    verb: str = "encode"
    without_encoder: str = ""

    def said(self, text: str, signal: Signal) -> str:
        """`label` or `about` of a signal."""
        lacking = {"text": "a text", "image": "a picture"}[signal.modality]
        return text.format(modality=signal.modality, lacking=lacking)


def _dense(stored: Stored) -> DenseSignal:
    spec, manifest = stored.spec, stored.manifest
    if spec.encoder not in manifest.encoders:
        raise BundleError(
            f"signal {stored.name} of {stored.folder} names the encoder {spec.encoder!r}, which the bundle lacks"
        )
    encoder = manifest.encoders[spec.encoder]
    if stored.about().get("encoder") != encoder.to_json():
        raise BundleError(
            f"{stored.folder / stored.place} holds vectors of another encoder than {spec.encoder}; "
            "run python -m precompute encode again"
        )
    present = stored.array("present.npy", (stored.products,), np.bool_)
    products = stored.vectors("products.npy", encoder.dim, present, stay=stored.spec.index_kind in MILVUS_TYPES)
    content = stored.array(CONTENT, (stored.products, WIDTH), np.uint8) if stored.names(CONTENT) else None
    queries, seen = stored.query_vectors[spec.encoder], stored.seen(f"encoders/{spec.encoder}")
    slates = read_slates(stored, present)
    return DenseSignal(stored.name, spec.modality, spec.encoder, products, present, queries, content, seen, slates)


def _dense_coverage(signal: DenseSignal, judgements: Judgements) -> str:
    judged = np.unique(judgements.rows[judgements.mask])
    if not len(judged):
        return f"{signal.name} has {int(signal.present.sum()):,} of {numbered(len(signal.present), 'products')}"
    return f"{signal.name} has {signal.present[judged].mean():.1%} of the judged products"


def _scored(stored: Stored) -> ScoredSignal:
    """A run file's scores."""
    return ScoredSignal(stored.name, stored.spec.modality, scored_array(stored))


def _scored_coverage(signal: ScoredSignal, judgements: Judgements) -> str:
    ranked = ~np.isnan(signal.scores[judgements.mask])
    if not len(ranked):
        return f"{signal.name} ranks nothing, since nothing is judged"
    return f"{signal.name} ranks {ranked.mean():.1%} of the judged pairs"


def _made_when_asked(stored: Stored) -> Signal:
    raise BundleError(f"signal {stored.name} of {stored.folder} is a mix, which no bundle holds; build it again")


def _mix_coverage(signal: Any, judgements: Judgements) -> str:
    known = signal.knows(judgements)[judgements.mask]
    return f"{signal.name} knows {known.mean() if len(known) else 0:.1%} of the judged pairs"


# Of signals that are made of others when they are asked for, and so are in no bundle.
MIX = SignalKind(
    "mix",
    "mix",
    "Signals mixed by fixed weights, each put on one scale first. Products that lack all of them come last.",
    _made_when_asked,
    lambda signal: f"a mix of {len(signal.parts)} signals",
    _mix_coverage,
    searches=True,
)


SIGNAL_KINDS: dict[str, SignalKind] = {
    kind.name: kind
    for kind in (
        SignalKind(
            DENSE,
            "{modality} signal",
            "Ranks by the cosine of query and {modality}, nothing mixed in. Products without {lacking} come last.",
            _dense,
            lambda signal: f"{signal.products.shape[1]}-dimensional vectors{seen_words(signal)}",
            _dense_coverage,
            searches=True,
        ),
        SignalKind(
            SCORED,
            "run file",
            "An imported ranking, by its own scores. Products that it does not rank come last.",
            _scored,
            lambda _: "an imported run",
            _scored_coverage,
            of_judgements=True,
            verb="run-file",
            without_encoder="imported run",
        ),
        SignalKind(
            LEXICAL,
            "words (BM25)",
            "Ranks by the words that query and product share, rare ones first. Products without {lacking} come last.",
            load_lexical,
            lambda signal: f"BM25 over {numbered(len(signal.index.words), 'words')}",
            lexical_coverage,
            searches=True,
            verb="lexical",
            without_encoder="words, BM25",
        ),
        SignalKind(
            RERANKED,
            "cross-encoder",
            "A model read the query and each product's text together. Products that it did not read come last.",
            load_reranked,
            lambda signal: f"scores of the cross-encoder {signal.reranker.said}{seen_words(signal)}",
            reranked_coverage,
            of_judgements=True,
            verb="rerank",
            without_encoder="cross-encoder",
        ),
        SignalKind(
            LEARNED,
            "learned ranker",
            "A model that learned from the labels of other queries: out-of-fold, each query is scored by one that was "
            "fitted without it. A weight over its scores is in-sample.",
            load_learned,
            lambda signal: f"{signal.origin.learner}, learned in {signal.folds.max() + 1} folds of the queries",
            learned_coverage,
            of_judgements=True,
            verb="learn",
            without_encoder="learned ranker",
        ),
        SignalKind(
            ADAPTED,
            "{modality} signal, fine-tuned",
            "Ranks by the cosine of {modality} and the query, whose vector was turned towards the labels of others. "
            "Products without {lacking} come last.",
            load_adapted,
            adapted_made,
            fine_tuned_coverage,
            searches=True,
            of_judgements=True,
            verb="finetune",
        ),
        SignalKind(
            TUNED,
            "fine-tuned model",
            "Scores of models that were fine-tuned on the labels of other queries: each query by one that did not see "
            "it. Products without {lacking} come last.",
            load_tuned,
            tuned_made,
            fine_tuned_coverage,
            of_judgements=True,
            verb="finetune",
            without_encoder="fine-tuned model",
        ),
    )
}


def kind_of(name: str, spec: SignalSpec) -> SignalKind:
    """The kind of a signal. Raises BundleError for one that this program does not know."""
    if spec.kind not in SIGNAL_KINDS:
        raise BundleError(
            f"signal {name} is of the unknown kind {spec.kind!r}; this program knows {', '.join(SIGNAL_KINDS)}"
        )
    return SIGNAL_KINDS[spec.kind]


def load_signals(
    folder: Path,
    manifest: Manifest,
    judgements: Judgements,
    query_vectors: Mapping[str, Vectors],
    products: int,
    queries: Sequence[str],
) -> dict[str, Signal]:
    """All signals of a bundle, in its order. query_vectors: (Q, D) by encoder. products: how many there are. queries:
    (Q,) texts.

    Raises BundleError for one that does not fit.
    """
    found: dict[str, Signal] = {}
    # What is made of another signal comes after it.
    for name in sorted(manifest.signals, key=lambda name: bool(manifest.signals[name].of)):
        kind = kind_of(name, manifest.signals[name])
        stored = Stored(folder, name, manifest, judgements, query_vectors, products, kind.verb, found, queries)
        found[name] = kind.load(stored)
    return {name: found[name] for name in manifest.signals}
