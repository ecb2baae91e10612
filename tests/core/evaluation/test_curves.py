import numpy as np
import pytest
from drawn_slates import random_slates, slow_ndcgs
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.evaluation import curves as module
from sqid_core.evaluation.buckets import buckets, ndcg_at
from sqid_core.evaluation.cross_validation import cross_validated
from sqid_core.evaluation.curves import SAMPLES, WeightCurve, WeightCurves, beside, judged_curve, weight_curves
from sqid_core.evaluation.metrics import discounts
from sqid_core.ranking.candidates import Candidates
from sqid_core.ranking.fusion import Columns, Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS

SEEDS = st.integers(0, 10_000)
LINEAR_SETTINGS = [
    Fusion(method, norm=norm, missing_image=missing)
    for method in sorted(name for name in METHODS if METHODS[name].linear)
    for norm in (NORMS if method == "weighted scores" else ["none"])
    for missing in MISSING_IMAGE
]


def one_slate(a: list[float], b: list[float]) -> Columns:
    return Columns(np.array([a]), np.array([b]), np.ones((1, len(a)), bool))


def test_two_products_by_hand() -> None:
    """Text prefers the irrelevant one by .3, the picture the exact one by .1: they swap at .75."""
    curve = weight_curves(one_slate([0.3, 0.6], [0.5, 0.4]), np.array([[1.0, 0.0]]), Fusion()).curve(0)
    assert curve.starts == pytest.approx([0, 0.75])
    assert curve.values == pytest.approx([discounts(2)[1], 1])
    assert (curve.best.low, curve.best.high, curve.best.value) == pytest.approx((0.75, 1, 1))
    assert curve.best.weight == pytest.approx(0.875)
    assert curve.at([0, 0.5, 0.8, 1]) == pytest.approx([discounts(2)[1], discounts(2)[1], 1, 1])


def test_what_is_not_returned_counts_in_the_ideal_alone() -> None:
    """The same two; the second is worth half and is not returned."""
    columns, gains = one_slate([0.3, 0.6], [0.5, 0.4]), np.array([[1.0, 0.5]])
    curve = weight_curves(columns, gains, Fusion(), np.array([[True, False]])).curve(0)
    second = discounts(2)[1]
    assert curve.values == pytest.approx([second / (1 + 0.5 * second), 1 / (1 + 0.5 * second)])


def test_products_of_equal_gain_make_no_step() -> None:
    curve = weight_curves(one_slate([0.3, 0.6], [0.5, 0.4]), np.array([[1.0, 1.0]]), Fusion()).curve(0)
    assert curve.starts.tolist() == [0]
    assert curve.values.tolist() == [1]


def test_the_ends_may_differ_from_the_open_intervals() -> None:
    """At 0 the text ties and the row decides for the first; any weight above 0 decides for the second."""
    curve = weight_curves(one_slate([0.5, 0.5], [0.1, 0.2]), np.array([[0.0, 1.0]]), Fusion()).curve(0)
    assert curve.at_zero == pytest.approx(discounts(2)[1])
    assert curve.values.tolist() == [1]
    assert curve.best.low == 0


def test_the_widest_of_equally_good_intervals_is_the_best() -> None:
    curve = WeightCurve(np.array([0, 0.1, 0.5, 0.6, 0.7]), np.array([1, 0.5, 1, 1, 0.2]), 1.0, 0.2)
    # Its middle, .6, is a crossing.
    best = curve.best
    assert (best.low, best.high, best.value, best.weight) == pytest.approx((0.5, 0.7, 1.0, 0.65))


def test_the_best_weight_of_a_sampled_curve_is_a_sample() -> None:
    """Two samples, .3 and .305, are best: at .3025, between them, nobody looked."""
    edges = np.maximum((np.arange(SAMPLES) - 0.5) / (SAMPLES - 1), 0.0)
    values = np.where(np.isin(np.arange(SAMPLES), [60, 61]), 1.0, 0.5)
    best = WeightCurve(edges, values, 0.5, 0.5, exact=False).best
    assert (best.low, best.high) == pytest.approx((0.2975, 0.3075))
    assert best.weight in (0.3, 0.305)


def test_the_plateau_between_two_crossings_by_hand() -> None:
    """Two exact products, each liked by one modality, pass the irrelevant one at 1/9 and at 8/9."""
    a, b, gains = [0.0, 0.1, 0.9], [0.9, 0.1, 0.0], np.array([[1.0, 0.0, 1.0]])
    best = weight_curves(one_slate(a, b), gains, Fusion()).curve(0).best
    assert (best.low, best.high, best.value) == pytest.approx((1 / 9, 8 / 9, 1))


@settings(max_examples=40)
@given(SEEDS, st.sampled_from(LINEAR_SETTINGS), st.lists(st.floats(0, 1), min_size=5, max_size=25))
def test_the_exact_curve_is_direct_evaluation(seed: int, fusion: Fusion, weights: list[float]) -> None:
    """With ties, missing pictures, missing texts and equal gains; 40 x up to 27 weights, each on 12 slates."""
    slates = random_slates(seed, 12)
    curves = weight_curves(slates.columns(fusion), slates.gains, fusion)
    for w in (0.0, 1.0, *weights):
        off = np.array([_off_crossings(curves.curve(q).starts, w) for q in range(len(curves))])
        direct = slow_ndcgs(slates, fusion, w)
        np.testing.assert_allclose(curves.at(np.full(12, w))[off], direct[off], atol=1e-9)
        if off.all() and curves.defined.any():
            assert float(curves.mean().at(w)) == pytest.approx(np.nanmean(direct), abs=1e-9)


def _off_crossings(starts: np.ndarray, w: float) -> bool:
    """At 0 and 1 the curve knows the value; a hair beside them, or beside a crossing, it does not claim to."""
    return w in (0, 1) or bool((np.abs(np.append(starts, 1.0) - w) > 2e-9).all())


@settings(max_examples=20)
@given(SEEDS, st.sampled_from(["max", "embedding average"]))
def test_other_methods_are_sampled(seed: int, method: str) -> None:
    fusion = Fusion(method, norm="min-max")
    slates = random_slates(seed, 6)
    curves = weight_curves(slates.columns(fusion), slates.gains, fusion)
    assert not curves.exact
    for sample in (0, 1, 77, 100, SAMPLES - 1):
        w = sample / (SAMPLES - 1)
        np.testing.assert_allclose(curves.at(np.full(6, w)), slow_ndcgs(slates, fusion, w), atol=1e-12)


@settings(max_examples=20)
@given(SEEDS)
def test_the_best_interval_is_better_than_a_fine_grid(seed: int) -> None:
    slates, fusion = random_slates(seed, 5), Fusion(norm="z-score")
    mean = weight_curves(slates.columns(fusion), slates.gains, fusion).mean()
    if mean.n:
        inside = np.linspace(0.001, 0.999, 400)
        assert mean.best.value >= mean.at(inside).max() - 1e-12
        assert float(mean.at(mean.best.weight)) == pytest.approx(mean.best.value, abs=1e-12)


def test_a_group_is_the_mean_of_its_members() -> None:
    slates, fusion = random_slates(5, 40), Fusion()
    curves = weight_curves(slates.columns(fusion), slates.gains, fusion)
    group = np.array([3, 7, 7, 30])
    for w in (0.1, 0.5, 0.83):
        members = [float(curves.curve(q).at(w)) for q in group]
        assert float(curves.mean(group).at(w)) == pytest.approx(np.nanmean(members), abs=1e-12)


def test_undefined_queries_do_not_count() -> None:
    columns = Columns(np.zeros((2, 2)), np.zeros((2, 2)), np.array([[True, True], [False, False]]))
    curves = weight_curves(columns, np.zeros((2, 2)), Fusion())
    assert curves.mean().n == 0
    assert np.isnan(curves.mean().best.value)
    assert np.isnan(curves.at(np.array([0.5, 0.5]))).all()


def test_no_query_is_scored_at_a_weight_it_chose() -> None:
    slates, fusion = random_slates(6, 60), Fusion()
    columns, folds = slates.columns(fusion), np.arange(60) % 5
    values, weights = cross_validated(weight_curves(columns, slates.gains, fusion), folds)
    # Turning one fold's labels upside down must not move the weight that fold is scored at.
    upside_down = np.where((folds == 2)[:, None], slates.gains[:, ::-1] * slates.mask, slates.gains)
    _, again = cross_validated(weight_curves(columns, upside_down, fusion), folds)
    assert (weights[folds == 2] == again[folds == 2]).all()
    assert (weights[folds != 2] != again[folds != 2]).any()
    curves = weight_curves(columns, slates.gains, fusion)
    np.testing.assert_array_equal(values, curves.at(weights))


@settings(max_examples=20)
@given(SEEDS, st.floats(0, 1))
def test_buckets_score_like_slates(seed: int, w: float) -> None:
    slates, fusion = random_slates(seed, 1100, 6), Fusion("weighted ranks")
    parts = buckets(slates.columns(fusion), slates.gains)
    assert len(parts) > 1
    np.testing.assert_allclose(ndcg_at(parts, fusion, w, 1100), slow_ndcgs(slates, fusion, w), atol=1e-12)


@pytest.mark.parametrize("fusion", LINEAR_SETTINGS, ids=str)
def test_the_mean_curve_is_direct_evaluation_at_1000_random_weights(fusion: Fusion) -> None:
    slates, weights = random_slates(11, 30), np.random.default_rng(11).random(1000)
    columns = slates.columns(fusion)
    mean = weight_curves(columns, slates.gains, fusion).mean()
    parts = buckets(columns, slates.gains)
    direct = [np.nanmean(ndcg_at(parts, fusion, w, 30)) for w in weights]
    np.testing.assert_allclose(mean.at(weights), direct, atol=1e-9)


# --- by hand ---


def test_a_curve_is_read_at_its_ends_at_its_crossings_and_between() -> None:
    one = WeightCurve(np.array([0.0, 0.5]), np.array([0.3, 0.7]), 0.1, 0.9)
    many = WeightCurves(
        np.array([0.0, 0.5, 0.0, 0.2, 0.4]),
        np.array([0.3, 0.7, 0.1, 0.2, 0.9]),
        np.array([0, 2, 5]),
        np.array([0.1, 0.0]),
        np.array([0.9, 1.0]),
    )
    assert one.at([0.0, 0.2, 0.5, 0.6, 1.0]).tolist() == [0.1, 0.3, 0.7, 0.7, 0.9]
    for weights, wanted in [
        ((0.0, 0.0), (0.1, 0.0)),
        ((0.2, 0.2), (0.3, 0.2)),
        ((0.5, 0.3), (0.7, 0.2)),
        ((0.49, 0.4), (0.3, 0.9)),
        ((1.0, 1.0), (0.9, 1.0)),
    ]:
        assert many.at(np.array(weights)).tolist() == list(wanted)
    assert many.inside(np.array([0.0, 0.5, 1.0])).tolist() == [[0.3, 0.7, 0.7], [0.1, 0.9, 0.9]]
    assert many.curve(1).at([0.0, 0.3, 1.0]).tolist() == [0.0, 0.2, 1.0]
    mean = many.mean()
    assert mean.starts.tolist() == [0.0, 0.2, 0.4, 0.5]
    assert mean.values == pytest.approx([0.2, 0.25, 0.6, 0.8])
    assert (mean.at_zero, mean.at_one, mean.n) == (0.05, 0.95, 2)
    assert repr(one) == "WeightCurve(1 query, exact: best 0.7000 at image weight 0.500 to 1.000)"
    assert repr(many) == "WeightCurves(2 queries, exact)"


def test_a_curve_of_no_query_has_all_weights_for_its_best() -> None:
    best = WeightCurve(np.zeros(1), np.full(1, np.nan), np.nan, np.nan, 0).best
    assert (best.low, best.high, best.weight) == (0.0, 1.0, 0.5)
    assert np.isnan(best.value)


@pytest.mark.parametrize(
    ("whole", "queries", "count"),
    [(None, None, 2), ([True, True], None, 3), ([True, False], None, 2), ([True, True, False], [0, 1], 3)],
)
def test_crossings_of_whole_numbers_are_told_apart_where_others_are_one(
    whole: list[bool] | None, queries: list[int] | None, count: int
) -> None:
    """The second query's lies a tenth of a billionth behind the first's."""
    number = 2 if whole is None else len(whole)
    starts = np.array([0.0, 0.5, 0.0, 0.5 + 1e-10, 0.0, 0.7])[: 2 * number]
    curves = WeightCurves(
        starts,
        np.tile([0.2, 0.8], number),
        np.arange(number + 1) * 2,
        np.full(number, 0.2),
        np.full(number, 0.8),
        whole=None if whole is None else np.array(whole),
    )
    assert len(curves.mean(queries).starts) == count


def test_beside_a_crossing_is_the_middle_of_what_lies_behind() -> None:
    starts = np.array([0.0, 0.5])
    wanted = {
        **{0.25: 0.25, 0.5 - 2e-9: 0.5 - 2e-9, 0.5 + 2e-9: 0.5 + 2e-9, 1 - 2e-9: 1 - 2e-9, 2e-9: 2e-9},
        **{0.0: 0.25, 5e-10: 0.25, 0.5 - 5e-10: 0.75, 0.5: 0.75, 0.5 + 5e-10: 0.75, 1 - 5e-10: 0.75, 1.0: 0.75},
    }
    for weight, found in wanted.items():
        assert beside(starts, weight) == found, weight
    narrow = np.array([0.0, 0.5, 0.5 + 2e-9, 0.8])
    assert beside(narrow, 0.5 + 1e-9) == 0.5 + 1e-9
    assert beside(narrow, 0.5 + 3e-10) == pytest.approx(0.5 + 1e-9, abs=1e-12)
    assert beside(narrow, 0.5 + 1.8e-9) == pytest.approx(0.65)


@pytest.mark.parametrize("fusion", [Fusion(), Fusion("max", norm="min-max")], ids=str)
def test_blocks_change_no_curve(fusion: Fusion, monkeypatch: pytest.MonkeyPatch) -> None:
    slates = random_slates(3, 40, 6)
    whole = weight_curves(slates.columns(fusion), slates.gains, fusion)
    monkeypatch.setattr(module, "_BLOCK", 20)
    parts = weight_curves(slates.columns(fusion), slates.gains, fusion)
    for name in ("starts", "values", "offsets", "at_zero", "at_one"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_what_is_sampled_lies_about_its_samples() -> None:
    slates, fusion = random_slates(3, 4, 6), Fusion("max", norm="min-max")
    curve = weight_curves(slates.columns(fusion), slates.gains, fusion).curve(2)
    assert curve.starts == pytest.approx([0.0, *(np.arange(200) / 200 + 1 / 400)], abs=1e-15)
    assert repr(curve).startswith("WeightCurve(1 query, sampled: ")


def test_what_nobody_judged_is_taken_out_of_the_ranking() -> None:
    """The first of the catalogue is unjudged; of the other two the worse one is ahead by text, until .75."""
    text, image = np.array([0.9, 0.3, 0.6]), np.array([0.9, 0.5, 0.4])
    columns = Columns(text, image, np.ones(3, bool))
    found = Candidates(np.arange(3), text, image, columns, np.array([-1, 0, 1]))
    curve = judged_curve(found, np.array([1.0, 0.0]), Fusion())
    assert curve.starts == pytest.approx([0, 0.75])
    assert curve.values == pytest.approx([discounts(2)[1], 1])
    with pytest.raises(ValueError, match="a text and an image signal"):
        judged_curve(Candidates(np.arange(3), text, None, None, np.array([-1, 0, 1])), np.ones(2), Fusion())
