"""The Compare page's settings: the table of them, and the frozen value that the page is drawn from."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.run_specs import RunSpec, default_pair, one_encoder, read_run, tidy_name, write_run
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import methods_for
from sqid_core.ranking.mixes import scaled_norm
from sqid_ui.settings.ends import join_end, mixes_any, split_end
from sqid_ui.settings.setting import Setting, choice, of, picked, words
from sqid_ui.settings.shared import HIGHEST_RRF_K, count_settings, fusion_of

PAGE = "compare"
LOSSES, WINS = "losses", "wins"
QUEUES = (LOSSES, WINS)
# The set of queries that is walked, where there is one.
SET = "set"
RUNS = ("a", "b")
FUSED = ""


@dataclass(frozen=True)
class Side:
    """A run as its widgets hold it. mixed: the fusion that they come back to where the run is one signal."""

    run: RunSpec
    mixed: RunSpec


@dataclass(frozen=True)
class CompareSettings:
    """Everything the Compare page shows follows from these and the bundle.

    queue: which differences are walked through. query_id: the query shown, "" for the first of the queue. category,
    cause: which queries of the losses or wins, "" for all.
    """

    a: RunSpec
    b: RunSpec
    gains: str
    queue: str = LOSSES
    query_id: str = ""
    category: str = ""
    cause: str = ""

    def run(self, side: str) -> RunSpec:
        """Run `a` or `b`."""
        return self.a if side == "a" else self.b


def settings_of(
    dataset: Dataset,
    queries: Container[str],
    fusion: Fusion | None = None,
    walked: bool = False,
    categories: Container[str] = (),
) -> tuple[Setting, ...]:
    """Every setting of the page; none where the bundle has not two runs.

    queries: the ids of the judged ones. fusion: the other pages', with which B begins. walked: whether there is a set,
    which then comes first. categories: that queries are about."""
    pair = default_pair(dataset)
    if pair is None:
        return ()
    begins = pair if fusion is None or pair[1].fusion is None else (pair[0], RunSpec(fusion=fusion))
    runs = (
        _run(dataset, name, side(usual), side(first)) for name, usual, first in zip(RUNS, pair, begins, strict=True)
    )
    queue = choice("queue", (SET, *QUEUES) if walked else QUEUES)
    own = of(
        PAGE,
        *runs,
        picked("query_id", queries, parameter="query", of_bundle=True),
        queue,
        picked("category", categories, of_bundle=True),
        # Which causes there are, the page knows once they are summed.
        replace(words("cause"), optional=True, split=lambda name: {"": name or None}),
    )
    return *own, choice("gains", dataset.scale.gain_names), *count_settings(dataset)


def side(run: RunSpec) -> Side:
    """A run and what its fusion's widgets hold."""
    return Side(run, RunSpec(fusion=Fusion()) if run.fusion is None else run)


def compare_settings(values: Mapping[str, Any]) -> CompareSettings:
    """What the page is drawn from. values: of its settings, by name."""
    a, b = (values[name].run for name in RUNS)
    own = {name: values[name] for name in ("gains", "queue", "query_id", "category", "cause")}
    return CompareSettings(a, b, **own)


def methods_of(dataset: Dataset, text: str, image: str) -> list[str]:
    """The fusion methods on offer for two signals."""
    return list(methods_for(one_encoder(dataset, text, image), mixes_any(text, image)))


def _run(dataset: Dataset, name: str, usual: Side, first: Side) -> Setting:
    """The setting of a run: one parameter of the link, and a widget for each part of it."""
    signals = {m: [s.name for s in dataset.signals.values() if s.modality == m] for m in ("text", "image")}

    def shortest(names: Mapping[str, Any]) -> tuple[str, str]:
        """The signals' names; none for the first of its modality, as there is one way to write a run."""
        text, image = ("" if names[m] == next(iter(signals[m]), "") else names[m] for m in ("text", "image"))
        return text, image

    def read(written: str) -> Side:
        named = read_run(written, dataset)
        text, image = shortest({"text": named.text, "image": named.image})
        spec = replace(named, text=text, image=image)
        # A run that the page's own controls could not show.
        if spec.fusion is not None and not (1 <= spec.fusion.rrf_k <= HIGHEST_RRF_K and spec.fusion.rrf_k % 1 == 0):
            raise InputError(f"the constant of reciprocal rank fusion is a whole number up to {HIGHEST_RRF_K} here")
        return side(spec)

    def split(value: Side) -> dict[str, Any]:
        mixed, fusion = value.mixed, value.mixed.fusion or Fusion()
        return {
            "run": value.run.signal or FUSED,
            "name": value.run.name,
            "method": fusion.method,
            "w": float(fusion.image_weight),
            "norm": fusion.norm,
            "missing": fusion.missing_image,
            "rrf_k": int(fusion.rrf_k),
            # A run leaves the first one out.
            **split_end(mixed.text or next(iter(signals["text"]), ""), signals["text"], "text"),
            **split_end(mixed.image or next(iter(signals["image"]), ""), signals["image"], "image"),
        }

    def join(parts: Mapping[str, Any]) -> Side:
        given = tidy_name(parts["name"])
        ends = {modality: join_end(parts, names, prefix=modality) for modality, names in signals.items()}
        text, image = shortest(ends)
        method = parts["method"] if parts["method"] in methods_of(dataset, *ends.values()) else Fusion.method
        norm = scaled_norm(method, parts["norm"], *ends.values())
        fusion = fusion_of({**parts, "method": method, "norm": norm})
        mixed = RunSpec(fusion=fusion, text=text, image=image, name=given)
        return Side(mixed if parts["run"] == FUSED else RunSpec(signal=parts["run"], name=given), mixed)

    def write(value: Side) -> str:
        return write_run(value.run)

    return Setting(name, usual, read, write, first=first, split=split, join=join)
