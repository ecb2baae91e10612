"""Label sets: how they are written, what they hold, and what they make of a bundle's numbers."""

from __future__ import annotations

from collections import Counter

import pytest
from act_frames import acts_of, labelled, said
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.errors import InputError
from sqid_core.judging.label_sets import PUBLISHED, SOURCES, LabelSet, answers_of, labels_of, read_labels, write_labels

MAJORITY, ADJUDICATED = LabelSet("majority"), LabelSet("adjudicated")


def labels(frame):
    assert list(frame) == ["query_id", "product_id", "label"]
    return {f"{row.query_id} {row.product_id}": row.label for row in frame.itertuples()}


# --- the text form ---


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (PUBLISHED, ""),
        (LabelSet("majority", version=120), "majority~v120"),
        (LabelSet("majority"), "majority"),
        (LabelSet("adjudicated", version=0, alone=True), "adjudicated~v0~alone"),
        (LabelSet("judge", "5f3a9c", 7), "judge-5f3a9c~v7"),
        (LabelSet("judge", "a~b/c d-é"), "judge-a%7Eb%2Fc%20d-%C3%A9"),
    ],
)
def test_a_set_has_one_text(found, text):
    assert write_labels(found) == text
    assert read_labels(text) == found
    assert hash(read_labels(text)) == hash(found)


@given(
    st.sampled_from([source for source in SOURCES if source != "published"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.none() | st.integers(0, 10**18 - 1),
    st.booleans(),
)
def test_whatever_is_written_is_read(source, judge, version, alone):
    found = LabelSet(source, judge if source == "judge" else "", version, alone)
    assert read_labels(write_labels(found)) == found


HOSTILE = [
    "published", "published~v3", "majority~", "majority~v", "majority~v-1", "majority~v01", "majority~v1.0",
    "majority~v１", "majority~alone~v3", "majority~v3~alone~alone", "majority~v3~v3", "majority-ann~v3", "judge",
    "judge-", "judge-~v3", "judge-a%7eb", "judge-%ff", "judge-a b", "judge-\ud800", "Majority", " majority", "~", "~v3",
    "alone", "majority~v9999999999999999999", "judge-" + "x" * 501, "judge-" + "x" * 100_000, "<b>majority</b>",
    "majority\n", "majority~v3\n", "judge-\u202emine",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_any_other_text_is_refused_in_one_sentence(text):
    with pytest.raises(InputError, match="is no set of labels; expected majority, ") as told:
        read_labels(text)
    assert len(str(told.value)) < 250


@given(st.text(max_size=40) | st.from_regex(r"(majority|judge-\w*|adjudicated)(~v\d*)?(~alone)?", fullmatch=True))
def test_what_is_read_is_written_so(text):
    try:
        found = read_labels(text)
    except InputError:
        return
    assert write_labels(found) == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "nobody"}, {"source": "judge"}, {"judge": "ann"}, {"source": "majority", "judge": "ann"},
        {"alone": True}, {"version": 3}, {"source": "majority", "version": -1},
    ],
)  # fmt: skip
def test_a_set_that_cannot_be_is_no_set(wrong):
    with pytest.raises(ValueError, match=r"labels|version"):
        LabelSet(**wrong)


def test_a_version_is_given_once():
    assert MAJORITY.at(5) == LabelSet("majority", version=5)
    assert MAJORITY.at(5).at(9) == LabelSet("majority", version=5)
    assert PUBLISHED.at(5) == PUBLISHED
    assert bool(MAJORITY)
    assert not PUBLISHED


def test_captions_name_the_set():
    assert PUBLISHED.words() == "published labels"
    assert LabelSet("majority", version=1200).words() == "labels of most judges up to act 1,200, others as published"
    mine = LabelSet("judge", "5f", 3, alone=True)
    assert mine.words() == "labels of 5f up to act 3, others unjudged"
    assert mine.words({"5f": "Ann\n\t\x1bB."}) == "labels of Ann B. up to act 3, others unjudged"
    assert mine.words({"5f": ""}) == mine.words({"other": "Ann"}) == mine.words()


# --- what it holds ---


VOTES = [
    labelled("ann", "q1 p1", "E"),
    labelled("bob", "q1 p1", "S"),
    labelled("cleo", "q1 p1", "S"),
    labelled("ann", "q1 p2", "E"),
    labelled("bob", "q1 p2", "S"),
    labelled("ann", "q2 p1", "I"),
    said("bob", "unrateable", "q2 p1"),
    said("cleo", "unrateable", "q2 p1"),
    said("bob", "later", "q0 p9"),
    said("ann", "note", "q2", "E"),
]


def test_most_judges_and_ties():
    assert labels(labels_of(acts_of(VOTES), MAJORITY)) == {"q1 p1": "S"}
    assert labels(answers_of(acts_of(VOTES), MAJORITY)) == {"q1 p1": "S", "q1 p2": "", "q2 p1": ""}


def test_one_judge():
    assert labels(labels_of(acts_of(VOTES), LabelSet("judge", "ann"))) == {"q1 p1": "E", "q1 p2": "E", "q2 p1": "I"}
    assert labels(answers_of(acts_of(VOTES), LabelSet("judge", "bob"))) == {"q1 p1": "S", "q1 p2": "S", "q2 p1": ""}
    assert labels_of(acts_of(VOTES), LabelSet("judge", "nobody")).empty


def test_a_model_has_no_vote_and_a_set_of_its_own():
    acts = acts_of([*VOTES, labelled("model", "q1 p2", "S"), labelled("model", "q3 p1", "C")])
    assert labels(labels_of(acts, MAJORITY, models={"model"})) == {"q1 p1": "S"}
    assert labels(labels_of(acts, MAJORITY)) == {"q1 p1": "S", "q1 p2": "S", "q3 p1": "C"}
    assert labels(labels_of(acts, LabelSet("judge", "model"), models={"model"})) == {"q1 p2": "S", "q3 p1": "C"}


def test_the_leads_word_goes_before_the_judges():
    acts = acts_of([*VOTES, said("lead", "adjudicate", "q1 p2", "C"), said("lead", "adjudicate", "q1 p1", "")])
    assert labels(answers_of(acts, ADJUDICATED)) == {"q1 p1": "", "q1 p2": "C", "q2 p1": ""}
    assert labels(labels_of(acts, ADJUDICATED)) == {"q1 p2": "C"}
    assert labels(labels_of(acts, MAJORITY)) == {"q1 p1": "S"}


def test_a_version_is_what_was_there_then():
    acts = acts_of([*VOTES, labelled("cleo", "q1 p2", "S"), said("bob", "undo", value="k2")])
    for version in (0, 1, 5, 11, 12):
        for source in (MAJORITY, ADJUDICATED, LabelSet("judge", "bob")):
            then = labels(labels_of(acts.head(version), source))
            assert labels(labels_of(acts, source.at(version))) == then
    assert labels(labels_of(acts, MAJORITY.at(11))) == {"q1 p1": "S", "q1 p2": "S"}
    assert labels(labels_of(acts, MAJORITY.at(12))) == {"q1 p2": "S"}


def test_the_published_set_holds_nothing_of_its_own():
    assert labels_of(acts_of(VOTES), PUBLISHED).empty
    assert list(labels_of(acts_of([]), MAJORITY)) == ["query_id", "product_id", "label"]
    for source in (MAJORITY, ADJUDICATED, LabelSet("judge", "ann")):
        assert labels_of(acts_of([]), source).empty


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["q p", "q r"]), st.sampled_from("ES-")), max_size=12)
)
def test_the_majority_is_counted_as_one_counts(votes):
    rows = [labelled(j, p, v) if v != "-" else said(j, "unrateable", p) for j, p, v in votes]
    last = {(judge, pair): value for judge, pair, value in votes}
    expected = {}
    for pair in {pair for _, pair in last}:
        (best, most), *others = Counter(value for (_, p), value in last.items() if p == pair).most_common()
        if best != "-" and all(count < most for _, count in others):
            expected[pair] = best
    assert labels(labels_of(acts_of(rows), MAJORITY)) == expected
