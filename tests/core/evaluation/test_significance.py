import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.evaluation import significance
from sqid_core.evaluation.significance import (
    bootstrap_interval,
    bootstrap_intervals,
    effect_size,
    holm,
    outcomes,
    randomisation_p,
    randomisation_ps,
    resampled_means,
    weighted_moments,
)


def test_the_interval_is_that_of_the_normal_law_for_many_values() -> None:
    values = np.random.default_rng(0).normal(0.8, 0.1, 2000)
    half = 1.96 * values.std() / np.sqrt(2000)
    low, high = bootstrap_interval(values)
    assert low == pytest.approx(values.mean() - half, abs=half / 10)
    assert high == pytest.approx(values.mean() + half, abs=half / 10)


def test_nan_does_not_count_and_the_seed_is_fixed() -> None:
    values = np.random.default_rng(1).random(40)
    assert bootstrap_interval(np.append(values, np.nan)) == bootstrap_interval(values)
    assert bootstrap_interval(values) != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize("values", [[], [0.5], [0.5, np.nan]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    assert np.isnan(bootstrap_interval(np.array(values))).all()


def test_the_confidence_widens_it() -> None:
    values = np.random.default_rng(0).random(50)
    narrow, wide = bootstrap_interval(values, 0.5), bootstrap_interval(values, 0.99)
    assert wide[0] < narrow[0] < values.mean() < narrow[1] < wide[1]


def test_many_rows_have_the_intervals_that_each_has_alone() -> None:
    values = np.random.default_rng(2).random((6, 300))
    values[2, :5] = np.nan
    values[3] = 0.1
    values[4] = np.nan
    together = bootstrap_intervals(values, resamples=500)
    for row, interval in zip(values, together, strict=True):
        np.testing.assert_allclose(interval, bootstrap_interval(row, resamples=500), rtol=1e-12)
    assert tuple(together[3]) == pytest.approx((0.1, 0.1))
    assert np.isnan(together[4]).all()


def test_an_interval_is_the_quantiles_of_means_of_drawn_values() -> None:
    values = np.random.default_rng(3).random(50)
    drawn = np.random.default_rng(0).integers(50, size=(400, 50))
    expected = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_interval(values, resamples=400), expected)


def test_bootstrap_agrees_with_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(4).beta(5, 2, 80)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    ours = bootstrap_interval(values, resamples=20_000)
    # A quantile of 20,000 resampled means has a standard error of about .02 standard errors of the mean.
    error = 4 * np.sqrt(2) * 0.02 * values.std() / np.sqrt(80)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=error)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """2,000 sets of 200 queries, skewed as NDCG is."""
    sets = np.random.default_rng(5).beta(6, 1.5, (2000, 200))
    low, high = bootstrap_intervals(sets, resamples=2000).T
    truth = 6 / 7.5
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=0.015)


def test_large_draws_are_the_kept_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(6).random((2, 50))
    kept = bootstrap_intervals(values, resamples=300)
    monkeypatch.setattr(significance, "_KEPT", 0)
    np.testing.assert_array_equal(bootstrap_intervals(values, resamples=300), kept)
    # Blocks of 14 rows, counted 4 at a time, worked on 3 at a time.
    for name, numbers in (("_BLOCK", 14 * 50), ("_COUNTERS", 4 * 50), ("_CACHED", 3 * 50)):
        monkeypatch.setattr(significance, name, numbers)
    np.testing.assert_allclose(bootstrap_intervals(values, resamples=300), kept, rtol=1e-14)
    assert len(resampled_means(values, 300)) == 300


def test_two_values_have_an_interval_and_rows_of_none_have_none() -> None:
    assert bootstrap_interval(np.array([0.25, np.nan, 0.75])) == (0.25, 0.75)
    assert bootstrap_intervals(np.empty((0, 5))).shape == (0, 2)


def test_weighted_resamples_are_ratios_of_drawn_sums() -> None:
    rng = np.random.default_rng(9)
    values, weights = rng.random((2, 20)), rng.lognormal(0, 1, 20)
    drawn = np.random.default_rng(0).integers(20, size=(300, 20))
    expected = [(row * weights)[drawn].sum(axis=1) / weights[drawn].sum(axis=1) for row in values]
    np.testing.assert_allclose(resampled_means(values, 300, traffic=weights).T, expected, rtol=1e-12)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([-0.5, -0.25, -0.125, 0.0, 0.125, 0.375, 0.625]), min_size=2, max_size=10))
def test_the_exact_test_is_scipys(differences: list[float]) -> None:
    """Eighths, whose sums have no rounding: scipy misses ties with an observed sum of 0 + 1e-17."""
    stats = pytest.importorskip("scipy.stats")
    values = np.array(differences)
    theirs = stats.permutation_test(
        (values,),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert randomisation_p(values) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_random_signs_come_close_to_all_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(7).normal(0.3, 1, (3, 14))
    exact = randomisation_ps(values)
    monkeypatch.setattr(significance, "EXACT_UP_TO", 0)
    drawn = randomisation_ps(values, resamples=40_000)
    np.testing.assert_allclose(drawn, exact, atol=0.012)


def test_random_signs_never_give_a_p_of_0_and_do_not_flicker() -> None:
    values = np.full(40, 0.1)
    assert randomisation_p(values, resamples=999) == 1 / 1000
    mixed = np.append(np.random.default_rng(8).normal(0.05, 1, 40), np.nan)
    assert randomisation_p(mixed) == randomisation_p(np.nan_to_num(mixed)) == randomisation_p(mixed)


def test_random_signs_in_blocks_are_counted_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, numbers in (("_BLOCK", 60 * 40), ("_CACHED", 7 * 40)):
        monkeypatch.setattr(significance, name, numbers)
    none_as_far, all_as_far = np.full(40, 0.1), np.tile([0.1, -0.1], 20)
    assert randomisation_p(none_as_far, resamples=999) == 1 / 1000
    assert randomisation_p(all_as_far, resamples=999) == 1


def test_every_query_has_a_sign_of_its_own() -> None:
    """Of 27 the last three decide: they point one way in a quarter of all patterns, and in half of these the others
    help."""
    differences = np.append(np.tile([1e-3, -1e-3], 12), np.ones(3))
    assert randomisation_p(differences, 20_000) == pytest.approx(0.125 + 0.125 * 0.16, abs=0.02)


def test_up_to_fourteen_differences_all_signs_are_tried() -> None:
    assert randomisation_p(np.full(14, 0.1), 99) == 2 / 2**14
    assert randomisation_p(np.full(15, 0.1), 99) == 1 / 100
    assert randomisation_p(np.array([1e-9, -1e-9, 1e-9, 1e-9])) == 1


def test_the_effect_is_the_mean_over_the_deviation() -> None:
    values, weights = np.array([0.1, 0.3, np.nan, 0.8]), np.array([1.0, 2.0, 7.0, 3.0])
    assert effect_size(values) == pytest.approx(0.4 / np.std([0.1, 0.3, 0.8], ddof=1))
    # Of six that are asked, worth 36 / 14: (.1 + .6 + 2.4) / 6, and squares over 6 - 14 / 6.
    mean = 3.1 / 6
    squares = (0.1 - mean) ** 2 + 2 * (0.3 - mean) ** 2 + 3 * (0.8 - mean) ** 2
    means, deviations = weighted_moments(values[None], weights)
    assert (means[0], deviations[0]) == pytest.approx((mean, np.sqrt(squares / (6 - 14 / 6))))
    for size in (1, 1e-3, 1e3):
        assert effect_size(values, size * weights) == pytest.approx(means[0] / deviations[0])
    assert np.isnan(weighted_moments(values[None, :1], weights[:1])[1])
    for nothing in ([], [0.5], [0.5, 0.5], [0.5, np.nan]):
        assert np.isnan(effect_size(np.array(nothing)))
    assert np.isnan(effect_size(np.array([0.5, 0.5, 0.5]), np.array([1.0, 2.0, 4.0])))


def test_a_p_of_nothing() -> None:
    assert np.isnan(randomisation_p(np.array([np.nan, np.nan])))
    assert randomisation_p(np.zeros(5)) == 1


def test_rounding_is_no_difference() -> None:
    """As the mean of ten equal numbers differs from them: such queries are equal, and the few others are tried."""
    rounding = np.tile([1e-16, -2e-16, 0.0], 20)
    assert randomisation_p(rounding) == 1
    differences = rounding.copy()
    differences[:6] = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]
    assert randomisation_p(differences) == 2 / 2**6


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_definition(ps: list[float]) -> None:
    """The smallest p is multiplied by their number, the next by one less, and none is below one before it."""
    wanted, before = dict.fromkeys(range(len(ps)), 0.0), 0.0
    for step, place in enumerate(sorted(wanted, key=ps.__getitem__)):
        before = wanted[place] = min(1.0, max(before, ps[place] * (len(ps) - step)))
    np.testing.assert_allclose(holm(np.array(ps)), list(wanted.values()), atol=1e-15)


def test_holm_is_statsmodels() -> None:
    multitest, rng = pytest.importorskip("statsmodels.stats.multitest"), np.random.default_rng(0)
    for count in range(1, 61):  # with ties; hypothesis looks through the modules that an import brings, for a minute
        ps = rng.random(count).round(int(rng.integers(1, 5)))
        np.testing.assert_allclose(holm(ps), multitest.multipletests(ps, method="holm")[1], atol=1e-12)


def test_holm_leaves_out_what_is_undefined() -> None:
    np.testing.assert_allclose(holm(np.array([0.01, np.nan, 0.04])), [0.02, np.nan, 0.04])


def test_wins_ties_and_losses() -> None:
    found = outcomes(np.array([0.2, -0.1, 0.0, 1e-12, np.nan, 0.3]))
    assert (found.wins, found.ties, found.losses, found.n) == (2, 2, 1, 5)
    at_the_edge = outcomes(np.array([1e-9, -1e-9, 0.5]), 0.5)
    assert (at_the_edge.wins, at_the_edge.ties, at_the_edge.losses) == (0, 3, 0)
    assert outcomes(np.array([1e-9, -1e-9])).ties == 2


def test_many_queries_get_fewer_resamples() -> None:
    assert [significance.default_resamples(n) for n in (0, 150, 2000, 8956, 10**6)] == [10000, 10000, 10000, 2233, 2000]
