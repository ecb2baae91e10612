import numpy as np
import pandas as pd
import pytest

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.errors import InputError

PRODUCTS, QUERIES = ["p0", "p1", "p2", "p3"], ["q0", "q1", "q2"]


def pairs(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["query_id", "product_id", "label"])


def test_slates_are_padded_and_sorted_by_row() -> None:
    judgements = Judgements.from_frame(
        pairs(("q2", "p3", "E"), ("q0", "p2", "I"), ("q2", "p0", "substitute"), ("q2", "p1", "C")),
        PRODUCTS,
        QUERIES,
        ESCI,
    )
    assert judgements.rows.tolist() == [[2, -1, -1], [-1, -1, -1], [0, 1, 3]]
    assert judgements.labels.tolist() == [[3, -1, -1], [-1, -1, -1], [1, 2, 0]]
    assert judgements.lengths.tolist() == [1, 0, 3]
    assert judgements.gains(ESCI.gains()).tolist() == [[0, 0, 0], [0, 0, 0], [0.1, 0.01, 1]]


def test_the_order_of_the_file_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    frame = pairs(*((f"q{q}", f"p{p}", "ESCI"[(q + p) % 4]) for q in range(3) for p in range(4)))
    first = Judgements.from_frame(frame, PRODUCTS, QUERIES, ESCI)
    for _ in range(5):
        again = Judgements.from_frame(frame.sample(frac=1, random_state=rng), PRODUCTS, QUERIES, ESCI)
        np.testing.assert_array_equal(again.rows, first.rows)
        np.testing.assert_array_equal(again.labels, first.labels)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("q9", "p0", "E")], "query_id 'q9', which is not in the bundle"),
        ([("q0", "p9", "E")], "product_id 'p9', which is not in the bundle"),
        ([("q0", "p0", "Z")], "unknown label 'Z'"),
        ([("q0", "p0", None)], "has no label"),
        ([("q0", "p0", "E"), ("q0", "p0", "I")], "query 'q0' and product 'p0' are judged twice"),
    ],
)
def test_what_cannot_be_a_judgement_is_refused(rows: list, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Judgements.from_frame(pairs(*rows), PRODUCTS, QUERIES, ESCI)


def test_no_judgements_at_all() -> None:
    judgements = Judgements.from_frame(pairs(), PRODUCTS, QUERIES, ESCI)
    assert judgements.rows.shape == (3, 0)


def test_arrays_are_read_only() -> None:
    judgements = Judgements.from_frame(pairs(("q0", "p0", "E")), PRODUCTS, QUERIES, ESCI)
    with pytest.raises(ValueError, match="read-only"):
        judgements.rows[0, 0] = 1


def test_gains_of_retrieved_products() -> None:
    rows = np.array([[2, 5, 9], [0, 5, -1]], dtype=np.int32)
    judgements = Judgements(np.array(["a", "b"], object), rows, np.array([[0, 1, 2], [2, 0, -1]], dtype=np.int8))
    found = judgements.gains_of(
        np.array([1, 0, 1]), np.array([[5, 7, -1], [9, 2, 11], [0, 9, 5]]), np.array([4, 2, 1.0])
    )
    assert found.tolist() == [[4, 0, 0], [1, 4, 0], [1, 0, 4]]
