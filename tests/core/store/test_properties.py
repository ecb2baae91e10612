"""Any acts in any order, beside a model of a few lines."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judged import act, book, pairs

from sqid_core.judging.acts import KINDS, Act
from sqid_core.judging.store import Store

BOOKS = ("", "b", "foreign", "none")
TEXTS = st.text(max_size=12) | st.sampled_from(["", "<b>", "\0", "\ud800", "שלום"])
ACTS = st.builds(
    act,
    st.sampled_from("abcdefgh"),
    st.sampled_from(KINDS),
    number=st.integers(1, 5),
    query_id=st.sampled_from(["q", "r"]),
    value=TEXTS,
    book=st.sampled_from(BOOKS),
    seconds=st.floats(),
    showing=st.sampled_from([1, 2]),
)
SENDS = st.lists(st.tuples(st.integers(0, 2), st.lists(ACTS, max_size=5)), max_size=8)


@dataclass
class Model:
    """What stands in a store, by key; and what it must have answered."""

    stored: dict[str, tuple[int, Act]] = field(default_factory=dict)

    def add(self, acts: list[Act], judge: int) -> tuple[set[str], set[str]]:
        """Keys that are confirmed, and those that are refused."""
        confirmed = set()
        for one in acts:
            good = one.book in ("", "b") and not any(letter in one.value for letter in "\0\ud800")
            if good and self.stored.get(one.key, (judge, one))[0] == judge:
                self.stored.setdefault(one.key, (judge, one))
                confirmed.add(one.key)
        return confirmed, {one.key for one in acts} - confirmed


_examples = itertools.count()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(sends=SENDS)
def test_the_store_is_its_model(store: Store, sends: list[tuple[int, list[Act]]]) -> None:
    """An example has its own bundle and keys, so that one store serves all."""
    mark = f"{next(_examples)}-"
    bundle = f"bundle {mark}"
    store.create_book(book(f"{mark}b", bundle=bundle), pairs(1))
    store.create_book(book(f"{mark}foreign", bundle="another", name=mark), pairs(1))
    ids = [store.enrol(f"{mark}{judge}", "Ann").id for judge in range(3)]
    model, frames = Model(), {}
    for judge, acts in sends:
        marked = [_marked(one, mark) for one in acts]
        told = store.add(marked, ids[judge], bundle, "f")
        confirmed, refused = model.add(acts, judge)
        assert set(told.confirmed) == {mark + key for key in confirmed}
        assert set(told.refused) == {mark + key for key in refused}
        frames[told.seq] = store.acts(bundle)
    expected = [(mark + key, ids[judge], one.kind, one.value) for key, (judge, one) in model.stored.items()]
    found = store.acts(bundle)
    assert list(found[["key", "judge", "kind", "value"]].itertuples(index=False, name=None)) == expected
    assert found["seq"].is_monotonic_increasing
    assert store.version(bundle) == (found["seq"].iloc[-1] if len(found) else 0)
    for seq, frame in frames.items():
        pd.testing.assert_frame_equal(store.acts(bundle, until=seq), frame)
    for name in ("", "b"):
        of_book = found[found["book"] == (mark + name if name else "")].reset_index(drop=True)
        pd.testing.assert_frame_equal(store.acts(bundle, book=mark + name if name else ""), of_book)


def _marked(one: Act, mark: str) -> Act:
    """With a key and a book of the example alone."""
    return Act(**{**vars(one), "key": mark + one.key, "book": mark + one.book if one.book else ""})


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
def test_many_acts_at_once(store: Store, count: int) -> None:
    """More than one statement may name keys of."""
    ann = store.enrol("secret", "Ann")
    half = [act(f"k{number}", number=number) for number in range(1, count, 2)]
    store.add(half, ann.id, "demo", "f")
    told = store.add([act(f"k{number}", number=number) for number in range(1, count + 1)], ann.id, "demo", "f")
    assert (told.seq, len(told.confirmed)) == (count, count)
    assert sorted(store.acts("demo")["number"]) == list(range(1, count + 1))
