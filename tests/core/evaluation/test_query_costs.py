import json
import math

import pytest

from precompute.steps.learn import Wanted, learn
from precompute.steps.lexical import index_words
from precompute.work.costs import keep_cost
from sqid_core.bundle.costs import COSTS, read_costs
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.query_costs import seconds_a_query
from tests.fixtures import build_tiny_bundle


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    bundle = build_tiny_bundle(tmp_path_factory.mktemp("costs") / "tiny")
    index_words(bundle, "bm25")
    learn(bundle, Wanted("line", "linear", signals=("words_text", "bm25"), folds=2))
    return bundle


def costs_of(bundle):
    return read_costs(bundle, load_bundle(bundle).manifest)


def test_a_cost_is_of_all_that_is_read_and_each_part_counts_once(measured):
    dataset, costs = load_bundle(measured), costs_of(measured)
    own = {place: cost.seconds for place, cost in costs.items()}
    assert set(own) == {"signals/bm25", "signals/line"}
    assert seconds_a_query(dataset, ["bm25"], costs) == own["signals/bm25"] > 0
    # The tiny bundle's vectors were drawn: nobody measured an encoder.
    assert math.isnan(seconds_a_query(dataset, ["line"], costs))
    keep_cost(measured, "encoders/words", 0.5)
    costs = costs_of(measured)
    whole = 0.5 + own["signals/bm25"] + own["signals/line"]
    assert seconds_a_query(dataset, ["line"], costs) == pytest.approx(whole)
    assert seconds_a_query(dataset, ["line", "bm25", "words_text", "words_image"], costs) == pytest.approx(whole)
    assert seconds_a_query(dataset, ["words_text:1+bm25:1"], costs) == pytest.approx(0.5 + own["signals/bm25"])
    assert math.isnan(seconds_a_query(dataset, ["gone"], costs))
    assert math.isnan(seconds_a_query(dataset, [], costs))


def test_a_cost_is_of_the_very_files_and_what_cannot_be_read_is_none(measured):
    manifest = load_bundle(measured).manifest
    text = (measured / COSTS).read_text()
    try:
        for damaged in ("", "[]", '{"signals/bm25": 3}', text[:-5], '{"signals/bm25": {"seconds": -1, "of": ""}}'):
            (measured / COSTS).write_text(damaged)
            assert read_costs(measured, manifest) == {}
        other = json.loads(text)
        other["signals/bm25"]["of"] = "other files"
        (measured / COSTS).write_text(json.dumps(other))
        assert "signals/bm25" not in read_costs(measured, manifest)
        assert "signals/line" in read_costs(measured, manifest)
    finally:
        (measured / COSTS).write_text(text)
