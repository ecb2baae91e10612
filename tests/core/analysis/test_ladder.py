"""The ladder: what stands below what, and what is claimed of a step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ranker_sets import drawn_set

from sqid_core.analysis import ladder
from sqid_core.analysis.ladder import Rung, below, ladder_table, signal_rung
from sqid_core.analysis.methods import Method, random_method, signal_method
from sqid_core.bundle.learned_signal import LearnedFrom, LearnedSignal
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.significance import holm
from sqid_core.evaluation.validation import IN_SAMPLE, OUT_OF_FOLD
from sqid_core.learning.presence import presence_method

MEASURED = ("ndcg",)


@pytest.fixture(scope="module")
def rungs() -> list[Rung]:
    drawn = drawn_set(3, knows=(1.5, 0.5))
    folds = np.zeros(len(drawn.queries), np.int8)
    scores = np.nan_to_num(drawn.signals["text"].slate_scores(drawn.judgements)) * 2
    learned = LearnedSignal("learned", "text", scores, folds, LearnedFrom("linear"))
    dataset = replace(drawn, signals={**drawn.signals, "learned": learned})
    alone = [signal_rung(each, signal_method(dataset, name, None, MEASURED)) for name, each in dataset.signals.items()]
    presence = presence_method(dataset, None, MEASURED)
    assert presence is not None
    weight = replace(signal_method(dataset, "image", None, MEASURED))
    weight = replace(weight, report=replace(weight.report, run="weighed"))
    return [
        *alone,
        Rung(ladder.WEIGHT, weight, ("text", "image")),
        Rung(ladder.PRESENCE, presence),
        Rung(ladder.RANDOM, random_method(dataset, None, MEASURED)),
    ]


def by_name(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("method")


def test_each_step_is_against_what_is_below(rungs: list[Rung]) -> None:
    table = by_name(ladder_table(rungs))
    assert table["step"].tolist() == ["random order", "presence", *["signal alone"] * 4, "one weight", "learned"]
    against = table["against"].to_dict()
    assert table["against"].isna().tolist() == [True, *[False] * 7]
    assert (against["presence"], against["text"]) == ("random order", "presence")
    assert against["weighed"] == "text", "the better of its two"
    assert against["learned"] == "weighed"
    assert table.loc["learned", "validation"] == table.loc["presence", "validation"] == OUT_OF_FOLD


def test_differences_are_paired_and_corrected_over_all_steps(rungs: list[Rung]) -> None:
    table = by_name(ladder_table(rungs))
    reports = {rung.method.name: rung.method.report for rung in rungs}
    one = compare(reports["presence"], reports["text"])
    row = table.loc["text"]
    assert row["difference"] == pytest.approx(one.difference)
    assert (row["difference low"], row["difference high"]) == pytest.approx(one.interval)
    assert row["p"] == one.p
    assert (row["wins"], row["ties"], row["losses"]) == (one.outcomes.wins, one.outcomes.ties, one.outcomes.losses)
    np.testing.assert_array_equal(table["p Holm"], holm(table["p"].to_numpy()))
    assert table["p"].isna().tolist() == [True, True, *[False] * 6]
    assert np.isfinite(table.loc["presence", "difference low"])


def test_what_is_in_sample_and_what_stands_on_it_claims_nothing(rungs: list[Rung]) -> None:
    def seen(rung: Rung) -> Rung:
        method = rung.method
        return replace(rung, method=replace(method, validation=IN_SAMPLE)) if rung.step == ladder.WEIGHT else rung

    table = by_name(ladder_table([seen(rung) for rung in rungs]))
    claims = table.loc[["weighed", "learned"], ["p", "p Holm", "difference low", "difference high"]]
    assert claims.isna().all(axis=None)
    assert np.isfinite(table.loc["text", "p"])


def test_under_chosen_labels_nothing_is_claimed(rungs: list[Rung]) -> None:
    def chosen(method: Method) -> Method:
        return replace(method, report=replace(method.report, chosen=True))

    table = ladder_table([replace(rung, method=chosen(rung.method)) for rung in rungs])
    assert table[["p", "p Holm", "ndcg low", "difference low", "difference high"]].isna().all(axis=None)
    assert table["difference"].notna().sum() == len(rungs) - 1


def test_a_lone_signal_stands_on_the_random_order(rungs: list[Rung]) -> None:
    random = next(rung for rung in rungs if rung.step == ladder.RANDOM)
    learned = next(rung for rung in rungs if rung.step == ladder.LEARNED)
    assert below(learned, [random, learned]) is random
    assert below(random, [random, learned]) is None


def test_nothing_that_teaches_is_no_presence() -> None:
    dataset = drawn_set(0, queries=12)
    same = replace(dataset.judgements, labels=np.zeros_like(dataset.judgements.labels))
    assert presence_method(replace(dataset, judgements=same), None, MEASURED) is None
