"""What stands of acts: the judge's last word, undo and undo of undo, held to a model that asks act by act."""

from __future__ import annotations

import pandas as pd
import pytest
from act_frames import acts_of, labelled, said
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.errors import InputError
from sqid_core.judging.acts import COLUMNS, RATINGS, Act, adjudicated, live, standing


def values(frame):
    return {(row.judge, row.query_id, row.product_id): (row.kind, row.value) for row in frame.itertuples()}


# --- what an act may be ---


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "praise"}, "an act is one of label, "),
        ({"key": ""}, "an act's key has 1 to 80 letters, got 0"),
        ({"key": "k" * 81}, "an act's key has 1 to 80 letters, got 81"),
        ({"number": 0}, "acts are counted from 1"),
        ({"number": 2**53}, "acts are counted from 1"),
        ({"showing": 3}, "shown once or twice, got 1, 3"),
        ({"query_id": ""}, "an act is about a query, got none"),
        ({"query_id": "q" * 501}, "an act's query_id has at most 500 letters, got 501"),
        ({"value": "v" * 20_001}, "an act's value has at most 20,000 letters, got 20,001"),
        ({"link": "l" * 4_001}, "an act's link has at most 4,000 letters, got 4,001"),
    ],
)
def test_an_act_that_cannot_be_is_refused(wrong, told):
    usual = {"key": "k", "kind": "label", "number": 1, "query_id": "q", "product_id": "p", "value": "E"}
    assert Act(**usual).seconds != Act(**usual).seconds  # nan: nobody measured
    with pytest.raises(InputError, match=told.replace("(", r"\(")):
        Act(**(usual | wrong))


# --- by hand ---


def test_the_last_word_of_each_judge_stands():
    acts = acts_of(
        [
            labelled("ann", "q1 p1", "E"),
            labelled("bob", "q1 p1", "S"),
            labelled("ann", "q1 p1", "I"),
            labelled("ann", "q1 p2", "E"),
            said("ann", "later", "q1 p2"),
            said("bob", "note", "q1 p1", "hm"),
        ]
    )
    assert values(standing(acts)) == {
        ("bob", "q1", "p1"): ("label", "S"),
        ("ann", "q1", "p1"): ("label", "I"),
        ("ann", "q1", "p2"): ("later", ""),
    }
    assert list(standing(acts)["seq"]) == [2, 3, 5]


def test_order_is_by_the_judges_numbers_then_by_the_store():
    late = acts_of([labelled("ann", "q1 p1", "E", number=2), labelled("ann", "q1 p1", "S", number=1)])
    assert list(standing(late)["value"]) == ["E"]
    two_windows = acts_of([labelled("ann", "q1 p1", "E", number=7), labelled("ann", "q1 p1", "S", number=7)])
    assert list(standing(two_windows)["value"]) == ["S"]


def test_undo_gives_back_what_was_there_before():
    rows = [labelled("ann", "q1 p1", "E"), labelled("ann", "q1 p1", "S"), said("ann", "undo", value="k2")]
    assert list(standing(acts_of(rows))["value"]) == ["E"]
    rows.append(said("ann", "undo", value="k3"))
    assert list(standing(acts_of(rows))["value"]) == ["S"]
    rows.append(said("ann", "undo", value="k4"))
    assert list(standing(acts_of(rows))["value"]) == ["E"]
    rows.append(said("ann", "undo", value="k1"))
    assert standing(acts_of(rows)).empty


def test_what_was_taken_back_twice_stays_so_until_both_are_undone():
    rows = [labelled("ann", "q1 p1", "E"), *(said("ann", "undo", value="k1") for _ in range(2))]
    assert live(acts_of([*rows, said("ann", "undo", value="k3")])).empty
    both = [*rows, said("ann", "undo", value="k3"), said("ann", "undo", value="k2")]
    assert list(live(acts_of(both))["key"]) == ["k1"]


def test_nobody_takes_back_what_another_said():
    acts = acts_of(
        [
            labelled("ann", "q1 p1", "E"),
            said("ann", "undo", value="k1"),
            said("bob", "undo", value="k2"),
            labelled("bob", "q1 p1", "S"),
            said("ann", "undo", value="k4"),
        ]
    )
    assert values(live(acts)) == {("bob", "q1", "p1"): ("label", "S")}


def test_equal_keys_of_two_judges_are_two_acts():
    acts = acts_of(
        [
            labelled("ann", "q1 p1", "E", key="same"),
            labelled("bob", "q1 p1", "S", key="same"),
            said("ann", "undo", value="same"),
        ]
    )
    assert values(live(acts)) == {("bob", "q1", "p1"): ("label", "S")}


def test_an_undo_of_nothing_changes_nothing():
    acts = acts_of([labelled("ann", "q1 p1", "E"), said("ann", "undo", value="no such key"), said("ann", "undo")])
    assert list(live(acts)["key"]) == ["k1"]


def test_the_last_lead_has_the_last_word():
    rows = [
        said("ann", "adjudicate", "q1 p1", "E", number=900),
        said("bob", "adjudicate", "q1 p1", "S", number=1),
        said("ann", "adjudicate", "q1 p2", "I"),
    ]
    assert list(adjudicated(acts_of(rows))["value"]) == ["S", "I"]
    rows.append(said("bob", "undo", value="k2"))
    assert list(adjudicated(acts_of(rows))["value"]) == ["E", "I"]


def test_no_acts_give_no_rows_of_the_same_columns():
    nothing = acts_of([])
    for found in (live(nothing), standing(nothing), adjudicated(nothing)):
        assert found.empty
        assert list(found) == list(COLUMNS)


# --- against a model ---


def model_live(rows):
    """Each act is asked by itself: is there one of the same judge, said later and itself live, that takes it back?"""

    def order(row):
        return row.number, row.seq

    def lives(row):
        own = [other for other in rows if other.judge == row.judge and order(other) > order(row)]
        return not any(other.kind == "undo" and other.value == row.key and lives(other) for other in own)

    return [row for row in rows if row.kind != "undo" and lives(row)]


def model_standing(rows):
    last: dict[tuple[str, str, str], tuple[int, int, int]] = {}
    for row in model_live(rows):
        if row.kind in RATINGS:
            pair = row.judge, row.query_id, row.product_id
            last[pair] = max(last.get(pair, (0, 0, 0)), (row.number, row.seq, row.seq))
    return sorted(seq for _, _, seq in last.values())


@st.composite
def histories(draw):
    """Some judges' acts. An undo names any act that its judge has seen stored, or one of another, or none."""
    rows = []
    numbers = {"ann": 0, "bob": 0}
    for seq in range(1, draw(st.integers(1, 14)) + 1):
        judge = draw(st.sampled_from(["ann", "bob"]))
        numbers[judge] += draw(st.sampled_from([0, 1, 1, 2])) or (numbers[judge] == 0)  # two windows may count alike
        kind = draw(st.sampled_from(["label", "undo", "undo", "unrateable", "later", "note", "adjudicate"]))
        value = f"k{draw(st.integers(0, max(seq - 1, 0)))}" if kind == "undo" else draw(st.sampled_from("ESCI"))
        pair = draw(st.sampled_from(["q1 p1", "q1 p2", "q2 p1"]))
        rows.append(said(judge, kind, pair, value, number=numbers[judge]))
    return acts_of(rows)


@settings(max_examples=60)
@given(histories())
def test_what_lives_and_stands_is_what_the_model_says(acts):
    rows = list(acts.itertuples())
    assert list(live(acts)["seq"]) == [row.seq for row in model_live(rows)]
    assert list(standing(acts)["seq"]) == model_standing(rows)


@settings(max_examples=30)
@given(histories())
def test_the_order_of_the_rows_does_not_matter(acts):
    turned = acts.iloc[::-1]
    pd.testing.assert_frame_equal(standing(turned), standing(acts))
    pd.testing.assert_frame_equal(live(turned).sort_values("seq"), live(acts))
