import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.bundle.departments import departments, judged_categories, mode, typed_category
from sqid_core.bundle.judgements import Judgements


def test_departments_are_the_first_level() -> None:
    assert departments(["Home > Lamps", "Toys", None, float("nan"), "", " > x"]).tolist() == [
        *("Home", "Toys", None, None, None, None)
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], None), ([None], None), (["b", "a", "a"], "a"), (["b", "a", "a", "b"], "b"), ([None, None, "a"], "a")],
)
def test_the_mode_and_its_ties(names: list[str | None], expected: str | None) -> None:
    assert mode(names) == expected


def slates(*rows: list[int]) -> Judgements:
    width = max(map(len, rows))
    padded = np.array([row + [-1] * (width - len(row)) for row in rows], dtype=np.int32)
    labels = np.where(padded >= 0, 0, -1).astype(np.int8)
    return Judgements(np.array([f"q{i}" for i in range(len(rows))], dtype=object), padded, labels)


def test_a_querys_category_is_the_mode_of_its_slate() -> None:
    # The last product is where padding would point to.
    categories = np.array(["a", "b", "b", None, "z"], dtype=object)
    found = judged_categories(categories, slates([0, 1, 2], [0, 1], [3], []))
    assert found.tolist() == ["b", "a", None, None]


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.permutations(range(5)))
def test_labels_do_not_matter(labels: list[int], shuffled: list[int]) -> None:
    categories = np.array(["a", "b", "b", "a", "c"], dtype=object)
    plain = slates([0, 1, 2, 3, 4])
    other = Judgements(plain.query_ids, plain.rows, np.array([labels], dtype=np.int8)[:, shuffled])
    assert judged_categories(categories, other).tolist() == judged_categories(categories, plain).tolist() == ["a"]


def test_a_typed_querys_category_is_that_of_its_first_ten_hits() -> None:
    categories = np.array(["a"] * 5 + ["b"] * 5 + ["b"] * 20, dtype=object)
    assert typed_category(categories, np.arange(30)) == "a"
    assert typed_category(categories, np.arange(30)[::-1]) == "b"
    assert typed_category(categories, np.array([5, 6, 0, -1, -1])) == "b"
    assert typed_category(categories, np.array([-1])) is None
