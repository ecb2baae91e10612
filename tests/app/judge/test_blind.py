"""What a blind book hides, and when it is to be seen."""

from __future__ import annotations

from judging_app import Send, label_act, make_book, pairs_of, queue_of

from sqid_core.bundle.load import Dataset
from sqid_core.judging.store import Store


def test_a_blind_book_tells_nothing_early(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder, judges=2)
    drawn = pairs_of(dataset, 12)
    numbers = dict(zip(zip(drawn["query_id"], drawn["product_id"], strict=True), drawn["number"], strict=True))
    first = queue_of("anna")
    for word in ("secret ranker", "published", *dataset.scale.names):
        assert word not in first.text
    head = first.json()["pairs"][0]
    assert (head["known"], head["word"]) == (None, None)
    known = send("anna", label_act(head, 1, "Irrelevant")).json()["known"][0]
    assert known["why"] == f"rank {numbers[head['query_id'], head['product_id']] + 1} of secret ranker"
    assert known["published"] in dataset.scale.names
    assert known["others"] == []
    other = send("bo", label_act(head, 1, "Exact", key="b1")).json()
    assert other["known"][0]["others"] == ["Irrelevant"]
    assert queue_of("anna").json()["past"][0]["known"]["others"] == ["Exact"]


def test_what_others_said_waits_for_all_judges(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder, judges=3)
    head = queue_of("anna").json()["pairs"][0]
    send("anna", label_act(head, 1))
    # Anna may take her label back: bo's must not have been shown to her.
    assert send("bo", label_act(head, 1, "Irrelevant", key="b1")).json()["known"][0]["others"] == []
    assert queue_of("anna").json()["past"][0]["known"]["others"] == []


def test_judge_later_ends_nothing(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    head = queue_of("anna").json()["pairs"][0]
    assert send("anna", label_act(head, 1, "", kind="later")).json()["known"] == []
    send("anna", label_act(head, 2), label_act(head, 3, "k2", kind="undo"))
    assert all(each["known"] is None for each in queue_of("anna").json()["pairs"])


def test_a_pair_that_is_shown_again_is_blind_again(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder, repeats=1.0)
    for number in range(1, 13):
        send("anna", label_act(queue_of("anna").json()["pairs"][0], number))
    again = queue_of("anna").json()
    assert {each["showing"] for each in again["pairs"]} == {2}
    assert all(each["known"] is None and each["word"] is None for each in again["pairs"])
    assert (again["done"], again["count"]) == (12, 24)
    send("anna", label_act(again["pairs"][0], 13, showing=2))
    assert (queue_of("anna").json()["done"], queue_of("anna").json()["count"]) == (13, 24)


def test_a_models_labels_are_not_among_those_of_others(store: Store, send: Send, dataset: Dataset) -> None:
    from sqid_core.judging.acts import Act

    make_book(store, dataset.folder, blind=False)
    head = queue_of("anna").json()["pairs"][0]
    model = store.model_judge("model", {"prompt": "0"})
    store.add([Act(**label_act(head, 1, key="m1"))], model.id, "tiny", dataset.fingerprint)
    assert queue_of("anna").json()["pairs"][0]["known"]["others"] == []


def test_an_open_book_tells_at_once(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder, blind=False, judges=2)
    head = queue_of("anna").json()["pairs"][0]
    assert head["known"]["published"] in dataset.scale.names
    send("bo", label_act(head, 1, "Substitute", key="b1"))
    found = queue_of("anna").json()["pairs"]
    same = [each for each in found if (each["query_id"], each["product_id"]) == (head["query_id"], head["product_id"])]
    assert same[0]["known"]["others"] == ["Substitute"]
