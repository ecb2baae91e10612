"""NDCG of a random order, of each signal and, where both modalities are there, of their fusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from precompute.read import trec
from precompute.report import against_published
from precompute.report.evaluation import Evaluation, LabelsTold
from precompute.report.method_rows import Line, all_lines, cautions_of, default_plans, line_count
from precompute.steps.judged_by import judge_names, judged_by, named_labels
from precompute.work.progress import Counter, Progress, quiet
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.signal_weights import signals_to_weigh
from sqid_core.judging.against_people import against_people, people_words
from sqid_core.judging.label_sets import read_labels
from sqid_core.judging.relabelled import Relabelled
from sqid_core.judging.store import Store, models_among
from sqid_core.ranking.mixes import is_mix, preferring, signal_named


def evaluate(
    bundle: Path,
    gains: str | None = None,
    text: str | None = None,
    image: str | None = None,
    plans: Sequence[str] | None = None,
    measures: Sequence[str] = (),
    progress: Progress = quiet,
    retrieval: bool = False,
    by_traffic: bool = False,
    labels: str = "",
    store: Store | None = None,
    mixed: Sequence[str] = (),
    relevant: str = "",
) -> Evaluation:
    """Each figure is the mean over all judged queries, with a 95 % interval.

    gains: a table of the bundle's label scale, its first if None. text, image: the signals to fuse, the bundle's first
    if None. plans: the names of fusions (`method_rows.plans`), the default ones if None. measures: names of measures
    that are told beside NDCG. retrieval: what an imported run does not rank is not returned and has no gain, instead of
    following behind. by_traffic: each query counts by its weight. labels: the set to judge by, see `named_labels`, with
    the store where the judges' acts are. mixed: signals whose best weights are sought. relevant: the last label that
    counts as relevant, the bundle's own if "". Raises InputError for a name that the bundle does not have, or weights.
    """
    judged = _judged(load_bundle(bundle), labels, store)
    dataset = judged.dataset
    if not dataset.judgements.lengths.any():
        whose = f" by {dataset.label_set}" if dataset.label_set else ""
        raise InputError(
            f"no query of {bundle} has judged products{whose}, so there is nothing to evaluate; it can be searched"
        )
    dataset = dataset.as_retrieval() if retrieval else dataset
    dataset = dataset.as_traffic() if by_traffic else dataset
    dataset = dataset.as_relevant(relevant) if relevant else dataset
    count = "" if dataset.weights is None else "traffic" if by_traffic else "queries"
    gains = gains or dataset.scale.default_gains
    dataset.scale.gains(gains)  # refuses an unknown name before anything is computed
    chosen = _with_signals(dataset, text=text, image=image)
    if mixed:
        signals_to_weigh(chosen, mixed)
    names = default_plans() if plans is None else plans
    lines = []
    with Counter(progress, "evaluating", line_count(chosen, names, mixed), "methods") as counter:
        for line in all_lines(chosen, gains, names, measures, mixed):
            lines.append(line)
            counter.advance()
    judgements = int(dataset.judgements.lengths.sum())
    published = _compared(chosen, gains, lines)
    counts = len(dataset.queries), int((dataset.judgements.lengths > 0).sum()), judgements
    cautions = cautions_of(chosen, names)
    return Evaluation(
        dataset.name,
        gains,
        *counts,
        lines,
        published,
        measures,
        cautions,
        retrieval,
        count,
        dataset=dataset,
        labels=_told_of(judged, store),
    )


def _told_of(judged: Relabelled, store: Store | None) -> LabelsTold | None:
    if store is None or not judged.dataset.label_set:
        return None
    labels = read_labels(judged.dataset.label_set)
    words, models = labels.words(judge_names(store)), models_among(store.judges())
    if labels.judge in models:  # what a model says is shown beside how far it agrees with people
        acts = store.acts(judged.dataset.name, until=labels.version)
        words += f", {people_words(against_people(acts, labels.judge, models, judged.dataset.scale))}"
    return LabelsTold(judged.dataset.label_set, words, judged)


def _judged(dataset: Dataset, labels: str, store: Store | None) -> Relabelled:
    if store is None:
        return Relabelled(dataset)
    return judged_by(dataset, named_labels(dataset, labels, store), store)


def write_runs(folder: Path, evaluation: Evaluation) -> None:
    """The rankings that the figures are of: TREC qrels, and a run file a method. Raises InputError."""
    dataset = evaluation.dataset
    trec.write_qrels(folder, dataset, evaluation.gains)
    for line in evaluation.lines:
        if line.method.run is not None:
            trec.write_run(folder, dataset, replace(line.method.run, name=line.name))


def _with_signals(dataset: Dataset, **names: str | None) -> Dataset:
    """The data set with the named signals first of their modality. Raises InputError for one that is not there."""
    for modality, name in names.items():
        of_modality = [signal.name for signal in dataset.signals.values() if signal.modality == modality]
        if name is not None and name not in of_modality and not is_mix(name):
            known = ", ".join(of_modality) or "none"
            raise InputError(f"{dataset.folder} has no {modality} signal {name!r}; it has: {known}")
        if name is not None and is_mix(name) and signal_named(dataset, name).modality != modality:
            raise InputError(f"{name} is no mix of {modality} signals; each end of a fusion has its own modality")
    return preferring(dataset, *(name for name in names.values() if name is not None))


def _compared(dataset: Dataset, gains: str, lines: Sequence[Line]) -> list[against_published.Compared]:
    if dataset.by_traffic or dataset.label_set:
        return []
    ours = {line.name: line.ndcg for line in lines}
    fused = tuple(signal.name for signal in (dataset.signal("text"), dataset.signal("image")) if signal is not None)
    return against_published.compared(dataset.manifest, gains, ours, fused)
