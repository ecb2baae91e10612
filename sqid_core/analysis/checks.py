"""What a bundle is, and whether to trust it: counts against what is expected, a line a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..bundle.addresses import is_address, is_default_address
from ..bundle.load import Dataset
from ..bundle.shown_pictures import STATUS_TABLE, read_status_table
from ..bundle.signals import DenseSignal
from ..bundle.traffic import effective_number, traffic
from ..encoders.clip import OpenClipEncoder, Tokens
from ..encoders.parity import SAMPLE, agreement
from ..encoders.spec import Encoder
from ..evaluation import published
from ..sampling import even_sample
from ..types import Bools, Floats, Positions
from ..wording import counted, numbered
from .vector_health import VectorHealth

State = Literal["good", "look", "bad", "none"]

# More products without a vector, or pairs without a score, than this is worth a look.
_MANY = 0.1
_FEW_QUERIES = 30
_NAMED = 5
_GOOD_RECALL = 0.95
# Titles that are read for their length.
TITLES = 2_000


@dataclass(frozen=True)
class Check:
    """One line: what was checked, the finding in a sentence, and how to take it (none: it does not apply)."""

    name: str
    state: State
    text: str


def quick_checks(dataset: Dataset) -> list[Check]:
    """All that can be told from the tables and the judged pairs, in moments."""
    kinds = (_counts, _judgements, _traffic, _pictures, _signals, _indexes)
    return [check for checks in kinds for check in checks(dataset)]


def _counts(dataset: Dataset) -> Iterator[Check]:
    counts = dataset.manifest.counts
    sizes = ", ".join(numbered(counts[name], name) for name in ("products", "queries", "judgements"))
    if published.is_full_sqid(dataset.manifest):
        yield Check("Size", "good", f"{sizes}: the whole of SQID’s test set, as published.")
    elif counts["queries"] < _FEW_QUERIES:
        yield Check("Size", "look", f"{sizes}. With so few queries most differences are chance.")
    else:
        yield Check("Size", "good", f"{sizes}.")


def _judgements(dataset: Dataset) -> Iterator[Check]:
    judgements = dataset.judgements
    unjudged = int((judgements.lengths == 0).sum())
    gains = judgements.gains(dataset.scale.gains())
    undefined = int((~gains.any(axis=1) & (judgements.lengths > 0)).sum())
    flat = int(((gains.max(axis=1, initial=0) == _lowest(gains, judgements.mask)) & gains.any(axis=1)).sum())
    parts = [
        text
        for count, text in (
            (undefined, f"{counted(undefined, 'judged query has', 'judged queries have')} no gain, so no NDCG"),
            (flat, f"{counted(flat, 'has', 'have')} one gain only, so every order scores 1"),
        )
        if count
    ]
    rest = [f"{counted(unjudged, 'query is', 'queries are')} not judged"] if unjudged else []
    judged = judgements.lengths[judgements.lengths > 0]
    depth = f"{judged.mean():.1f} judged products a judged query" if len(judged) else "no judged queries"
    yield Check("Judgements", "look" if parts else "good", "; ".join([depth, *parts, *rest]) + ".")
    unused = [name for label, name in enumerate(dataset.scale.names) if not (judgements.labels == label).any()]
    if unused:
        yield Check("Labels", "look", f"No pair has the label {', '.join(unused)}.")


def _traffic(dataset: Dataset) -> Iterator[Check]:
    """Of how many judged queries a mean by traffic is worth."""
    weights = traffic(dataset.queries)
    if weights is None:
        return
    judged = weights[dataset.judgements.lengths > 0]
    effective = effective_number(judged) if judged.any() else 0.0
    state: State = "good" if effective >= _FEW_QUERIES else "look"
    text = (
        f"{counted(len(judged), 'judged query has its weight', 'judged queries have weights')}; a mean by "
        f"traffic is worth that of {effective:,.1f} queries."
    )
    yield Check("Traffic", state, f"{text} “Means” on the pages chooses.")


def _lowest(gains: Floats, mask: Bools) -> Floats:
    return np.where(mask, gains, np.inf).min(axis=1, initial=np.inf)


def _pictures(dataset: Dataset) -> Iterator[Check]:
    count = len(dataset.products)
    shown = int(dataset.products["image"].notna().sum())
    state: State = "good" if shown >= (1 - _MANY) * count else "look"
    yield Check(
        "Pictures", state, f"{count - shown:,} of {counted(count, 'product has', 'products have')} no picture to show."
    )
    shared, default = _shared_addresses(dataset)
    if default or shared > _MANY * count:
        text = (
            f"{counted(shared, 'product shares its', 'products share their')} picture’s address, "
            f"{counted(default, 'shows', 'show')} a shop’s default picture."
        )
        yield Check("Picture addresses", "look", text)
    statuses = picture_statuses(dataset)
    if statuses is not None:
        found = dict(zip(statuses["status"], statuses["products"], strict=True))
        parts = [f"{found.get(name, 0):,} {name}" for name in ("default picture", "duplicate", "unreachable", "gone")]
        parts += _broken(dataset)
        trouble = sum(found.get(name, 0) for name in ("unreachable", "gone", "not an image", "refused", "too large"))
        yield Check("Stored pictures", "look" if trouble > _MANY * count else "good", f"{', '.join(parts)}.")


def _broken(dataset: Dataset) -> Iterator[str]:
    """The products whose files are no pictures that can be read, the first by name."""
    table = read_status_table(dataset.folder / STATUS_TABLE)
    for status in ("not an image", "too large"):
        ids = table["product_id"][table["status"] == status].tolist()
        if ids:
            yield f"{len(ids):,} {status} ({', '.join(ids[:_NAMED])}{', …' if len(ids) > _NAMED else ''})"


def _shared_addresses(dataset: Dataset) -> tuple[int, int]:
    """How many products have a picture address that another has too, and one that is known to be a shop's default."""
    shown = dataset.products["image"].dropna().astype(str)
    addresses = shown[shown.map(is_address)]  # stored files are counted by their status
    return int(addresses.duplicated(keep=False).sum()), sum(map(is_default_address, addresses))


def picture_statuses(dataset: Dataset) -> pd.DataFrame | None:
    """What became of the products' pictures: status and products, the most frequent first; None where none were
    fetched."""
    if STATUS_TABLE not in dataset.manifest.files:
        return None
    found = read_status_table(dataset.folder / STATUS_TABLE)["status"].value_counts()
    return pd.DataFrame({"status": found.index.astype(str), "products": found.to_numpy()})


def _signals(dataset: Dataset) -> Iterator[Check]:
    if not dataset.signals:
        yield Check("Signals", "bad", "None: nothing can be ranked. Run python -m precompute encode.")
    for signal in dataset.signals.values():
        known = signal.knows(dataset.judgements)[dataset.judgements.mask]
        missing = float((~known).mean()) if len(known) else 0.0
        kind = dataset.kind(signal.name).made(signal)
        state: State = "good" if missing <= _MANY else "look"
        yield Check(
            f"Signal {signal.name}", state, f"{signal.modality}, {kind}; {missing:.1%} of judged pairs unscored."
        )


def _indexes(dataset: Dataset) -> Iterator[Check]:
    for name, spec in dataset.manifest.signals.items():
        if spec.index is None:
            continue
        measured = spec.index["measured"]
        if "recall@10" not in measured:
            text = "Its vectors changed since it was measured: run python -m precompute index."
            yield Check(f"Index of {name}", "look", text)
            continue
        used = "products" if "products" in measured else "queries"
        recall = float(measured.get("recall@10", float("nan")))
        loss = measured.get("ndcg loss@10")
        cost = "" if loss is None else f", costing {loss:.4f} NDCG@10"
        yield Check(
            f"Index of {name}",
            "good" if recall >= _GOOD_RECALL else "look",
            f"HNSW finds {recall:.1%} of the exact first ten{cost}, on {numbered(measured.get(used, 0), used)}.",
        )


def vector_checks(signal: DenseSignal, health: VectorHealth) -> Iterator[Check]:
    """Zero and repeated vectors of a signal."""
    if health.zero:
        yield Check(
            f"Zero vectors in {signal.name}",
            "bad",
            f"{counted(health.zero, 'product has', 'products have')} a vector without length.",
        )
    share = health.repeated / max(health.present, 1)
    largest = f"; the largest group has {len(health.groups[0]):,}" if health.groups else ""
    text = (
        f"{health.repeated:,} of {counted(health.present, 'product shares its', 'products share their')} "
        f"vector with another{largest}."
    )
    yield Check(f"Repeated vectors in {signal.name}", "good" if share <= _MANY else "look", text)


def cut_texts(encoder: Encoder, texts: Sequence[str]) -> Bools | None:
    """(n,) whether the encoder reads only a part of each text; None for a family that does not tell."""
    if not isinstance(encoder, OpenClipEncoder):
        return None
    tokens = encoder.stages("text").prepare
    if not isinstance(tokens, Tokens):
        return None
    tokenizer, context = tokens.tokenizer, int(tokens.tokenizer.context_length)
    if not len(texts):
        return np.zeros(0, bool)
    # One place more than the model has: who fills that one too would be cut. 0 is padding.
    longer = np.asarray(tokenizer([" ".join(text.split()) for text in texts], context_length=context + 1))
    return np.asarray(longer[:, context] != 0)


@dataclass(frozen=True, eq=False)
class EncoderCheck:
    """Whether an encoder is the one that made a bundle's vectors.

    cosine: what nine of ten queries reach that it encodes again. cut: rows of the titles that it reads only in part,
    None where it does not tell. looked_at: how many titles.
    """

    cosine: float
    cut: Positions | None
    looked_at: int


def encoder_check(dataset: Dataset, name: str, encoder: Encoder) -> EncoderCheck:
    """Encodes some queries again, and reads some titles for their length."""
    stored = dataset.query_vectors(name)
    texts = dataset.queries["query"].astype(str).tolist()
    rows = even_sample(len(texts), SAMPLE)
    cosine = 1.0 if stored is None else agreement(encoder, [texts[row] for row in rows], np.asarray(stored[rows]))
    products = even_sample(len(dataset.products), TITLES)
    cut = cut_texts(encoder, dataset.products["title"].iloc[products].astype(str).tolist())
    return EncoderCheck(cosine, None if cut is None else products[cut], len(products))
