"""How far methods are from a baseline, and which differences so many queries would show."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.methods import Method
from sqid_core.evaluation.metrics import measure_label
from sqid_core.evaluation.verdicts import LEAST_QUERIES
from sqid_ui.analysis.evaluate.asked import Asked, measured
from sqid_ui.analysis.verdict_words import EFFECTIVE
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain


def show_differences(asked: Asked, baseline: Method, frame: pd.DataFrame, measure: str) -> None:
    """How far each method is from the baseline, and how sure that is."""
    title = measure_label(measure)
    show.table(
        f"Difference in {title} to {plain(baseline.name)}, query by query",
        frame.replace({"detectable": np.inf}, np.nan),
        show.Basis(
            f"{measured(asked, measure)}, gains **{plain(asked.gains)}**. A “best weight” is **in-sample** and has no "
            "p, nor has anything beside a random order. p: paired randomisation test, two-sided; Holm corrects for all "
            "rows with a p but those that “All fusion methods” adds, and those for all. The sentence at the top asks "
            "something else and is corrected for that: whether the cross-validated fusion beats the best of the "
            "signals, so for its comparison with each of them. Detectable: the smallest true "
            "difference that this test, after Holm, finds in 80 % of such samples of queries; none where so few differ "
            f"that it finds nothing. No interval where some queries are equal and fewer than {LEAST_QUERIES} differ. "
            f"{show.counting(asked.dataset, baseline.values(measure))} {show.reach(asked.dataset)}".strip(),
            show.defined(baseline.values(measure)),
        ),
        "differences",
        show.columns_of({"difference": f"Δ {title}", "low": "95 % from", "high": "to", "effect": "Effect size d"})
        | show.columns_of({"p": "p", "p Holm": "p (Holm)", "detectable": "Detectable Δ"})
        | {
            "method": st.column_config.TextColumn("Method", width="medium"),
            "wins": st.column_config.NumberColumn(
                "Better", format="localized", help="Queries on which the method beats the baseline."
            ),
            "ties": st.column_config.NumberColumn("Equal", format="localized"),
            "losses": st.column_config.NumberColumn("Worse", format="localized"),
            "n": st.column_config.NumberColumn("Queries", format="localized"),
            "effective": st.column_config.NumberColumn("Effective", format="%.1f", help=EFFECTIVE),
        },
    )


def show_power(
    asked: Asked, methods: Sequence[Method], keys: Sequence[Hashable], baseline: Method, measure: str
) -> None:
    """How often a test on such queries finds a difference, by how large it truly is. methods: those that always stand
    there; keys: what they are."""
    tested = [place for place, method in enumerate(methods) if method.tested and method is not baseline]
    if not tested or not baseline.tested or asked.dataset.labels_chosen:
        return
    # The cross-validated one is what the page is about; with one signal, the other signal.
    place = next((place for place in tested if methods[place].repeats), tested[0])
    other, family = methods[place], len(tested)
    differences = other.values(measure) - baseline.values(measure)
    frame = resources.power(asked.dataset, (keys[place], baseline.name, measure), differences, family)
    if frame["alone"].isna().any():
        return
    from sqid_core.figures.power import power_figure

    title = measure_label(measure)
    show.figure(
        f"Which differences in {title} these queries would show",
        power_figure(frame, family, show.look(), f"true mean difference in {title}"),
        show.Basis(
            f"{measured(asked, measure)}, gains **{plain(asked.gains)}**. How often the paired randomisation test "
            f"finds a true difference, simulated on queries that vary as {plain(other.name)} against "
            f"{plain(baseline.name)} does: alone, and where Holm corrects for {family:,} comparisons. "
            f"{show.counting(asked.dataset, differences)}".strip(),
            show.defined(differences),
        ),
        frame,
        "power",
        show.columns_of({"difference": f"True Δ {title}", "alone": "Power", "corrected": "Power (Holm)"}),
    )
