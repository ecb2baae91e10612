import numpy as np
import pytest
from drawn_slates import random_slates, slow_order
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.ranking.fusion import Fusion, columns, fuse
from sqid_core.ranking.methods import METHODS, methods_for
from sqid_core.ranking.missing import LAST, MISSING_IMAGE
from sqid_core.ranking.norms import NORMS, min_max, z_score
from sqid_core.ranking.ranks import order, ranks

NAN = np.nan
TEXT = np.array([0.9, 0.5, 0.5, 0.1])
IMAGE = np.array([0.2, NAN, 0.4, 0.3])
SEEDS = st.integers(0, 10_000)
FUSION_SETTINGS = [
    Fusion(method, norm=norm, missing_image=missing)
    for method in METHODS
    for norm in NORMS
    for missing in MISSING_IMAGE
    if not (method == "max" and norm == "none")
]


def fused(fusion: Fusion, text: np.ndarray = TEXT, image: np.ndarray = IMAGE, **more: np.ndarray) -> list[float]:
    return np.round(fuse(columns(fusion, text, image, **more), fusion), 12).tolist()


# --- by hand ---


def test_weighted_raw_scores_count_a_missing_picture_as_cosine_0() -> None:
    assert fused(Fusion(image_weight=0.25)) == [0.725, 0.375, 0.475, 0.15]


def test_weighted_scores_after_min_max() -> None:
    text, image = np.array([1, 0.5, 0.5, 0]), np.array([0, NAN, 1, 0.5])
    expected = {"zero": 0.0, "text": 0.5, "worst": 0.0}
    for missing, filled in expected.items():
        by_hand = 0.5 * text + 0.5 * np.where(np.isnan(image), filled, image)
        assert fused(Fusion(norm="min-max", missing_image=missing)) == by_hand.tolist()


def test_the_missing_picture_is_filled_in_after_z_scoring() -> None:
    z = (np.array([0.2, 0.4, 0.3]) - 0.3) / np.std([0.2, 0.4, 0.3])
    assert columns(Fusion(norm="z-score"), TEXT, IMAGE).b == pytest.approx([z[0], 0, z[1], z[2]])
    assert columns(Fusion(norm="z-score", missing_image="worst"), TEXT, IMAGE).b == pytest.approx(
        [z[0], z[0], z[1], z[2]]
    )
    text = columns(Fusion(norm="z-score", missing_image="text"), TEXT, IMAGE)
    assert text.b[1] == text.a[1]


def test_ranks_are_shared_by_ties_and_a_missing_picture_is_last() -> None:
    assert ranks(TEXT).tolist() == [1, 2, 2, 4]
    assert ranks(IMAGE).tolist() == [3, 4, 1, 2]
    assert fused(Fusion("weighted ranks", 0.5)) == [-2, -3, -1.5, -3]
    assert fused(Fusion("weighted ranks", 0.5, missing_image="text")) == [-2, -2, -1.5, -3]


def test_rrf_is_the_sum_of_reciprocal_ranks() -> None:
    by_hand = [0.5 / 61 + 0.5 / 63, 0.5 / 62 + 0.5 / 64, 0.5 / 62 + 0.5 / 61, 0.5 / 64 + 0.5 / 62]
    assert fused(Fusion("rrf")) == pytest.approx(by_hand, abs=1e-12)


def test_max_takes_the_better_of_the_two() -> None:
    assert fused(Fusion("max", 0.25, "min-max")) == [0.75, 0.375, 0.375, 0.125]


def test_embedding_average_is_the_cosine_with_the_mean_vector() -> None:
    rng = np.random.default_rng(0)
    unit = rng.standard_normal((7, 8))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    query, text, image = unit[0], unit[1:4], unit[4:7]
    for w in (0, 0.3, 1):
        mean = (1 - w) * text + w * image
        expected = mean @ query / np.linalg.norm(mean, axis=1)
        own = (text * image).sum(axis=1)
        got = fused(Fusion("embedding average", w), text @ query, image @ query, text_image=own)
        assert got == pytest.approx(expected, abs=1e-12)


def test_embedding_average_of_a_product_without_a_picture_is_its_text() -> None:
    own = np.array([0.3, NAN, 0.3, 0.3])
    for w in (0.0, 0.5, 1.0):
        assert fused(Fusion("embedding average", w), text_image=own)[1] == 0.5


# --- by property ---


@given(SEEDS, st.sampled_from(FUSION_SETTINGS))
def test_columns_are_finite_and_padding_is_last(seed: int, fusion: Fusion) -> None:
    slates = random_slates(seed, 8)
    prepared = slates.columns(fusion)
    assert np.isfinite(prepared.a).all()
    assert np.isfinite(prepared.b).all()
    scores = fuse(prepared, fusion)
    assert np.isfinite(scores[slates.mask]).all()
    assert (scores[~slates.mask] == -np.inf).all()


@given(SEEDS, st.sampled_from(FUSION_SETTINGS), st.floats(0, 1))
def test_order_is_the_obvious_one(seed: int, fusion: Fusion, w: float) -> None:
    slates = random_slates(seed, 8)
    scores = fuse(slates.columns(fusion), fusion, w)
    for row, (positions, mask) in enumerate(zip(order(scores), slates.mask, strict=True)):
        assert positions[: mask.sum()].tolist() == slow_order(scores[row], mask)


@given(SEEDS, st.sampled_from([f for f in FUSION_SETTINGS if f.missing_image != "text"]))
def test_the_ends_are_the_single_modalities(seed: int, fusion: Fusion) -> None:
    slates = random_slates(seed, 8)
    if fusion.method == "max":
        fusion = Fusion("max", norm="min-max")  # max(0, z) forgets every z below 0
    prepared = slates.columns(fusion)
    np.testing.assert_array_equal(fuse(prepared, fusion, 0.0)[slates.mask], prepared.a[slates.mask])
    np.testing.assert_array_equal(fuse(prepared, fusion, 1.0)[slates.mask], prepared.b[slates.mask])


@given(SEEDS, st.sampled_from([f for f in FUSION_SETTINGS if f.rule.linear]), st.floats(0.01, 0.99))
def test_a_constant_signal_changes_nothing(seed: int, fusion: Fusion, w: float) -> None:
    slates = random_slates(seed, 8)
    constant = np.where(slates.mask, 0.3, NAN)
    prepared = columns(fusion, slates.text, constant, slates.mask)
    alone = columns(fusion, slates.text, slates.text, slates.mask)
    np.testing.assert_array_equal(
        order(fuse(prepared, fusion, w))[slates.mask], order(fuse(alone, fusion, 0))[slates.mask]
    )


@given(SEEDS)
def test_norms_do_what_they_say(seed: int) -> None:
    scores = random_slates(seed, 8).image
    some = np.isfinite(scores).any(axis=1)
    varied = some & (np.nan_to_num(scores, nan=-9).max(axis=1) > np.nan_to_num(scores, nan=9).min(axis=1))
    scaled, z = min_max(scores)[varied], z_score(scores)[varied]
    np.testing.assert_allclose(np.nanmin(scaled, axis=1), 0)
    np.testing.assert_allclose(np.nanmax(scaled, axis=1), 1)
    np.testing.assert_allclose(np.nanmean(z, axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(np.nanstd(z, axis=1), 1)
    np.testing.assert_array_equal(np.isnan(min_max(scores)), np.isnan(scores))


@pytest.mark.parametrize("norm", [min_max, z_score])
def test_a_constant_signal_is_0_whatever_its_value(norm: object) -> None:
    for value in (0.1, 0.3, 1 / 3, 1e-9, -7.1):
        for count in (1, 2, 3, 7, 10):
            assert norm(np.full(count, value)).tolist() == [0] * count  # type: ignore[operator]


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_norms_of_any_size_with_a_gap(size: float) -> None:
    scores = np.array([[size, NAN, 3 * size], [NAN, NAN, NAN]])
    np.testing.assert_allclose(z_score(scores), [[-1, NAN, 1], [NAN] * 3])
    np.testing.assert_allclose(min_max(scores), [[0, NAN, 1], [NAN] * 3])


def test_equal_scores_keep_their_order_also_where_all_are_equal() -> None:
    """numpy's fast sort is not stable; slates without a tie are left as it sorts them."""
    scores = np.stack([np.zeros(1000), np.arange(1000.0), np.arange(1000) % 7])
    for row, found in zip(scores, order(scores), strict=True):
        assert found.tolist() == sorted(range(1000), key=lambda place: -row[place])
    assert ranks(np.array([[0.5, NAN, 0.5, NAN], [1.0, 2.0, 3.0, 0.0]])).tolist() == [[1, 3, 1, 3], [3, 2, 1, 4]]


# --- a setting checks itself ---


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"image_weight": 1.5}, "image_weight must be between 0 and 1, got 1.5"),
        ({"image_weight": NAN}, "image_weight must be between 0 and 1, got nan"),
        ({"method": "sum"}, "unknown fusion method 'sum'; choose one of: weighted scores, weighted ranks, rrf, max"),
        ({"norm": "softmax"}, "unknown norm 'softmax'; choose one of: none, min-max, z-score"),
        ({"missing_image": "drop"}, "unknown missing_image 'drop'; choose one of: zero, text, worst"),
        ({"rrf_k": 0}, "rrf_k must be a number above 0, got 0"),
        ({"method": "max"}, "needs a norm"),
    ],
)
def test_a_fusion_refuses_nonsense(setting: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Fusion(**setting)


def test_a_fusion_is_a_key() -> None:
    assert {Fusion(): 1}[Fusion(method="weighted scores")] == 1


def test_embedding_average_needs_the_products_own_cosine() -> None:
    with pytest.raises(ValueError, match="text_image"):
        columns(Fusion("embedding average"), TEXT, IMAGE)


# --- what a run does not rank, and what nothing says anything of ---

HAIR = 2.0**-40


def test_what_a_run_does_not_rank_stands_a_hair_behind() -> None:
    """A hair of the largest of: the span of the scores, the size of the lowest, that of the other column."""
    zero, text, worst = MISSING_IMAGE.values()
    column, other = np.array([-0.5, NAN, -0.1]), np.array([0.2, 0.9, -0.3])
    assert zero.filled(column, other).tolist() == [-0.5, 0.0, -0.1]
    assert worst.filled(column, other).tolist() == [-0.5, -0.5, -0.1]
    for policy in (zero, worst):
        assert policy.filled(column, other, True).tolist() == [-0.5, -0.5 - 0.9 * HAIR, -0.1]
        assert policy.filled(column, other / 9, True)[1] == -0.5 - 0.5 * HAIR
        assert policy.filled(column, np.array([NAN, 0.1, NAN]), True)[1] == -0.5 - 0.5 * HAIR
        assert policy.filled(np.array([1.0, NAN, 3.5]), other, True)[1] == (0.0 if policy is zero else 1 - 2.5 * HAIR)
        assert policy.filled(np.array([0.0, NAN]), np.zeros(2), True)[1] == -HAIR
        assert policy.filled(np.array([NAN, NAN]), np.array([0.3, NAN]), True).tolist() == [0.0, 0.0]
    assert text.filled(column, other).tolist() == text.filled(column, other, True).tolist() == [-0.5, 0.9, -0.1]
    assert text.filled(column, np.full(3, NAN)).tolist() == [-0.5, 0.0, -0.1]
    assert worst.filled(np.full((2, 2), NAN), np.ones((2, 2))).tolist() == [[0.0, 0.0]] * 2
    assert [policy.of_text for policy in (zero, text, worst)] == [zero, LAST, worst]


def test_each_slate_has_a_last_place_of_its_own() -> None:
    column = np.array([[0.2, NAN, 0.4], [5.0, 7.0, NAN]])
    assert LAST.filled(column, column).tolist() == [[0.2, 0.2, 0.4], [5.0, 7.0, 5.0]]
    behind = LAST.filled(column, np.zeros((2, 3)), True)
    assert (behind[0, 1], behind[1, 2]) == (0.2 - 0.2 * HAIR, 5 - 5 * HAIR)


def test_a_maximum_keeps_who_was_not_ranked_behind_equals() -> None:
    """The second lacks both, and is behind twice; a policy that borrows the text's column leaves pictures in sight."""
    text, image = np.array([0.5, NAN, 1.0, 0.0]), np.array([NAN, NAN, 1.0, 0.0])
    for runs, behind in (((False, False), None), ((True, True), [1, 2, 0, 0]), ((False, True), [1, 1, 0, 0])):
        found = columns(Fusion("max", norm="min-max"), text, image, runs=runs)
        assert (found.c if behind is None else (found.c / HAIR).tolist()) == behind
        fusion = Fusion("max", 0.5, "min-max")
        plain = np.maximum(0.5 * found.a, 0.5 * found.b)
        np.testing.assert_array_equal(fuse(found, fusion), plain if found.c is None else plain - found.c)
    borrowed = columns(Fusion("max", norm="min-max", missing_image="text"), text, image, runs=(True, True))
    assert (borrowed.c / HAIR).tolist() == [0, 1, 0, 0]


def test_a_product_of_neither_is_opposite_to_every_query() -> None:
    text, image = np.array([0.5, NAN, NAN]), np.array([NAN, 0.25, NAN])
    found = columns(Fusion("embedding average"), text, image, text_image=np.full(3, NAN))
    assert (found.a.tolist(), found.b.tolist(), found.c.tolist()) == ([0.5, 0.25, -1], [0.5, 0.25, -1], [1, 1, 1])


def test_what_methods_say_of_themselves() -> None:
    assert [METHODS[name].listed_as for name in METHODS] == ["weighted", *list(METHODS)[1:]]
    assert [METHODS[name].reads_missing for name in METHODS] == [True] * 4 + [False]
    assert METHODS["max"].norms == ("min-max", "z-score")
    assert METHODS["rrf"].norms == tuple(NORMS)
    assert [METHODS["max"].coherent_norm(norm) for norm in ("none", "z-score")] == ["min-max", "z-score"]
    assert [METHODS[name].norm_read("z-score") for name in ("weighted scores", "rrf")] == ["z-score", ""]
    assert METHODS["weighted scores"].norm_read("none") == ""
    assert methods_for(True) == tuple(METHODS)
    assert methods_for(False) == tuple(METHODS)[:4]


def test_a_fusion_is_plain_without_a_setting_that_changes_anything() -> None:
    plain = [Fusion(), Fusion("rrf", 0.3), Fusion("rrf", norm="z-score")]
    others = [
        Fusion(norm="z-score"),
        Fusion(missing_image="worst"),
        Fusion("rrf", rrf_k=30),
        Fusion("max", norm="min-max"),
    ]
    assert all(fusion.is_plain for fusion in plain)
    assert not any(fusion.is_plain for fusion in others)
    assert [Fusion(name, norm="min-max").needs_own for name in METHODS] == [False] * 4 + [True]
    assert Fusion("rrf", 0.3).weightless == Fusion("rrf")
    for k in (1e-3, 0.5, 1.0):
        assert fused(Fusion("rrf", 0.0, rrf_k=k)) == pytest.approx([1 / (k + rank) for rank in (1, 2, 2, 4)], abs=1e-9)
