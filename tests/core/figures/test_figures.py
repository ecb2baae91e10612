"""Figures draw what their frames hold, in the colours of the page, and take no name from a bundle for markup."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from noise import noise_dataset

from sqid_core.analysis.label_ranks import label_rank_frame, label_ranks
from sqid_core.analysis.query_table import query_table
from sqid_core.analysis.vector_health import label_scores
from sqid_core.evaluation.reports import dataset_curves, signal_run
from sqid_core.figures.dots import interval_dots, method_dots, shortened
from sqid_core.figures.grids import heat_map, loss_by_speed, nearest_histogram
from sqid_core.figures.label_shares import displaced_labels, label_shares, score_distributions
from sqid_core.figures.query_map import density_map, fanned_out, ndcg_histogram, points_map
from sqid_core.figures.style import DARK, LIGHT, Look, faded, label_colour, look
from sqid_core.figures.weights import Point, curve_frame, weight_curve_figure
from sqid_core.ranking.fusion import Fusion

LOOKS = pytest.mark.parametrize("shown", [LIGHT, DARK], ids=["light", "dark"])


def contrast(first: str, second: str) -> float:
    """WCAG 2's contrast of two hex colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@LOOKS
def test_every_colour_stands_out_from_the_page(shown: Look) -> None:
    for colour in (shown.text, shown.image, shown.fused, shown.muted, shown.ink, *shown.cycle):
        assert contrast(colour, shown.paper) >= 3
    for colour in ("#047857", "#1d4ed8", "#b45309", "#6b7280"):
        assert contrast(label_colour(colour, shown), shown.paper) >= 3
    assert look(shown.dark) is shown


def test_colours_that_are_none_become_grey() -> None:
    assert label_colour("no colour", LIGHT) == "#6b7280"
    assert label_colour("#0a0", LIGHT) == "#00aa00"
    assert faded("#ff0000", 0.5) == "rgba(255, 0, 0, 0.5)"


def test_names_are_no_markup() -> None:
    assert shortened("<b>x</b> & y") == "&lt;b&gt;x&lt;/b&gt; &amp; y"
    assert len(shortened("x" * 100)) == 34


@LOOKS
def test_dots_stand_at_the_means_and_small_groups_are_hollow(shown: Look) -> None:
    frame = pd.DataFrame(
        {"group": ["a", "<i>b"], "n": [30, 3], "small": [False, True], "text": [0.5, 0.7], "text low": [0.4, np.nan],
         "text high": [0.6, np.nan]}
    )  # fmt: skip
    figure = interval_dots(frame, "group", {"text": "Text"}, {"text": shown.text}, shown, "mean NDCG")
    (trace,) = figure.data
    assert list(trace.x) == [0.5, 0.7]
    assert list(trace.y) == [1, 0]
    assert list(trace.marker.color) == [shown.text, shown.paper]
    np.testing.assert_allclose(trace.error_x.array, [0.1, np.nan])
    assert list(figure.layout.yaxis.ticktext) == ["&lt;i&gt;b", "a"]
    assert figure.layout.xaxis.title.text == "mean NDCG"


def test_in_sample_methods_are_hollow() -> None:
    means = pd.DataFrame(
        {
            "method": ["a", "b"],
            "rr": [0.4, 0.5],
            "rr low": [0.3, 0.4],
            "rr high": [0.5, 0.6],
            "in-sample": [False, True],
        }
    )
    figure = method_dots(means, "rr", ["text", "fused"], LIGHT, "MRR")
    assert list(figure.data[-1].marker.color) == [LIGHT.text, LIGHT.paper]
    assert [list(trace.x) for trace in figure.data[:-1]] == [[0.3, 0.5], [0.4, 0.6]]


def test_the_curve_is_drawn_step_by_step() -> None:
    curves = dataset_curves(noise_dataset(12), Fusion())
    mean = curves.mean()
    frame = curve_frame(mean, np.zeros(101), np.ones(101))
    figure = weight_curve_figure(mean, frame, (0.3, 0.7), DARK, [Point(0.1, 0.8, "paper")])
    line = next(trace for trace in figure.data if trace.line.shape == "hv")
    np.testing.assert_array_equal(line.x[:-1], mean.starts)
    np.testing.assert_array_equal(line.y[:-1], mean.values)
    stars = next(trace for trace in figure.data if trace.mode == "markers" and len(trace.x) == 2)
    assert stars.y == pytest.approx((mean.best.value, 0.7))
    assert figure.data[-1].customdata == ("paper",)
    assert frame["ndcg"].iloc[30] == pytest.approx(float(mean.at(0.3)))


@pytest.mark.parametrize("colour", ["category", "gain"])
def test_every_point_of_the_map_knows_its_query(colour: str) -> None:
    dataset = noise_dataset(80)
    curves = dataset_curves(dataset, Fusion())
    table = query_table(dataset, {"text": curves.at_zero, "image": curves.at_one})
    table["gain"] = table["image"] - table["text"]
    table.loc[3, "text"] = np.nan
    drawn = points_map(table, "text", "image", colour, LIGHT, ("text", "image"))
    known = set(np.flatnonzero((table["text"].notna() & table["image"].notna()).to_numpy()).tolist())
    everything = [(t, p) for t, trace in enumerate(drawn.figure.data) for p in range(len(trace.x))]
    assert set(drawn.chosen(everything).tolist()) == known
    row = drawn.chosen([(0, 2)])[0]
    assert (drawn.figure.data[0].x[2], drawn.figure.data[0].y[2]) == tuple(table.loc[row, ["text", "image"]])
    assert drawn.chosen([(9, 0), (0, 999), (-1, 0)]).tolist() == []


def test_the_bubbles_of_the_density_hold_every_query_once() -> None:
    table = pd.DataFrame({"text": [0.51, 0.52, 0.99, 1.0, np.nan], "image": [0.1, 0.11, 1.0, 1.0, 0.5], "query": "q"})
    drawn = density_map(table, "text", "image", LIGHT, ("text", "image"))
    assert sorted(tuple(group.tolist()) for group in drawn.rows[0]) == [(0, 1), (2, 3)]
    assert sorted(drawn.figure.data[0].customdata) == [2, 2]
    nothing = density_map(table.head(0), "text", "image", LIGHT, ("text", "image"))
    assert len(nothing.figure.data[0].x) == 0


@LOOKS
def test_labels_by_rank_and_scores_by_label(shown: Look) -> None:
    dataset = noise_dataset(60)
    frame = label_rank_frame(label_ranks(dataset, signal_run(dataset, "text"), 10), dataset.scale.names)
    bars = label_shares(frame, dataset.scale, shown)
    np.testing.assert_allclose(np.sum([trace.y for trace in bars.data], axis=0), 1)
    lines = displaced_labels({"text": frame, "image": frame}, dataset.scale, shown)
    assert [trace.line.color for trace in lines.data] == [shown.text, shown.image]
    scores = score_distributions(label_scores(dataset, "text"), dataset.scale, shown)
    assert all(re.match(r"\w+ \([\d,]+\)", trace.name) for trace in scores.data)


def test_cells_of_few_queries_are_in_brackets() -> None:
    cells = pd.DataFrame({"first": ["a", "b"], "second": ["x", "y"], "n": [3, 30], "mean": [0.5, -0.25]})
    figure = heat_map(cells, ["a", "b"], ["x", "y"], 10, True, LIGHT, "lift")
    assert [list(row) for row in figure.data[0].text] == [["(0.50)", ""], ["", "-0.25"]]
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-0.5, 0.5)
    heat_map(cells.head(0), ["a"], ["x"], 10, False, LIGHT, "lift")
    alike = ["the same first twenty-four letters", "the same first twenty-four numbers"]
    figure = heat_map(cells.assign(first=alike), alike, ["x", "y"], 10, True, LIGHT, "lift", ("kind", "size"))
    assert list(figure.data[0].y) == [0, 1]
    assert figure.layout.xaxis.title.text == "across: size, down: kind"


def test_equal_pictures_have_a_histogram() -> None:
    near = nearest_histogram(np.ones(12), 0.98, LIGHT).data[0]
    assert sum(near.y) == 12
    assert np.ptp(near.x) > 0


def test_a_category_called_others_keeps_its_queries() -> None:
    names = ["others"] * 3 + ["a", "b", "c", "d", "e"] * 2
    table = pd.DataFrame({"text": 0.5, "image": 0.6, "category": names, "query": "q", "query_id": "1"})
    drawn = points_map(table, "text", "image", "category", LIGHT, ("text", "image"))
    rows = sorted(int(row) for trace in drawn.rows for point in trace for row in point)
    assert rows == list(range(13))


def test_the_chosen_ef_is_filled() -> None:
    frame = pd.DataFrame(
        {"ef": [10.0, 64.0, np.nan], "loss": [0.1, 0.0, 0.0], "recall@10": [0.5, 1, 1], "queries a second": [9.0, 5, 1]}
    )
    figure = loss_by_speed(frame, 64, LIGHT)
    assert list(figure.data[0].marker.color) == [LIGHT.paper, LIGHT.fused]


def test_histograms_count_everything() -> None:
    values = np.array([0.0, 0.5, 1.0, np.nan])
    assert sum(ndcg_histogram(values, LIGHT, "Text", "text").data[0].y) == 3
    near = nearest_histogram(np.array([0.2, 0.981, 1.0]), 0.98, LIGHT).data[0]
    assert sum(near.y) == 3
    assert sum(count for count, colour in zip(near.y, near.marker.color, strict=True) if colour == LIGHT.image) == 2


def test_points_at_one_place_are_fanned_out() -> None:
    points = np.array([[1.0, 1.0]] * 50 + [[0.5, 0.25], [0.5, 0.75], [np.nan, 0.5]])
    moved = fanned_out(points, 0.8)
    np.testing.assert_array_equal(moved[0], points[0])
    np.testing.assert_array_equal(moved[50:], points[50:])
    away = np.linalg.norm(moved[:50] - points[:50], axis=1)
    assert away.max() <= 0.05 * 0.8 + 1e-12
    apart = np.linalg.norm(moved[:50, None] - moved[None, :50], axis=2)[np.triu_indices(50, 1)]
    assert apart.min() > 0.003
    np.testing.assert_array_equal(fanned_out(points, 0.8), moved)
