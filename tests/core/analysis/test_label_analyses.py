"""Labels by rank, and suspect labels: against the slow and obvious way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE
from noise import noise_dataset

from sqid_core.analysis import suspects
from sqid_core.analysis.label_ranks import label_rank_frame, label_ranks
from sqid_core.analysis.suspects import moves, suspect_labels
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import dcg
from sqid_core.evaluation.reports import signal_run


def test_shares_add_up_and_displacement_is_what_it_says() -> None:
    dataset = noise_dataset(60, scale=THREE)
    run = signal_run(dataset, "text")
    found = label_ranks(dataset, run)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert found.counts[0] == 60
    for rank, label in [(0, 1), (0, 2), (3, 1), (5, 2)]:
        at = displaced = 0
        for slate, order, length in zip(dataset.judgements.labels, run.order, dataset.judgements.lengths, strict=True):
            ranked = slate[order[:length]].tolist()
            if len(ranked) > rank and ranked[rank] == label:
                at += 1
                displaced += 0 in ranked[rank + 1 :]
        assert found.shares[rank, label] == pytest.approx(at / found.counts[rank])
        assert found.displaced[rank, label] == pytest.approx(displaced / found.counts[rank])
    assert (found.displaced[:, 0] == 0).all()


def test_the_frame_leaves_out_ranks_of_few_queries() -> None:
    dataset = noise_dataset(60, scale=THREE)
    found = label_ranks(dataset, signal_run(dataset, "text"))
    frame = label_rank_frame(found, THREE.names)
    assert frame["queries"].min() >= 5
    assert frame.columns.tolist() == ["rank", "label", "queries", "share", "displaced"]
    one = noise_dataset(2, scale=THREE)
    assert len(label_rank_frame(label_ranks(one, signal_run(one, "text")), THREE.names))
    assert label_ranks(dataset, signal_run(dataset, "text"), deepest=3).shares.shape == (3, 3)


def test_moves_are_what_moving_each_product_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked = np.random.default_rng(0).choice([1.0, 0.1, 0.01, 0.0], size=(20, 7))
    found = moves(ranked)
    for q, slate in enumerate(ranked):
        for r in range(7):
            changes = []
            for t in range(7):
                moved = np.insert(np.delete(slate, r), t, slate[r])
                changes.append(dcg(moved) - dcg(slate))
            assert found.up[q, r] == pytest.approx(max(changes[:r], default=0.0) if r else 0.0, abs=1e-12) or (
                found.up[q, r] == 0 and max(changes[:r], default=0.0) <= 1e-12
            )
            assert found.down[q, r] == pytest.approx(max([0.0, *changes[r + 1 :]]), abs=1e-12)
    monkeypatch.setattr(suspects, "_BLOCK", 7 * 7 * 3)
    for name in ("up", "down"):
        np.testing.assert_array_equal(getattr(moves(ranked), name), getattr(found, name))


def test_a_wrong_label_is_found(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    both = [signal_run(dataset, name).order for name in ("words_text", "words_image")]
    # The product of the first query that both rank high gets the worst label.
    slate = min(range(18), key=lambda p: max(int(np.flatnonzero(order[0] == p)[0]) for order in both))
    labels = dataset.judgements.labels.copy()
    labels[0, slate] = 3
    spoilt = type(dataset.judgements)(dataset.judgements.query_ids, dataset.judgements.rows, labels)
    found = suspect_labels(type(dataset)(**{**vars(dataset), "judgements": spoilt}))
    wrong = found[(found["query"] == 0) & (found["product"] == dataset.judgements.rows[0, slate])].iloc[0]
    assert (wrong["label"], wrong["should"]) == (3, "lower")
    assert max(wrong["text_rank"], wrong["image_rank"]) <= 4
    assert (found["cost"].diff().dropna() <= 0).all()
    np.testing.assert_allclose(found["cost"], np.minimum(found["cost_text"], found["cost_image"]))


def test_the_table_of_suspects_is_what_moving_each_product_says() -> None:
    """One product after the other to every place of both rankings, by hand."""
    dataset = noise_dataset(12, scale=THREE)
    judgements, gains = dataset.judgements, dataset.judgements.gains(dataset.scale.gains())
    wanted = []
    for query, length in enumerate(judgements.lengths.tolist()):
        slate, ideal = gains[query, :length], float(dcg(-np.sort(-gains[query, :length])))
        found: list[list[tuple[int, float, float]]] = [[] for _ in range(length)]
        for name in ("text", "image"):
            order = signal_run(dataset, name).order[query, :length].tolist()
            now = float(dcg(slate[order]))
            for place in range(length):
                rank, rest = order.index(place), [each for each in order if each != place]
                reached = [float(dcg(slate[[*rest[:t], place, *rest[t:]]])) - now for t in range(length)]
                up, down = max([0.0, *reached[:rank]]), max([0.0, *reached[rank + 1 :]])
                found[place].append((rank + 1, up / ideal if ideal else 0.0, down / ideal if ideal else 0.0))
        for place, ((text, *of_text), (image, *of_image)) in enumerate(found):
            higher, lower = (min(pair) for pair in zip(of_text, of_image, strict=True))
            known = np.isfinite(dataset.signals["image"].scores[query, place])
            if known and max(higher, lower) > 1e-9:
                way = 0 if higher >= lower else 1
                costs = of_text[way], of_image[way]
                label = int(judgements.labels[query, place])
                row = int(judgements.rows[query, place])
                should = ("higher", "lower")[way]
                wanted.append((query, row, label, text, image, length, *costs, max(higher, lower), should))
    wanted.sort(key=lambda line: -line[-2])
    table = suspect_labels(dataset, most=10_000)
    assert len(table) == len(wanted)
    for line, one in zip(
        table.sort_values("cost", ascending=False, kind="stable").itertuples(index=False), wanted, strict=True
    ):
        assert line[-2] == pytest.approx(one[-2], abs=1e-12)
    lines = {(line[0], line[1]): line for line in table.itertuples(index=False)}
    for one in wanted:
        line = lines[one[:2]]
        assert tuple(line[:6]) == one[:6]
        assert tuple(line[6:9]) == pytest.approx(one[6:9], abs=1e-12)
        assert line[9] == one[9]
    pd.testing.assert_frame_equal(suspect_labels(dataset, most=5), table.head(5))


def test_ideal_rankings_have_no_suspects() -> None:
    dataset = noise_dataset(30, scale=THREE)
    ideal = np.where(dataset.judgements.mask, -dataset.judgements.labels.astype(float), np.nan)
    for signal in dataset.signals.values():
        signal.scores[:] = ideal
    assert not len(suspect_labels(dataset))


def test_a_product_without_a_picture_is_no_contradiction() -> None:
    dataset = noise_dataset(60, scale=THREE)
    found = suspect_labels(dataset, most=10_000)
    assert len(found)
    rows = dataset.judgements.rows
    for query, product in found[["query", "product"]].itertuples(index=False):
        place = int(np.flatnonzero(rows[query] == product)[0])
        assert np.isfinite(dataset.signals["image"].scores[query, place])


def test_one_signal_contradicts_nothing() -> None:
    dataset = noise_dataset(30)
    del dataset.signals["image"]  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="no image signal"):
        suspect_labels(dataset)
