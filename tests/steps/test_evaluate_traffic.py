"""python -m precompute evaluate --count traffic: each query by its weight, and the table says so."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import reference
from evaluating import as_json
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.traffic import effective_number
from sqid_core.bundle.write import BundleWriter
from sqid_core.evaluation.reports import dataset_curves, evaluate, signal_run
from sqid_core.ranking.fusion import Fusion

WEIGHTS = np.array([5.0, 1.0, 0.0, 2.0, 1.0, 9.0, 1.0, 1.0])


def asked(folder, weights):
    """The tiny bundle whose queries are asked so often."""
    build_tiny_bundle(folder)
    before = load_bundle(folder)
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    tables[1]["weight"] = weights
    with BundleWriter(folder) as writer:
        writer.write_tables("tiny", *tables, before.scale)
        first = before.dense_signal("text")
        writer.write_encoder(before.manifest.encoders["words"], first.queries)
        for name, signal in before.signals.items():
            writer.write_signal(name, signal.modality, "words", signal.products, signal.present)
    return folder


@pytest.fixture(scope="module")
def weighted(tmp_path_factory):
    return asked(tmp_path_factory.mktemp("weighted") / "tiny", WEIGHTS)


def test_the_figures_are_per_unit_of_traffic(weighted, capsys):
    plain, found = as_json(capsys, weighted), as_json(capsys, weighted, "--count", "traffic", "--measures", "rr")
    worth = effective_number(WEIGHTS)
    assert (plain["count"], plain["effective_queries"]) == ("queries", 8)
    assert (found["count"], found["effective_queries"]) == ("traffic", pytest.approx(worth))
    dataset = load_bundle(weighted)
    lines = {line["name"]: line for line in found["methods"]}
    for name in dataset.signals:
        values = evaluate(dataset, signal_run(dataset, name))
        for measure in ("ndcg", "rr"):
            wanted = reference.mean(values.values(measure).tolist(), WEIGHTS.tolist())
            assert lines[name][measure] == pytest.approx(wanted, abs=1e-12)
        assert lines[name]["n"] == {"ndcg": 7, "rr": 7}
        assert lines[name]["n_effective"] == {"ndcg": pytest.approx(worth), "rr": pytest.approx(worth)}
        low, high = lines[name]["ci95"]
        assert low <= lines[name]["ndcg"] <= high
    often = np.repeat(np.arange(8), WEIGHTS.astype(int))
    best = dataset_curves(dataset, Fusion()).mean(often).best
    assert lines["weighted best"]["image_weight"] == best.weight
    assert lines["weighted best"]["ndcg"] == pytest.approx(best.value, abs=1e-12)


def test_the_table_says_which(weighted, capsys):
    assert main(["evaluate", str(weighted), "--count", "traffic"]) == 0
    said = capsys.readouterr().out
    assert f"means per unit of traffic; effective number of queries {effective_number(WEIGHTS):.1f} of 7" in said
    assert main(["evaluate", str(weighted)]) == 0
    assert (
        "means per query; the queries have weights: --count traffic counts each by its own" in capsys.readouterr().out
    )


def test_a_bundle_without_weights_says_nothing_of_them_and_refuses(tiny_bundle, capsys):
    assert not {"count", "effective_queries"} & set(as_json(capsys, tiny_bundle))
    assert main(["evaluate", str(tiny_bundle), "--count", "traffic"]) == 2
    assert "does not say how often its queries are asked: they have no weight" in capsys.readouterr().err


def test_equal_weights_are_todays_figures(tiny_bundle, tmp_path, capsys):
    equal = asked(tmp_path / "equal" / "tiny", np.full(8, 3.0))
    plain = as_json(capsys, tiny_bundle)
    for count in ("queries", "traffic"):
        found = as_json(capsys, equal, "--count", count)
        for line in found["methods"]:
            line.pop("n_effective", None)
        assert json.dumps(found["methods"]) == json.dumps(plain["methods"])
