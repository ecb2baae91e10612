"""Agreement: alpha on Krippendorff's worked example, kappa as scikit-learn has it, and what cannot be said."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from act_frames import acts_of, labelled, said
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from sqid_core.bundle.labels import ESCI, LabelScale
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import InputError
from sqid_core.judging.agreement import (
    PUBLISHER,
    UNRATEABLE,
    alpha,
    coincidence_alphas,
    confusion,
    kappa,
    kappa_table,
    kappas,
    published_ratings,
    ratings,
)

FIVE = LabelScale(tuple("12345"), tuple("12345"), ("#000000",) * 5, (("own", (5.0, 4.0, 3.0, 2.0, 1.0)),))
# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C: 4 observers, 12 units.
WORKED = (
    "123321412...",
    "12332241 25.3".replace(" ", ""),
    ".33323422 51.".replace(" ", ""),
    "123324412 51.".replace(" ", ""),
)


def rated(rows, scale=ESCI):
    """rows: a text a judge, a label a unit in it, `.` where there is none and `-` where it cannot be rated."""
    judges = dict(zip("abcdefgh", rows, strict=False))
    acts = [
        labelled(judge, f"q{unit} p", value) if value != "-" else said(judge, "unrateable", f"q{unit} p")
        for judge, row in judges.items()
        for unit, value in enumerate(row)
        if value != "."
    ]
    return ratings(acts_of(acts), scale)


def test_alpha_of_the_worked_example():
    found = rated(WORKED, FIVE)
    nominal, ordinal = alpha(found, FIVE, "nominal"), alpha(found, FIVE, "ordinal")
    assert (round(nominal.value, 3), round(ordinal.value, 3)) == (0.743, 0.815)
    # Unit 12 has one label alone and is no unit.
    assert nominal.n == ordinal.n == 11
    for each in (nominal, ordinal):
        assert each.low < each.value < each.high <= 1
        assert each.why == ""


def test_the_scales_other_end_first_is_the_same_order():
    turned = rated([row.translate(str.maketrans("12345", "54321")) for row in WORKED], FIVE)
    assert alpha(turned, FIVE, "ordinal").value == pytest.approx(alpha(rated(WORKED, FIVE), FIVE, "ordinal").value)


def test_labels_that_nobody_gave_change_nothing():
    names = tuple(f"grade {i}" for i in range(100))
    gains = (("own", tuple(100.0 - i for i in range(100))),)
    many = LabelScale(names, tuple(f"g{i}" for i in range(100)), ("#000000",) * 100, gains)
    some = rated(["ESCIEE", "ESCCES", "SSIIE."])
    for level in ("nominal", "ordinal"):
        assert alpha(some, many, level) == alpha(some, ESCI, level)
    assert kappa_table(some, many).equals(kappa_table(some, ESCI))


LABELS = st.lists(st.text("ESCI.", min_size=6, max_size=6), min_size=2, max_size=4)


@settings(max_examples=40)
@given(LABELS, st.sampled_from(["nominal", "ordinal"]))
def test_the_intervals_alpha_is_the_packages(rows, level):
    counts = np.array([[column.count(label) for label in "ESCI"] for column in zip(*rows, strict=True)], dtype=float)
    counts = counts[counts.sum(axis=1) > 1]
    found = alpha(rated(rows), ESCI, level)
    if np.isnan(found.value):
        assert found.why
        return
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(4)
    own = coincidence_alphas((pairs / (counts.sum(axis=1) - 1)[:, None, None]).sum(axis=0), level)
    assert own == pytest.approx(found.value, abs=1e-12)


@settings(max_examples=40)
@given(st.text("ESC", min_size=2, max_size=12), st.text("ESC", min_size=2, max_size=12))
def test_kappa_is_scikit_learns(one, other):
    length = min(len(one), len(other))
    a, b = one[:length], other[:length]
    found = rated([a, b])
    mine = kappa(found[found["judge"] == "a"], found[found["judge"] == "b"], ESCI)
    if len(set(a + b)) == 1:
        assert np.isnan(mine.value)
        assert mine.why == "both gave one label alone, so they could not disagree"
    else:
        assert mine.value == pytest.approx(cohen_kappa_score(list(a), list(b)), abs=1e-12)


def test_kappa_by_hand():
    # Cohen's law on 50 proposals: 20 both yes, 15 both no, 5 and 10 apart; by chance .5 agree.
    assert kappas(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(0.4)


# --- what cannot be said ---


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "nothing is labelled yet"),
        (["---"], "nothing is labelled yet"),
        (["ESC"], "one judge alone has labelled"),
        (["ES..", "..CI"], "no pair was labelled by two judges"),
        (["EEE", "EEE"], "all labels of these pairs are one, so nobody could disagree"),
        (["EES.", "EE.-"], "all labels of these pairs are one, so nobody could disagree"),
    ],
)
@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_without_an_alpha_there_is_a_reason(rows, why, level):
    found = alpha(rated(rows), ESCI, level)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.why == why


def test_one_query_has_a_value_and_no_interval():
    acts = [
        labelled(judge, f"q p{i}", label) for judge, row in (("a", "ESC"), ("b", "ESI")) for i, label in enumerate(row)
    ]
    found = alpha(ratings(acts_of(acts), ESCI), ESCI, "nominal")
    assert 0 < found.value < 1
    assert np.isnan([found.low, found.high]).all()
    assert found.why == "one query alone says nothing of others"


def test_full_agreement_is_one_at_both_ends():
    found = alpha(rated(["ESCIESCI", "ESCIESCI"]), ESCI, "ordinal")
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_a_scale_of_one_label_and_labels_of_another():
    lone = LabelScale(("Yes",), ("Y",), ("#000000",), (("own", (1.0,)),))
    assert alpha(rated(["YY", "YY"], lone), lone, "nominal").why.startswith("all labels of these pairs are one")
    assert rated(["Perfect"[:1] + "XQ"], ESCI).empty
    assert ratings(acts_of([labelled("a", "q p", " exact "), labelled("b", "q p", "e")]), ESCI)["code"].tolist() == [
        0,
        0,
    ]


def test_without_the_package_there_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    with pytest.raises(InputError, match="krippendorff is not installed; this needs the extra judge"):
        alpha(rated(WORKED, FIVE), FIVE, "nominal")
    assert kappa_table(rated(["ES", "EC"]), ESCI)["n"].tolist() == [2]


# --- tables ---


def test_each_pair_of_judges_has_a_row():
    found = kappa_table(rated(["ESCI", "ESCC", "..EE", "----"]), ESCI)
    assert [tuple(each) for each in found[["a", "b", "n"]].to_numpy()] == [
        ("a", "b", 4), ("a", "c", 2), ("a", "d", 0), ("b", "c", 2), ("b", "d", 0), ("c", "d", 0),
    ]  # fmt: skip
    assert found["agree"].tolist()[:2] == [0.75, 0.0]
    assert found["why"].tolist()[2] == "no pair was labelled by both"
    assert (found["low"][0] <= found["kappa"][0]) & (found["kappa"][0] <= found["high"][0])
    assert kappa_table(rated([]), ESCI).empty


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Two judges who agree by a known rate, 60 queries with three pairs each: kappa is 1 - 4/3 · the share replaced."""
    rng = np.random.default_rng(0)
    scale, held = ESCI, 0
    for _ in range(60):
        first = rng.integers(0, 4, 180)
        second = np.where(rng.random(180) < 0.4, rng.integers(0, 4, 180), first)
        ids = {"query_id": [f"q{i // 3}" for i in range(180)], "product_id": [f"p{i}" for i in range(180)]}
        found = kappa(*(pd.DataFrame({**ids, "code": codes}) for codes in (first, second)), scale)
        held += found.low <= 0.6 <= found.high
    assert 52 <= held <= 60


def test_confusion_counts_what_published_labels_became(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    published = published_ratings(dataset)
    assert len(published) == 132
    assert set(published["judge"]) == {PUBLISHER}
    exact = published[published["code"] == 0].head(3)
    acts = [
        labelled("ann", f"{row.query_id} {row.product_id}", label)
        for row, label in zip(exact.itertuples(), "ESI", strict=True)
    ]
    row = exact.iloc[0]
    acts += [said("bob", "unrateable", f"{row.query_id} {row.product_id}"), labelled("bob", "00 nothing", "E")]
    found = confusion(ratings(acts_of(acts), dataset.scale), published, dataset.scale)
    assert found.loc["Exact"].to_dict() == {
        "Exact": 1, "Substitute": 1, "Complement": 0, "Irrelevant": 1, UNRATEABLE: 1,
    }  # fmt: skip
    assert found.to_numpy().sum() == 4
    assert kappa(ratings(acts_of(acts), dataset.scale), published, dataset.scale).n == 3
