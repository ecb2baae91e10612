"""The page's order: the checks, then one view of the details at a time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from sqid_core.analysis.checks import Check, vector_checks
from sqid_core.analysis.vector_health import vector_health
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.wording import numbered
from sqid_ui.analysis import controls
from sqid_ui.analysis.dataset import (
    catalogue_map,
    vectors,
)
from sqid_ui.analysis.dataset import (
    labels_and_scores as labels,
)
from sqid_ui.analysis.dataset import (
    picture_checks as pictures,
)
from sqid_ui.analysis.dataset import (
    suspect_list as suspects,
)
from sqid_ui.caches import jobs
from sqid_ui.caches.groups import checks
from sqid_ui.parts import notices as states
from sqid_ui.parts import show, taking
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.setting import choice, words
from sqid_ui.settings.shared import counted
from sqid_ui.shell import frame

PAGE = "dataset"
_ICONS = {
    "good": ":green[:material/check_circle:]",
    "look": ":orange[:material/visibility:]",
    "bad": ":red[:material/error:]",
    "none": ":gray[:material/remove:]",
}


def run(dataset: Dataset) -> None:
    """The whole page."""
    show.style()
    st.title("Dataset")
    views = _views(dataset)
    least = choice("least", ("0.95", "0.98", "0.99", "0.995"), "0.98")
    on_map = catalogue_map.settings(dataset) if "map" in views else ()
    own = (choice("details", tuple(views)), least, words("sort"), *on_map)
    rejected = controls.settle(dataset, PAGE, *own)
    states.rejected_parameters(rejected)
    taking.about(counted(dataset), value("gains"))
    _checks(dataset)
    if not dataset.signals:
        states.no_signals(dataset)
    draw(st.segmented_control, "details",
        "Details", list(views), format_func=lambda name: views[name][0], required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    views[value("details")][1](dataset)
    session.publish()


def _views(dataset: Dataset) -> dict[str, tuple[str, Callable[[Dataset], None]]]:
    views: dict[str, tuple[str, Callable[[Dataset], None]]] = {}
    judged = bool(dataset.judgements.lengths.any())
    if judged and dataset.can_fuse:
        views["suspects"] = ("Suspect labels", suspects.show_view)
    if judged:
        views["labels"] = ("Labels and scores", labels.show_view)
    if catalogue_map.is_offered(dataset):
        views["map"] = ("Map", catalogue_map.show_view)
    views["pictures"] = ("Pictures", pictures.show_view)
    if any(isinstance(signal, DenseSignal) for signal in dataset.signals.values()):
        views["encoder"] = ("Encoder", vectors.show_view)
    views["manifest"] = ("Manifest", _manifest)
    return views


def _checks(dataset: Dataset) -> None:
    """The verdict in a sentence, then a line a check."""
    found = checks(dataset)
    dense = [signal for signal in dataset.signals.values() if isinstance(signal, DenseSignal)]
    # One job, so that the details below need not wait for it.
    running = jobs.job(dataset, "vector health", lambda: [vector_health(signal) for signal in dense])
    if running.done():
        found = [
            *found,
            *(check for pair in zip(dense, running.result(), strict=True) for check in vector_checks(*pair)),
        ]
    odd = [check for check in found if check.state in ("look", "bad")]
    verdict = "Nothing looks wrong" if not odd else f"{len(odd)} of {numbered(len(found), 'checks')} worth a look"
    title = dataset.manifest.about.get("title") or dataset.name
    st.markdown(f"**{plain(title)}: {verdict.lower()}.** What each check found:")
    with st.container(border=True, key="checks", gap="small"):
        for check in sorted(found, key=lambda check: ("bad", "look", "good", "none").index(check.state)):
            _line(check)
    jobs.show_when_ready([running], "Reading every vector")


def _line(check: Check) -> None:
    st.markdown(f"{_ICONS[check.state]} **{plain(check.name)}** · {plain(check.text)}")


def _manifest(dataset: Dataset) -> None:
    """The manifest as it is on disk, and the signals as a table."""
    show.table("Signals", frame.signal_table(dataset.manifest), "", "signals")
    show.table("Labels and gains", frame.label_table(dataset.scale), "", "labels-and-gains")
    st.markdown("**manifest.json**")
    st.json(dataset.manifest.to_json(), expanded=1)
    show.notes(f"Fingerprint {dataset.fingerprint}. Check every file’s hash: python -m precompute verify DIR")
