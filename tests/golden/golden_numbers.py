"""Every number that the project takes from a bundle, under a name: for a comparison before and after a change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import golden_names as n
import numpy as np
import numpy.typing as npt
import pandas as pd

ROOT = Path(__file__).parents[2]
WEIGHTS = (0.0, 0.25, 0.5, 0.62, 1.0)
SEARCHES, FIRST = 20, 20
_PRESSED = ("red", "gift for a child", "kitchen", "running shoes", "usb c cable 2 m", "not a lamp", "blue ceramic mug")
_FUSED_PLANS = "weighted,weighted-ranks,rrf,z-score,min-max,max"

Numbers = Iterator[tuple[str, Any]]


def numbers(folder: Path, encoders: bool = True, commands: bool = True) -> Numbers:
    """(name, array, frame or text) of all that a bundle gives. encoders: also searches for typed texts, which takes the
    bundle's models. commands: also what `evaluate` prints and writes."""
    dataset = n.load_bundle(folder)
    yield from _stored(dataset)
    yield from _per_query(dataset)
    yield from _curves(dataset)
    yield from _tables(dataset)
    yield from _groups(dataset)
    yield from _swaps(dataset)
    yield from _queries(dataset)
    yield from _searches(dataset, encoders)
    if commands:
        yield from _command(dataset, folder)


def fusions(dataset: n.Dataset) -> Iterator[n.Fusion]:
    """Every method with every norm that it reads and every stand-in for a missing picture, at the default weight."""
    for missing in n.MISSING_IMAGE:
        for norm in n.NORMS:
            yield n.Fusion("weighted scores", norm=norm, missing_image=missing)
            if norm != "none":
                yield n.Fusion("max", norm=norm, missing_image=missing)
        yield n.Fusion("weighted ranks", missing_image=missing)
        yield n.Fusion("rrf", missing_image=missing)
    yield n.Fusion("rrf", rrf_k=10)
    if one_space(dataset):
        yield n.Fusion("embedding average")


def one_space(dataset: n.Dataset) -> bool:
    """Whether text and image vectors can be averaged."""
    text, image = dataset.signal("text"), dataset.signal("image")
    dense = isinstance(text, n.DenseSignal) and isinstance(image, n.DenseSignal)
    return dense and text.encoder == image.encoder


def at(fusion: n.Fusion, weight: float) -> n.Fusion:
    return n.Fusion(fusion.method, weight, fusion.norm, fusion.missing_image, fusion.rrf_k)


def said(fusion: n.Fusion) -> str:
    return f"{fusion.method}, {fusion.norm}, {fusion.missing_image}, {fusion.rrf_k:g}"


# --- what is stored ---


def _stored(dataset: n.Dataset) -> Numbers:
    judgements = dataset.judgements
    yield "judgements/rows", np.asarray(judgements.rows)
    yield "judgements/labels", np.asarray(judgements.labels)
    yield "products", dataset.products[["product_id", "title"]]
    for name, signal in dataset.signals.items():
        yield f"signal/{name}", signal.slate_scores(judgements)
        if isinstance(signal, n.DenseSignal):
            health = n.vector_health(signal)
            yield f"signal/{name}/health", json.dumps(vars(health), default=_plain, sort_keys=True)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


# --- runs ---


def _report(dataset: n.Dataset, run: n.Run, gains: str) -> npt.NDArray[np.float64]:
    """(M, Q) every measure of every query."""
    measured = tuple(dict.fromkeys(name for k in (5, 10) for name in _measured(k)))
    frame = n.evaluate(dataset, run, gains, measured).per_query
    return np.stack([frame[name].to_numpy() for name in measured])


def _per_query(dataset: n.Dataset) -> Numbers:
    for gains in dataset.scale.gain_names:
        for name in dataset.signals:
            yield f"per query/{gains}/{name}", _report(dataset, n.signal_run(dataset, name), gains)
    if not dataset.can_fuse:
        return
    for fusion in fusions(dataset):
        for weight in WEIGHTS:
            run = n.fusion_run(dataset, at(fusion, weight))
            yield f"order/{said(fusion)}/{weight}", np.where(dataset.judgements.mask, run.order, -1)
            yield f"per query/{said(fusion)}/{weight}", _report(dataset, run, dataset.scale.default_gains)


def _curves(dataset: n.Dataset) -> Numbers:
    if not dataset.can_fuse:
        return
    folds = n.query_folds(dataset)
    yield "folds", folds
    for fusion in fusions(dataset):
        curves = n.dataset_curves(dataset, fusion)
        mean, place = curves.mean(), f"curve/{said(fusion)}"
        yield f"{place}/starts", curves.starts
        yield f"{place}/values", curves.values
        yield f"{place}/ends", np.concatenate([curves.offsets, curves.at_zero, curves.at_one])
        yield f"{place}/mean", np.concatenate([mean.starts, mean.values, [mean.at_zero, mean.at_one, mean.n]])
        yield f"{place}/best", np.array([mean.best.low, mean.best.high, mean.best.value, mean.best.weight])
        yield f"{place}/cross-validated", np.stack(n.cross_validated(curves, folds))


def _measured(k: int) -> tuple[str, ...]:
    """The measures that were there when the numbers were recorded."""
    return tuple(name for name in n.measures(k) if name != "ap")


def _tables(dataset: n.Dataset) -> Numbers:
    gains, measured = dataset.scale.default_gains, _measured(10)
    found = [n.random_method(dataset, gains, measured)]
    found += [n.signal_method(dataset, name, gains, measured) for name in dataset.signals]
    if dataset.can_fuse:
        for fusion in (
            n.Fusion(image_weight=0.3),
            n.Fusion(norm="z-score"),
            n.Fusion("rrf"),
            n.Fusion("weighted ranks"),
        ):
            curves = n.dataset_curves(dataset, fusion, gains)
            found.append(n.chosen_method(dataset, fusion, gains, measured))
            found += n.tuned_methods(dataset, fusion, curves, gains, measured)
    yield "methods/means", n.means_table(found, measured)
    for measure in measured[:2]:
        yield f"methods/differences in {measure}", n.differences_table(found, 1, measure)


# --- questions over all queries ---


def _groups(dataset: n.Dataset) -> Numbers:
    runs = {modality: values for modality, values in n.single_ndcgs(dataset).items() if values is not None}
    compare = None
    if dataset.can_fuse:
        runs["fused"] = (
            n.evaluate(dataset, n.fusion_run(dataset, n.Fusion(image_weight=0.4))).per_query["ndcg"].to_numpy()
        )
        compare = ("text", "fused")
        grid = n.sampled(n.dataset_curves(dataset, n.Fusion()))
    offered = n.offered(dataset)
    for name in offered:
        groups = n.groups_of(dataset, name)
        if not groups.names:
            continue
        yield f"breakdown/{name}", n.breakdown(groups, runs, compare)
        if dataset.can_fuse:
            yield f"breakdown/{name}/weights", n.group_weights(groups, grid)
            yield f"breakdown/{name}/crossed", n.crossed(groups, n.groups_of(dataset, offered[0]), runs["fused"])
    yield "difficulties", pd.DataFrame({"difficulty": n.difficulties(n.single_ndcgs(dataset), n.random_ndcg(dataset))})


def _queries(dataset: n.Dataset) -> Numbers:
    for name in dataset.signals:
        ranks = n.label_ranks(dataset, n.signal_run(dataset, name))
        yield f"labels by rank/{name}", n.label_rank_frame(ranks, dataset.scale.names)
    if not dataset.can_fuse:
        return
    curves, folds = n.dataset_curves(dataset, n.Fusion()), n.query_folds(dataset)
    runs = {**n.single_ndcgs(dataset), "fused": curves.at(np.full(len(curves), 0.5))}
    table = n.query_table(dataset, runs, curves)
    yield "queries", table
    for name in n.PRESETS:
        if set(n.PRESETS[name].needs) <= set(table):
            yield f"queries/{name}", n.preset_rows(table, name)
    yield "suspects", n.suspect_labels(dataset)
    yield "oracle", n.headroom(curves).gain
    chosen = n.adaptive(curves, n.sampled(curves), folds, n.query_features(dataset))
    yield "adaptive", np.stack([chosen.values, chosen.weights])
    image = dataset.dense_signal("image")
    if image is not None:
        near = n.near_duplicates(image)
        yield "near duplicates", np.stack([near.rows, near.nearest]).astype(np.int64)
        yield "near duplicates/cosines", near.cosines


def _swaps(dataset: n.Dataset) -> Numbers:
    if not dataset.can_fuse:
        return
    text = dataset.signal("text")
    runs = n.signal_run(dataset, text.name), n.fusion_run(dataset, n.Fusion(image_weight=0.4, norm="z-score"))
    values = [n.evaluate(dataset, run).per_query["ndcg"].to_numpy() for run in runs]
    judgements = dataset.judgements
    found = n.run_comparison(*values, judgements.lengths > 0)
    yield "comparison", np.concatenate([found.losses, found.wins, [found.mean_a, found.mean_b, *found.interval]])
    gains, sums = judgements.gains(dataset.scale.gains()), []
    for query in np.flatnonzero(judgements.lengths):
        length = judgements.lengths[query]
        orders = [run.order[query][:length].astype(np.int64) for run in runs]
        swaps = n.slate_swaps(*orders, gains[query][:length])
        sums.append([len(swaps), swaps.contribution.sum(), swaps.difference, swaps.equal_gains])
    yield "swaps", np.array(sums)


# --- searching the catalogue ---


def _searches(dataset: n.Dataset, encoders: bool) -> Numbers:
    dense = [signal for name in ("text", "image") if (signal := dataset.dense_signal(name)) is not None]
    for query in np.linspace(0, len(dataset.queries) - 1, SEARCHES).astype(int):
        vectors = {signal.encoder: signal.queries[query] for signal in dense}
        yield from _search(dataset, f"search/stored {query}", vectors)
    if not encoders:
        return
    models = {
        signal.encoder: n.load_encoder(
            dataset.manifest.encoders[signal.encoder], dataset.folder / "encoders" / signal.encoder
        )
        for signal in dense
        if (dataset.folder / "encoders" / signal.encoder / "encoder.json").is_file()
        and dataset.manifest.encoders[signal.encoder].model != "drawn by lot"
    }
    for text in _PRESSED:
        yield from _search(dataset, f"search/{text}", {name: m.encode_texts([text])[0] for name, m in models.items()})


def _search(dataset: n.Dataset, name: str, vectors: dict[str, Any]) -> Numbers:
    for fusion in (n.Fusion(image_weight=0.4), n.Fusion("rrf", norm="none"), n.Fusion("max", norm="z-score")):
        found = n.catalogue_candidates(dataset, vectors, fusion)
        for modality in ("text", "image"):
            if getattr(found, modality) is not None and fusion.method == "rrf":
                alone = n.signal_ranking(found, modality, FIRST)
                yield f"{name}/{modality}/products", dataset.products[["product_id"]].iloc[alone.rows]
                yield f"{name}/{modality}/scores", alone.scores
        if found.columns is not None:
            first = n.fused_ranking(found, fusion, FIRST)
            yield f"{name}/{fusion.method}/products", dataset.products[["product_id"]].iloc[first.rows]
            yield f"{name}/{fusion.method}/scores", first.scores


# --- what the command says ---


def _command(dataset: n.Dataset, folder: Path) -> Numbers:
    fused = _FUSED_PLANS + (",embedding-average" if one_space(dataset) else "") if dataset.can_fuse else "none"
    for gains in dataset.scale.gain_names:
        with tempfile.TemporaryDirectory() as runs:
            words = ["evaluate", str(folder), "--json", "--gains", gains, "--fusion", fused, "--run-dir", runs]
            yield f"evaluate/{gains}", json.dumps(json.loads(_printed(words)), sort_keys=True)
            if gains == dataset.scale.default_gains:
                for path in sorted(Path(runs).iterdir()):
                    yield f"evaluate/{gains}/{path.name}", path.read_text(encoding="utf-8")
    words = ["evaluate", str(folder)]
    yield "evaluate/table", _printed(words)


def _printed(words: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "precompute", *words],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
