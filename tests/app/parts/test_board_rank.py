"""The board's ranking and measuring in the browser, held to the core's on a thousand random slates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product as every
from typing import Any

import numpy as np
import pytest
from places import ROOT

from sqid_core.bundle.labels import ESCI
from sqid_core.evaluation.metrics import ndcg, precision
from sqid_core.evaluation.unjudged import judged_share, ndcg_readings, rank_biased_precision
from sqid_core.ranking.fusion import Columns, Fusion, columns, fuse
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS
from sqid_core.ranking.ranks import order
from sqid_ui.parts.browser.joined import joined

pytestmark = pytest.mark.browser
BOARD = ROOT / "sqid_ui" / "parts" / "board"
# A thousand by night.
SLATES = 1000 if os.environ.get("SQID_WHOLE") == "1" else 400
WEIGHTS = (0.0, 0.07, 0.5, 0.61, 1.0)
K = 12
# What the page answers for each case and weight: order and measures; or what is said of single products.
RANKINGS = """cases => cases.map(({ columns, labels, judging, weights, k }) => weights.map(w => {
    const scores = rank.fuse(columns, w), positions = rank.order(scores);
    const plain = value => Number.isNaN(value) ? null : Array.isArray(value) ? value.map(plain) : value;
    const measured = complete => Object.fromEntries(
        Object.entries(rank.measure(positions, labels, { ...judging, complete }, k)).map(([n, v]) => [n, plain(v)]));
    return {
        scores: [...scores], positions: [...positions], ranks: [...rank.ranksOf(positions)],
        slate: measured(true), catalogue: measured(false),
    };
}))"""
PRODUCTS = """cases => cases.map(({ columns, labels, judging }) => {
    const positions = rank.order(rank.fuse(columns, 0.5));
    return {
        places: labels.map((_, place) => rank.placeValue(positions, labels, judging, place)),
        crossings: labels.map((_, other) => rank.crossing(columns, 0, other, 0.5)),
    };
})"""
# The modules whose functions the page holds, and which.
GLOBAL = {"rank": "fuse, order, ranksOf, crossing", "measures": "measure, placeValue"}


@pytest.fixture(scope="module")
def script(browser: Any) -> Iterator[Any]:
    """A page that holds what the board ranks and measures by as `rank`, joined as in the board's script."""
    page = browser.new_page()
    page.evaluate("() => { window.rank = {} }")
    for module, names in GLOBAL.items():
        script = f"{joined(BOARD / f'{module}.js')}\nObject.assign(window.rank, {{ {names} }});"
        page.add_script_tag(content=script, type="module")
    page.wait_for_function("() => window.rank.fuse && window.rank.measure")
    yield page
    page.close()


def settings() -> list[Fusion]:
    """Every method with every norm and missing policy that makes sense."""
    return [
        Fusion(method, 0.5, norm, missing)
        for method, norm, missing in every(METHODS, NORMS, MISSING_IMAGE)
        if not (method == "max" and norm == "none")
    ]


def random_slate(rng: np.random.Generator, fusion: Fusion) -> tuple[Columns, np.ndarray]:
    """Prepared columns (C,) and labels (C,): ties, missing pictures and texts, unjudged products, constant signals,
    imported runs."""
    count = int(rng.integers(1, 45))
    decimals = int(rng.integers(0, 4)) if rng.random() < 0.5 else 16
    text, image, own = np.round(rng.uniform(-1, 1, (3, count)), decimals)
    image[rng.random(count) < 0.2] = np.nan
    text[rng.random(count) < 0.05] = np.nan
    if rng.random() < 0.05:
        text[:] = 0.25
    labels = rng.integers(-1, 4, count) if rng.random() < 0.9 else np.full(count, 3)
    runs = (bool(rng.random() < 0.3), bool(rng.random() < 0.3))
    return columns(fusion, text, image, text_image=own, runs=runs), labels


def as_told(prepared: Columns, labels: np.ndarray, fusion: Fusion, judged: np.ndarray) -> dict[str, Any]:
    a, b, c = (None if values is None else values.tolist() for values in (prepared.a, prepared.b, prepared.c))
    judging = {
        "gains": ESCI.gains().tolist(),
        "relevant": ESCI.is_relevant(np.arange(4)).tolist(),
        "judged": (-np.sort(-judged)).tolist(),
    }
    told = {"combiner": METHODS[fusion.method].combiner, "a": a, "b": b, "c": c}
    return {"columns": told, "labels": labels.tolist(), "judging": judging, "weights": list(WEIGHTS), "k": K}


def close(found: float | None, wanted: float) -> bool:
    return bool(np.isnan(wanted)) if found is None else abs(found - wanted) <= 1e-9


def test_orders_and_measures_are_the_cores(script: Any) -> None:
    rng = np.random.default_rng(0)
    kinds = settings()
    slates = [(kinds[i % len(kinds)], *random_slate(rng, kinds[i % len(kinds)])) for i in range(SLATES)]
    gains_of = [np.where(labels >= 0, ESCI.gains()[labels], np.nan) for _, _, labels in slates]
    cases = [as_told(p, labels, f, g[~np.isnan(g)]) for (f, p, labels), g in zip(slates, gains_of, strict=True)]
    answers_of, ties = script.evaluate(RANKINGS, cases), 0
    for (fusion, prepared, labels), gains, answers in zip(slates, gains_of, answers_of, strict=True):
        judged = gains[~np.isnan(gains)]
        for weight, found in zip(WEIGHTS, answers, strict=True):
            scores = fuse(prepared, fusion, weight)
            positions = order(scores)
            ties += len(np.unique(scores)) < len(scores)
            assert found["scores"] == scores.tolist()
            assert found["positions"] == positions.tolist()
            assert np.argsort(found["ranks"]).tolist() == positions.tolist()
            ranked = gains[positions]
            known = np.nan_to_num(ranked)
            relevant = (labels >= 0) & ESCI.is_relevant(np.maximum(labels, 0))
            slate, catalogue = found["slate"], found["catalogue"]
            assert close(slate["ndcg"], float(ndcg(known, judged)))
            assert close(slate["ndcgCut"], float(ndcg(known, judged, 10)))
            low, high = ndcg_readings(ranked, judged, 1.0, K)
            assert close(catalogue["readings"][0], float(low))
            assert close(catalogue["readings"][1], float(high))
            assert close(catalogue["condensed"], float(ndcg(ranked[~np.isnan(ranked)], judged, K)))
            everyone = np.ones(len(ranked), dtype=bool)
            assert close(catalogue["judgedShare"], float(judged_share(~np.isnan(ranked), everyone, K)))
            biased = rank_biased_precision(relevant[positions], labels[positions] >= 0, K)
            assert np.allclose(catalogue["rbp"], np.array(biased), rtol=0, atol=1e-12)
            first = labels[positions][:10]
            for measures in (slate, catalogue):
                assert close(measures["precision"], float(precision(relevant[positions], 10)))
                assert measures["mix"] == [int((first == label).sum()) for label in (0, 1, 2, 3, -1)]
    assert ties > SLATES / 10


def test_a_crossing_is_where_two_products_change_places(script: Any) -> None:
    rng = np.random.default_rng(1)
    slates = [(kind, *random_slate(rng, kind)) for kind in settings() for _ in range(5)]
    cases = [as_told(p, labels, f, ESCI.gains()[labels[labels >= 0]]) for f, p, labels in slates]
    crossed = 0
    for (fusion, prepared, _), answers in zip(slates, script.evaluate(PRODUCTS, cases), strict=True):
        # The narrowest stretch in which a sampled crossing can lie.
        step = 1e-6 if METHODS[fusion.method].linear else 0.006
        for other, at in enumerate(answers["crossings"]):
            sides = [np.sign(np.subtract(*fuse(prepared, fusion, w)[[0, other]])) for w in (0.0, 1.0)]
            if at is None:
                assert not (METHODS[fusion.method].linear and sides[0] * sides[1] < 0)
                continue
            before, after = (fuse(prepared, fusion, min(max(at + s, 0.0), 1.0))[[0, other]] for s in (-step, step))
            assert np.subtract(*before) * np.subtract(*after) <= 1e-12
            crossed += 1
    assert crossed > 100


def test_a_place_costs_what_moving_the_product_would_bring(script: Any) -> None:
    rng = np.random.default_rng(2)
    fusion = Fusion()
    slates = [random_slate(rng, fusion) for _ in range(40)]
    cases = [as_told(p, labels, fusion, ESCI.gains()[labels[labels >= 0]]) for p, labels in slates]
    for (prepared, labels), answers in zip(slates, script.evaluate(PRODUCTS, cases), strict=True):
        gains = np.where(labels >= 0, ESCI.gains()[labels], 0.0)
        judged = gains[labels >= 0]
        ranked = gains[order(fuse(prepared, fusion))]
        now = float(ndcg(ranked, judged))
        for place, found in enumerate(answers["places"]):
            if np.isnan(now):
                assert found is None
                continue
            others = np.delete(ranked, place)
            moved = [float(ndcg(np.insert(others, at, ranked[place]), judged)) for at in range(len(ranked))]
            assert found["better"] == pytest.approx(max(moved) - now, abs=1e-9)
            assert moved[found["at"]] == pytest.approx(max(moved), abs=1e-9)
            without = ranked.copy()
            without[place] = 0
            assert found["adds"] == pytest.approx(now - float(ndcg(without, judged)), abs=1e-9)
