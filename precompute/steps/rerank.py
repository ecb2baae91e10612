"""Judged pairs scored by a cross-encoder: adds a signal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from precompute.update.pair_scores import write_reranked
from precompute.update.wanted import product_texts
from precompute.work.costs import Stopwatch, keep_cost
from precompute.work.names import check_signal_name
from precompute.work.progress import Progress, quiet, tell
from precompute.work.shards import Shards, encode_in_shards, fill, work_folder
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.reranked import RerankedSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.cross_encoder import CrossEncoder, open_cross_encoder
from sqid_core.encoders.devices import chosen_device, out_of_memory_as_input_error
from sqid_core.encoders.model_files import model_files
from sqid_core.errors import InputError
from sqid_core.ranking.mixes import signal_named
from sqid_core.ranking.ranks import order
from sqid_core.types import Bools, Modality, Vectors
from sqid_core.wording import numbered

_STEP = ("scoring", "scored")
# Pairs in a shard: a second of work on a GPU, ten on a CPU.
_ROWS = 512


@dataclass(frozen=True)
class Reranked:
    """How many pairs were scored, of how many judged ones. written: False where there was nothing to do."""

    scored: int
    judged: int
    written: bool


def rerank(
    bundle: Path,
    signal: str,
    model: str,
    runs: Sequence[str] = (),
    top: int | None = None,
    fields: Sequence[str] = ("title",),
    modality: Modality = "text",
    device: str = "auto",
    batch_size: int | None = None,
    progress: Progress = quiet,
    again: bool = False,
) -> Reranked:
    """Scores judged pairs with a cross-encoder and adds what it says as a signal; one that a cross-encoder made is made
    anew. runs, top: only the first `top` judged products of each query by each of these signals, or mixes, are scored.

    Works in shards inside the bundle: after an interruption the same call goes on, and where all is scored already
    nothing is done, unless `again`. Raises InputError and EncoderError.
    """
    check_signal_name(signal)
    if bool(runs) != (top is not None):
        raise InputError("--runs and --top belong together: the first --top products of each of --runs are scored")
    dataset = load_bundle(bundle)
    _check_name(dataset, signal)
    if not dataset.judgements.mask.any():
        raise InputError(f"{bundle} has no judged pairs to score; a cross-encoder scores pairs and cannot search")
    texts = product_texts(dataset, fields)
    chosen = _chosen(dataset, runs, top)
    found = chosen_device(device)
    encoder = open_cross_encoder(model, found.name, found.precision)
    encoder.batch_size = batch_size or found.batch
    scored, judged = int(chosen.sum()), int(dataset.judgements.mask.sum())
    tell(progress, _STEP[0], f"{encoder.spec.said} on {found.text}: {scored:,} of {numbered(judged, 'judged pairs')}")
    pairs = _pairs(dataset, chosen, texts)
    identity = [encoder.spec.said, encoder.spec.content_sha256, found.precision, encoder.batch_size, _digest(pairs)]
    out_of_memory = out_of_memory_as_input_error(found, encoder.batch_size)
    with work_folder(bundle, identity, ".rerank", "scoring the same pairs") as folder, out_of_memory:
        asked = RerankedSignal(
            signal, modality, np.empty(0), encoder.spec, tuple(fields), top or 0, tuple(dict.fromkeys(runs))
        )
        if not again and _is_there(dataset, asked, chosen):
            tell(progress, _STEP[0], f"{bundle} has the signal {signal} by this model already; nothing to do")
            return Reranked(scored, judged, written=False)
        scores, watch = np.full(dataset.judgements.rows.shape, np.nan), Stopwatch()
        scores[chosen] = _scored(folder, encoder, pairs, watch, progress)
        scores.flags.writeable = False
        with BundleWriter(bundle) as writer:
            write_reranked(writer, replace(asked, scores=scores), _own_files(model))
    keep_cost(bundle, f"signals/{signal}", watch.of(scored / max(int(chosen.any(axis=1).sum()), 1)))
    return Reranked(scored, judged, written=True)


def _is_there(dataset: Dataset, asked: RerankedSignal, chosen: Bools) -> bool:
    """Whether the bundle has these pairs' scores by this model: what it read, and whose judgements, is checked when a
    bundle is loaded and when its tables change."""
    there = dataset.signals.get(asked.name)
    if not isinstance(there, RerankedSignal) or not np.array_equal(np.isfinite(there.scores), chosen):
        return False
    return there.said_of == asked.said_of


def _chosen(dataset: Dataset, runs: Sequence[str], top: int | None) -> Bools:
    """(Q, C) which judged pairs are scored. Raises InputError for a run that is not there."""
    judgements = dataset.judgements
    if top is None:
        return judgements.mask
    chosen = np.zeros(judgements.mask.shape, dtype=bool)
    for name in dict.fromkeys(runs):
        scores = signal_named(dataset, name).slate_scores(judgements)
        ranked = order(np.where(np.isnan(scores), -np.inf, scores))[:, :top]
        first = np.zeros_like(chosen)
        np.put_along_axis(first, ranked, True, axis=1)
        chosen |= first & np.isfinite(scores)
    return chosen


def _pairs(dataset: Dataset, chosen: Bools, texts: Sequence[str]) -> list[tuple[str, str]]:
    """The query and the product's text of each chosen pair, query by query."""
    queries, slots = np.nonzero(chosen)
    rows = dataset.judgements.rows[queries, slots]
    asked = dataset.queries["query"].tolist()
    return [(asked[query], texts[row]) for query, row in zip(queries.tolist(), rows.tolist(), strict=True)]


def _scored(
    folder: Path, encoder: CrossEncoder, pairs: Sequence[tuple[str, str]], watch: Stopwatch, progress: Progress
) -> Vectors:
    """(n,) in single precision, as models give them."""

    def scores(batches: Iterable[Sequence[tuple[str, str]]]) -> Iterator[Vectors]:
        for batch in batches:
            with watch.over(len(batch)):
                found = encoder.scores(batch).astype(np.float32)[:, None]
            yield found

    # A batch of the model holds pairs of one length: they are best sorted by the library, a shard at a time.
    shards = Shards(folder, 1, _ROWS, _ROWS)
    encode_in_shards(shards, pairs, scores, "pairs", progress, _STEP)
    return fill(np.zeros((len(pairs), 1), np.float32), np.arange(len(pairs)), shards)[:, 0]


def _digest(pairs: Sequence[tuple[str, str]]) -> str:
    whole = hashlib.sha256()
    for query, text in pairs:
        whole.update(f"{len(query)} {query}{len(text)} {text}".encode())
    return whole.hexdigest()


def _own_files(model: str) -> dict[str, Path]:
    """The files of a model in a folder, which no hub has, by their names in it."""
    folder = Path(model)
    return {path.relative_to(folder).as_posix(): path for path in model_files(folder)} if folder.is_dir() else {}


def _check_name(dataset: Dataset, name: str) -> None:
    """What a cross-encoder said may replace such a signal, and nothing else."""
    there = dataset.signals.get(name)
    if there is not None and not isinstance(there, RerankedSignal):
        raise InputError(
            f"{dataset.folder} has a signal {name} of another kind already ({dataset.kind(name).made(there)}); give "
            "this one another --signal name"
        )
