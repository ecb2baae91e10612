"""The page's order: settings, the answer, then one view of the evidence at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from sqid_core.analysis.index_loss import EFS
from sqid_core.analysis.methods import CUTOFFS
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.cautions import of_runs
from sqid_core.evaluation.metrics import measure_kinds
from sqid_core.exports.engines import ENGINES
from sqid_ui.analysis import controls
from sqid_ui.analysis.evaluate import (
    approximate,
    in_an_engine,
    labels_by_rank,
    methods_table,
    missing,
    mixing,
    one_weight,
    per_query,
    rankers,
    report_file,
    tuned,
)
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.history import view as history
from sqid_ui.caches.groups import offered_groupings
from sqid_ui.parts import notices as states
from sqid_ui.parts import show, taking
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.setting import choice, flag
from sqid_ui.settings.shared import counted

PAGE = "evaluate"
_UNRANKED = {"follow": "Follows behind (re-ranking)", "not-returned": "Is not returned (retrieval)"}


@dataclass(frozen=True)
class View:
    """A view of the page: its title, what draws it, and whether it reads a fusion, and that at one weight."""

    title: str
    draw: Callable[[Asked], None]
    fuses: bool = True
    weighs: bool = True


def run(dataset: Dataset) -> None:
    """The whole page."""
    show.style()
    st.title("Evaluate")
    if not dataset.signals:
        states.no_signals(dataset)
        session.settle()
        session.publish()
        return
    views = _views(dataset)
    rejected = controls.settle(
        dataset,
        PAGE,
        choice("view", tuple(views)),
        choice("k", [str(k) for k in CUTOFFS], "10"),
        choice("relevant", dataset.scale.names, dataset.scale.relevant_names[-1]),
        choice("measure", measure_kinds()),
        choice("baseline", ("random order", *dataset.signals), _default_baseline(dataset)),
        flag("all"),
        choice("oracle", ("all queries", *offered_groupings(dataset))),
        choice("index", approximate.graphs(dataset)),
        choice("ef", [str(ef) for ef in EFS], "64"),
        choice("unranked", tuple(_UNRANKED)),
        choice("engine", tuple(ENGINES)),
        *mixing.settings(dataset),
        *tuned.settings(dataset),
        *history.settings(),
    )
    if not dataset.judgements.lengths.any():
        session.publish()
        show.no_queries()
        return
    view = views[value("view")]
    controls.fusion_controls(dataset, extra=("k", "relevant"), fuses=view.fuses, weighs=view.weighs)
    draw(
        st.segmented_control,
        "view",
        "View",
        list(views),
        format_func=lambda name: views[name].title,
        required=True,
        label_visibility="collapsed",
    )
    states.rejected_parameters(rejected)
    if of_runs(dataset):
        dataset = _read_as_asked(dataset)
    shown = counted(dataset).as_relevant(value("relevant"))
    asked = Asked(shown, controls.chosen_fusion(dataset), value("gains"), int(value("k")))
    rankings = controls.rankings(asked.fusion) if view.fuses else {}
    if view.fuses and asked.fusion is not None:
        states.learned_weights(asked.dataset)
    taking.about(asked.dataset, asked.gains, rankings, weighs=view.weighs)
    view.draw(asked)
    report_file.offer(asked)
    session.publish()


def _read_as_asked(dataset: Dataset) -> Dataset:
    """How runs that rank less than all are measured, and how much they rank."""
    draw(
        st.segmented_control,
        "unranked",
        "What a run does not rank",
        list(_UNRANKED),
        format_func=_UNRANKED.__getitem__,
        required=True,
    )
    read = dataset.as_retrieval() if value("unranked") == "not-returned" else dataset
    st.caption("  \n".join(plain(sentence) for sentence in of_runs(read).values()))
    return read


def _default_baseline(dataset: Dataset) -> str:
    text = dataset.signal("text")
    return text.name if text is not None else next(iter(dataset.signals))


def _views(dataset: Dataset) -> dict[str, View]:
    """By the name in the link. Views that need two signals, or an index, are left out without."""
    views = {"methods": View("Methods", methods_table.show_view)}
    views["rankers"] = View("Rankers", rankers.show_view, weighs=False)
    if dataset.can_fuse:
        views["weight"] = View("Weight", one_weight.show_view)
        views["per-query"] = View("Weight by query", per_query.show_view, weighs=False)
    if len(dataset.signals) > 2:
        views["mix"] = View("Several signals", mixing.show_view, fuses=False)
    if len(dataset.signals) > 1:
        title = "Pretrained against fine-tuned" if tuned.is_tuned(dataset) else "Two signals"
        views["tuned"] = View(title, tuned.show_view, fuses=False)
    views["labels"] = View("Labels by rank", labels_by_rank.show_view)
    if dataset.can_fuse:
        views["missing"] = View("Missing pictures", missing.show_view)
    if approximate.graphs(dataset):
        views["approximate"] = View("Approximate search", approximate.show_view, fuses=False)
    if dataset.can_fuse:
        views["engine"] = View("In an engine", in_an_engine.show_view)
    views["history"] = View("History", lambda asked: history.show_view(asked.dataset), fuses=False)
    return views
