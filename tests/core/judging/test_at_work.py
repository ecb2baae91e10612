"""Each judge's pace and consistency, and the queue of what a lead has to settle."""

from __future__ import annotations

import numpy as np
import pytest
from act_frames import acts_of, labelled, said

from sqid_core.bundle.labels import ESCI
from sqid_core.judging.at_work import disagreements, judge_table


def test_pace_and_consistency():
    acts = acts_of(
        [
            labelled("ann", "q p1", "E", seconds=2.0),
            labelled("ann", "q p2", "Substitute", seconds=10.0),
            labelled("ann", "q p3", "C", seconds=float("nan")),
            said("ann", "unrateable", "q p4", seconds=4.0),
            labelled("ann", "q p1", "Exact", seconds=1.0, showing=2),
            labelled("ann", "q p2", "S", seconds=3.0, showing=2),
            labelled("ann", "q p2", "I", seconds=3.0, showing=2),
            said("ann", "unrateable", "q p4", seconds=4.0, showing=2),
            said("ann", "later", "q p5", seconds=4.0),
            labelled("ann", "q p6", "E", seconds=-5.0, showing=2),
            said("ann", "note", "q", "long", seconds=900.0),
            labelled("bob", "q p1", "I", seconds=float("inf")),
        ]
    )
    found = judge_table(acts, ESCI).set_index("judge")
    assert found.loc["ann", ["labels", "unrateable", "later", "timed", "twice"]].tolist() == [4, 1, 1, 8, 3]
    assert found.loc["ann", "seconds"] == np.median([2, 10, 4, 1, 3, 3, 4, 4])
    assert found.loc["ann", "same"] == pytest.approx(2 / 3)
    assert found.loc["bob", ["labels", "timed", "twice"]].tolist() == [1, 0, 0]
    assert np.isnan(found.loc["bob", ["seconds", "same"]].astype(float)).all()
    undone = acts_of([*acts.to_dict("records"), {**said("ann", "undo", "q p2", "k7"), "seq": 13, "number": 13}])
    assert judge_table(undone, ESCI).set_index("judge").loc["ann", "same"] == 1
    assert judge_table(acts_of([]), ESCI).empty


def test_the_queue_of_disagreements():
    rows = [
        labelled("ann", "q same", "E"), labelled("bob", "q same", "exact"),
        labelled("ann", "q near", "E"), labelled("bob", "q near", "S"), labelled("cleo", "q near", "S"),
        labelled("ann", "q far", "E"), labelled("bob", "q far", "I"), labelled("cleo", "q far", "I"),
        labelled("ann", "q tied", "E"), labelled("bob", "q tied", "S"),
        labelled("ann", "q odd", "E"), said("bob", "unrateable", "q odd"), said("cleo", "unrateable", "q odd"),
        labelled("ann", "q settled", "E"), labelled("bob", "q settled", "I"),
        labelled("ann", "q alone", "E"), labelled("model", "q alone", "I"),
        labelled("ann", "q later", "E"), said("bob", "later", "q later"),
        said("lead", "adjudicate", "q settled", "I"),
    ]  # fmt: skip
    found = disagreements(acts_of(rows), ESCI, models={"model"})
    assert found["product_id"].tolist() == ["tied", "far", "near", "odd"]
    assert found["answers"].tolist() == [
        "Exact 1, Substitute 1", "Exact 1, Irrelevant 2", "Exact 1, Substitute 2", "Exact 1, cannot be rated 2",
    ]  # fmt: skip
    assert found["steps"].tolist() == [1, 3, 1, 0]
    assert found["judges"].tolist() == [2, 3, 3, 3]
    assert found["tied"].tolist() == [True, False, False, False]
    assert disagreements(acts_of(rows), ESCI)["product_id"].tolist() == ["alone", "tied", "far", "near", "odd"]
    taken_back = [*rows, said("lead", "undo", value="k20")]
    assert disagreements(acts_of(taken_back), ESCI, {"model"})["product_id"].tolist()[:2] == ["settled", "tied"]
    assert disagreements(acts_of([]), ESCI).empty
