"""A row a query, and the presets at the values where they turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from noise import noise_dataset

from sqid_core.analysis.query_table import (
    LOSSES,
    WINS,
    best_intervals,
    extra_columns,
    preset_rows,
    query_table,
    with_gain,
)
from sqid_core.bundle.judgements import Judgements
from sqid_core.evaluation.curves import WeightCurves

NAN = np.nan


def rows(name: str, **columns: list[float]) -> list[int]:
    return preset_rows(pd.DataFrame(columns), name).tolist()


def test_a_tenth_is_a_rescue_and_the_most_comes_first() -> None:
    text, image = [0.0, 0.5, 0.0, 0.2, NAN, 0.1], [0.1, 0.5, 0.0999, 0.9, 0.9, 0.0]
    assert rows("pictures rescue", text=text, image=image) == [3, 0]
    assert rows("text rescues", text=image, image=text) == [3, 0]
    assert rows("text rescues", text=text, image=image) == [5]
    assert rows("widest disagreement", text=text, image=image) == [3, 0, 5, 2, 1]


def test_both_fail_in_the_worst_quarter_of_each() -> None:
    """Of five the quarter is the second lowest, which belongs to it."""
    text, image = [0.1, 0.2, 0.3, 0.4, 0.5, NAN], [0.2, 0.1, 0.3, 0.4, 0.5, 0.0]
    assert rows("both fail", text=text, image=[0.3, 0.1, 0.4, 0.2, 0.5, NAN]) == [1]
    assert rows("both fail", text=text[:5], image=image[:5]) == [0, 1]
    assert rows("both fail", text=[*text[1:5], 0.1], image=[*image[1:5], 0.15]) == [4, 0]
    assert rows("both fail", text=[NAN, NAN], image=[0.1, NAN]) == []


def test_fusion_hurts_where_it_is_below_the_better_one() -> None:
    text, image = [0.5, 0.5, 0.5, NAN, 0.5], [0.6, 0.4, 0.5, 0.4, 0.7]
    assert rows("fusion hurts", text=text, image=image, fused=[0.55, 0.5, 0.5 - 1e-13, 0.1, 0.3]) == [4, 3, 0]


def test_losses_and_wins_beyond_rounding() -> None:
    a, b = [0.5, 0.0, 0.0, 0.9, 0.4, NAN], [0.5, 1e-9, -1e-9, 0.1, 0.8, 0.2]
    assert rows(LOSSES, a=a, b=b) == [3]
    assert rows(WINS, a=a, b=b) == [4]
    assert rows(WINS, a=[0.0, 0.0, 0.0], b=[0.1, 0.3, 0.2]) == [1, 2, 0]


def test_the_gain_of_a_row() -> None:
    three = with_gain(pd.DataFrame({"text": [0.2, 0.9], "image": [0.5, 0.6], "fused": [0.6, 0.7]}))
    np.testing.assert_allclose(three["gain"], [0.1, -0.2])
    np.testing.assert_allclose(three["gap"], [0.3, -0.3])
    np.testing.assert_allclose(with_gain(pd.DataFrame({"a": [0.2], "b": [0.9]}))["gain"], [0.7])
    assert "gain" not in with_gain(pd.DataFrame({"text": [0.2], "image": [0.9]}))


def test_the_widest_best_interval_of_each_query() -> None:
    """Neighbours of equal value are one, also beside those of another query; of equally wide ones the first counts."""
    curves = WeightCurves(
        np.array([0.0, 0.2, 0.5, 0.0, 0.1, 0.2, 0.5, 0.6, 0.0, 0.0, 0.25, 0.75]),
        np.array([0.5, 0.9, 0.9, 0.9, 0.9, 0.3, 0.9, 0.2, NAN, 0.7, 0.1, 0.7]),
        np.array([0, 3, 8, 9, 12]),
        np.zeros(4),
        np.zeros(4),
    )
    found = best_intervals(curves)
    np.testing.assert_array_equal(found.low, [0.2, 0.0, NAN, 0.0])
    np.testing.assert_array_equal(found.high, [1.0, 0.2, NAN, 0.25])
    np.testing.assert_array_equal(found.value, [0.9, 0.9, NAN, 0.7])
    none = best_intervals(WeightCurves(np.zeros(0), np.zeros(0), np.zeros(1, np.int64), np.zeros(0), np.zeros(0)))
    assert len(none.low) == 0


def test_what_a_row_says() -> None:
    dataset = noise_dataset(2)
    judgements = Judgements(
        dataset.judgements.query_ids, np.array([[0, 1, 2], [3, -1, -1]], np.int32), np.array([[0, 3, 3], [1, -1, -1]])
    )
    queries = dataset.queries.assign(
        source=[None, "typed"], weight=[1.0, 3.0], best=[True, False], number=[3.5, 4.0], word=["a", None]
    )
    table = query_table(replace(dataset, judgements=judgements, queries=queries), {"text": np.array([0.5, 0.25])})
    assert table["query_id"].tolist() == ["q0", "q1"]
    assert table["text"].tolist() == [0.5, 0.25]
    assert table["judged"].tolist() == [3, 1]
    assert table["labels"].tolist() == ["E 1 · I 2", "S 1"]
    assert table["source"].fillna("").tolist() == ["", "typed"]
    assert table["traffic"].tolist() == [1.0, 3.0]
    assert table["best (column)"].tolist() == ["yes", "no"]
    assert extra_columns(table) == {"best (column)": False, "number": True, "word": False}
    assert query_table(dataset, {})["source"].tolist() == ["other"] * 2
    assert query_table(replace(dataset, queries=queries.drop(columns="source")), {})["source"].isna().all()
