"""What the protocol promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from judged import act, book, pairs

from sqid_core.errors import InputError
from sqid_core.judging.acts import COLUMNS, KINDS, LONGEST_VALUE, WORDS, standing
from sqid_core.judging.books import PAIR_COLUMNS
from sqid_core.judging.store import LONGEST_NAME, Judge, Store


def test_an_act_comes_back_as_it_was_sent(store: Store, ann: Judge) -> None:
    store.create_book(book(), pairs(3))
    sent = act("k", "note", value="“<b>” שלום\n\t🎈", book="b", link="/compare?a=1", seconds=2.5, showing=2, number=7)
    assert store.add([sent], ann.id, "demo", "f1").confirmed == ("k",)
    found = store.acts("demo")
    assert dict(found.dtypes) == {name: pd.Series([], dtype=kind).dtype for name, kind in COLUMNS.items()}
    row = found.iloc[0]
    assert (row.seq, row.judge, row.bundle, row.fingerprint) == (1, ann.id, "demo", "f1")
    assert {name: row[name] for name in vars(sent)} == vars(sent)
    assert abs(pd.Timestamp.now("UTC") - row.time) < pd.Timedelta("1h")


def test_what_is_unknown_comes_back_as_nan_and_nothing(store: Store, ann: Judge) -> None:
    store.add([act("k")], ann.id, "demo", "f")
    row = store.acts("demo").iloc[0]
    assert math.isnan(row.seconds)
    assert (row.book, row.link, row.value) == ("", "", "Exact")


def test_every_kind_is_stored(store: Store, ann: Judge) -> None:
    store.add([act(kind, kind) for kind in KINDS], ann.id, "demo", "f")
    assert tuple(store.acts("demo")["kind"]) == KINDS


def test_the_longest_texts_are_stored(store: Store, ann: Judge) -> None:
    store.add([act("k" * 80, "note", value="🎈" * LONGEST_VALUE, query_id="q" * 500)], ann.id, "demo", "f")
    assert store.acts("demo")["value"][0] == "🎈" * LONGEST_VALUE


def test_an_empty_store_has_frames_with_types_and_version_0(store: Store) -> None:
    for frame, columns in ((store.acts("demo"), COLUMNS), (store.pairs("none"), PAIR_COLUMNS)):
        assert len(frame) == 0
        assert dict(frame.dtypes) == {name: pd.Series([], dtype=kind).dtype for name, kind in columns.items()}
    assert store.version("demo") == 0
    assert (store.books("demo"), store.judges(), store.judge_of("nobody's")) == ([], {}, None)


def test_what_comes_twice_is_stored_once(store: Store, ann: Judge) -> None:
    first = store.add([act("a"), act("b"), act("a", value="Irrelevant")], ann.id, "demo", "f")
    again = store.add([act("b"), act("c")], ann.id, "demo", "f")
    assert (first.seq, first.confirmed) == (2, ("a", "b"))
    assert (again.seq, again.confirmed, again.refused) == (3, ("b", "c"), {})
    found = store.acts("demo")
    assert list(found["key"]) == ["a", "b", "c"]
    assert found["value"][0] == "Exact"
    assert store.add([], ann.id, "demo", "f").seq == 3


def test_what_cannot_be_stored_is_refused_and_the_rest_is_stored(store: Store, ann: Judge) -> None:
    bob = store.enrol("Bob's secret", "Bob")
    store.create_book(book(), pairs(1))
    store.add([act("hers")], ann.id, "demo", "f")
    sent = [
        act("hers"),
        act("lost book", book="none"),
        act("nul", value="a\0b"),
        act("half", query_id="\ud83c"),
        act("k\0"),
        act("good", book="b"),
    ]
    told = store.add(sent, bob.id, "demo", "f")
    assert (told.seq, told.confirmed) == (2, ("good",))
    assert set(told.refused) == {one.key for one in sent} - {"good"}
    assert "somebody else" in told.refused["hers"]
    assert "no book 'none'" in told.refused["lost book"]
    assert all("characters" in told.refused[key] for key in ("nul", "half", "k\0"))
    assert "not about other" in store.add([act("x", book="b")], bob.id, "other", "f").refused["x"]
    assert list(store.acts("demo")["judge"]) == [ann.id, bob.id]


def test_a_judge_who_is_not_there_is_named_in_a_sentence(store: Store) -> None:
    store.enrol("secret", "Ann")
    for judge in ("", "nobody", "a\0", "\ud83c", "x" * 1000):
        nobody_is_told(store, judge)
    assert store.version("demo") == 0


def nobody_is_told(store: Store, judge: str) -> None:
    for work in (
        lambda: store.add([act("k")], judge, "demo", "f"),
        lambda: store.rename(judge, "x"),
        lambda: store.grant(judge, "lead"),
        lambda: store.forget(judge),
        lambda: store.redeem(store.lead_code(), judge),
    ):
        with pytest.raises(InputError, match="there is no judge"):
            work()


def test_acts_are_read_by_bundle_book_and_version(store: Store, ann: Judge) -> None:
    store.create_book(book(), pairs(1))
    store.add([act("1"), act("2", book="b")], ann.id, "demo", "f")
    store.add([act("3")], ann.id, "other", "f")
    store.add([act("4", book="b"), act("5")], ann.id, "demo", "f")

    def keys(bundle: str, **which: object) -> str:
        return "".join(store.acts(bundle, **which)["key"])  # type: ignore[arg-type]

    assert (keys("demo"), keys("other"), keys("none")) == ("1245", "3", "")
    assert (keys("demo", book="b"), keys("demo", book=""), keys("demo", book="none")) == ("24", "15", "")
    assert [keys("demo", until=seq) for seq in (0, 1, 3, 4, 99)] == ["", "1", "12", "124", "1245"]
    assert (keys("demo", until=10**30), keys("demo", until=-(10**30))) == ("1245", "")
    assert keys("demo", until=4, book="b") == "24"
    assert (store.version("demo"), store.version("other"), store.version("none")) == (5, 3, 0)
    before = store.acts("demo", until=4)
    store.add([act("6")], ann.id, "demo", "f")
    pd.testing.assert_frame_equal(store.acts("demo", until=4), before)


def test_a_book_comes_back_as_it_was_made(store: Store) -> None:
    made = book(guidelines="# <script>\n" + "x" * 10_000, tags=("a", 'b"', "", "ש"), repeats=0.1, judges=3)
    rows = pairs(5)
    store.create_book(made, rows.iloc[::-1])
    store.create_book(book("c", name="another", blind=False, order="worst", by_chance=True), pairs(0))
    assert store.book("b") == made
    assert [one.id for one in store.books("demo")] == ["b", "c"]
    pd.testing.assert_frame_equal(store.pairs("b"), rows)
    assert (len(store.pairs("c")), store.books("other")) == (0, [])


def test_a_book_that_is_not_there_is_named_in_a_sentence(store: Store) -> None:
    for book_id in ("none", "", "\0", "\ud83c"):
        with pytest.raises(InputError, match="there is no book"):
            store.book(book_id)
        with pytest.raises(InputError, match="there is no book"):
            store.change_book(book(book_id))


def test_two_books_of_a_bundle_have_two_names(store: Store) -> None:
    store.create_book(book(), pairs(1))
    store.create_book(book("c", bundle="other"), pairs(1))
    store.create_book(book("d", name="third"), pairs(1))
    with pytest.raises(InputError, match="choose another name"):
        store.create_book(book("e"), pairs(1))
    with pytest.raises(InputError, match="choose another name"):
        store.change_book(book("d"))
    with pytest.raises(InputError, match="another id"):
        store.create_book(book("b", name="fourth"), pairs(1))
    assert [one.name for one in store.books("demo")] == ["Shoes", "third"]


def test_a_book_changes_but_not_how_it_was_drawn(store: Store) -> None:
    made = book()
    store.create_book(made, pairs(2))
    changed = replace(made, name="New", guidelines="g", tags=("t",), anybody=False, closed=True)
    store.change_book(changed)
    assert store.book("b") == changed
    with pytest.raises(InputError, match="source, judges cannot be changed"):
        store.change_book(replace(changed, source="chosen by hand", judges=9))
    assert store.book("b") == changed
    assert len(store.pairs("b")) == 2


def test_pairs_and_texts_that_make_no_book_are_refused(store: Store) -> None:
    for wrong, told in (
        (pairs(2).assign(number=0), "there twice"),
        (pairs(2).assign(product_id="p"), "there twice"),
        (pairs(2).drop(columns=["why", "stratum"]), "lack stratum, why"),
        (pairs(2).assign(why="\0"), "no text"),
    ):
        with pytest.raises(InputError, match=told):
            store.create_book(book(), wrong)
    for name in ("\0", "\ud83c"):
        with pytest.raises(InputError, match="no text"):
            store.create_book(book(name=name), pairs(1))
    assert store.books("demo") == []


def test_equal_names_stay_different_judges(store: Store) -> None:
    first, second = store.enrol("one secret", "Ann"), store.enrol("another", "Ann", "viewer")
    assert first.id != second.id
    assert store.enrol("one secret", "Somebody else", "lead") == first
    assert store.judge_of("another") == second == Judge(second.id, "Ann", role="viewer")
    assert list(store.judges().values()) == [first, second]
    with pytest.raises(InputError, match="secret"):
        store.enrol("", "Ann")


def test_names_and_roles(store: Store, ann: Judge) -> None:
    store.rename(ann.id, "<b>ש</b>")
    store.grant(ann.id, "viewer")
    assert store.judges()[ann.id] == replace(ann, name="<b>ש</b>", role="viewer")
    for wrong in ("x" * (LONGEST_NAME + 1), "a\0", "\ud83c"):
        with pytest.raises(InputError):
            store.rename(ann.id, wrong)
        with pytest.raises(InputError):
            store.enrol("new", wrong)
    with pytest.raises(InputError, match="viewer, judge, lead"):
        store.grant(ann.id, "boss")  # type: ignore[arg-type]
    assert store.judge_of("\0\ud83c") is None


def test_a_model_is_one_judge_for_each_way_that_it_is_asked(store: Store) -> None:
    first = store.model_judge("m", {"prompt": "abc", "endpoint": "e"})
    assert first.kind == "model"
    assert store.model_judge("m", {"endpoint": "e", "prompt": "abc"}) == first
    assert store.model_judge("m", {"endpoint": "e", "prompt": "xyz"}).id != first.id
    assert store.judges()[first.id].about == {"prompt": "abc", "endpoint": "e"}


def test_some_columns_and_some_queries_are_enough_for_what_stands(store: Store, ann: Judge) -> None:
    store.create_book(book(), pairs(60))
    acts = [
        act(f"k{number}", number=number + 1, query_id=f"q{number // 20}", product_id=f"p{number}", book="b")
        for number in range(60)
    ]
    acts += [act("z", "undo", number=61, query_id="q0", product_id="p25", value="k25", book="b")]
    store.add(acts, ann.id, "demo", "f")
    whole = standing(store.acts("demo", book="b"))
    few = standing(store.acts("demo", book="b", columns=WORDS, queries=["q1", "none"]))
    assert few.columns.tolist() == [*WORDS]
    pd.testing.assert_frame_equal(
        few.reset_index(drop=True), whole.loc[whole["query_id"] == "q1", [*WORDS]].reset_index(drop=True)
    )
    assert len(few) == 19
    named = store.pairs("b", columns=("number", "why"), numbers=[3, 59, 1000])
    assert named.to_numpy().tolist() == [[3, "rank 3 of fused"], [59, "rank 59 of fused"]]
    assert store.pairs("b", numbers=[]).empty
    assert store.acts("demo", queries=[])["kind"].tolist() == ["undo"]
