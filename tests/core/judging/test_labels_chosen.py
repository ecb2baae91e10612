"""Which labels are chosen, so that means under them claim nothing beyond the queries that they are of."""

from __future__ import annotations

from pathlib import Path

from act_frames import acts_of, labelled, said

from sqid_core.bundle.load import load_bundle
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import relabelled

MAJORITY = LabelSet("majority", version=100)


def test_labels_that_change_something_outside_drawn_books_are_chosen(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    judgements, names = dataset.judgements, dataset.scale.names
    products = dataset.products["product_id"].iloc[judgements.rows[0, :2]]
    as_before, other = (f"{judgements.query_ids[0]} {product}" for product in products)
    published, wrong = names[judgements.labels[0, 0]], names[judgements.labels[0, 1] - 1]
    same = labelled("ann", as_before, published, book="suspects")
    drawn = labelled("ann", other, wrong, book="sample")
    chosen = labelled("ann", other, wrong, book="suspects")
    last_word = said("lea", "adjudicate", other, wrong, book="suspects")
    adjudicated = LabelSet("adjudicated", version=100)

    def chosen_by(labels: LabelSet, *acts: dict[str, object]) -> bool:
        return relabelled(dataset, acts_of([*acts]), labels, by_chance={"sample"}).dataset.labels_chosen

    assert not chosen_by(MAJORITY, same)  # nothing changes
    assert not chosen_by(MAJORITY, drawn)
    assert chosen_by(MAJORITY, chosen)
    assert chosen_by(MAJORITY, same, drawn)
    assert not chosen_by(LabelSet("judge", "bob", 100), chosen, {**drawn, "judge": "bob"})
    assert chosen_by(adjudicated, drawn, last_word)
    assert not chosen_by(MAJORITY, drawn, last_word)
    found = relabelled(dataset, acts_of([chosen]), MAJORITY, by_chance={"sample"})
    assert found.sentence().endswith("pairs chosen by these rankers, or by a list: no interval, p or verdict")
    other_key = relabelled(dataset, acts_of([drawn]), MAJORITY, by_chance={"sample"}).dataset
    assert other_key.judgements.digest == found.dataset.judgements.digest
    assert other_key.key != found.dataset.key
