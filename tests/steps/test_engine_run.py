"""python -m precompute run: a live engine that misbehaves, asked each query of a bundle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from model_server import Hang, ModelServer, Raw

from precompute.__main__ import main
from precompute.commands import run_verb
from precompute.engine.engine_key import EngineKey
from precompute.engine.json_path import json_path
from precompute.engine.request import read_template
from precompute.fetch.retries import Patience
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import signal_run

TEMPLATE = {"size": "{{top}}", "query": {"multi_match": {"query": "{{query}}", "fields": ["title"]}}}


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.delenv("SQID_ENGINE_KEY", raising=False)
    monkeypatch.setattr(
        run_verb, "Patience", lambda: Patience(attempts=3, unreachable=2, first_wait=0.01, connect_seconds=1)
    )


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    return tmp_path / "template.json"


class Shop:
    """Answers each query with its slate backwards, a stranger in between."""

    def __init__(self, dataset: Dataset) -> None:
        judgements, ids = dataset.judgements, dataset.products["product_id"].to_numpy()
        texts = dataset.queries["query"]
        self.slates = {
            text: ids[rows[mask]][::-1].tolist()
            for text, rows, mask in zip(texts, judgements.rows, judgements.mask, strict=True)
        }

    def __call__(self, asked: dict) -> Raw:
        return self.answer(self.slates[asked["query"]["multi_match"]["query"]])

    @staticmethod
    def answer(products: list[str]) -> Raw:
        hits = [{"_id": product, "_score": 1} for product in (*products[:2], "stranger", *products[2:])]
        return Raw(json.dumps({"took": 1, "hits": {"hits": hits}}).encode())


def run(bundle: Path, server: ModelServer, template: Path, *words: str) -> int:
    address = server.url.replace("/v1", "/shop/_search")
    given = ["--endpoint", address, "--request", str(template), "--ids", "$.hits.hits[*]._id", "--top", "50"]
    return main(["run", str(bundle), *given, "--out", str(template.parent / "engine.run"), *words])


def test_the_engines_order_is_the_signals_order(bundle, template, capsys):
    dataset = load_bundle(bundle)
    with ModelServer(usual=Shop(dataset)) as server:
        assert run(bundle, server, template, "--in-flight", "3") == 0
        said = capsys.readouterr().out
        assert server.most_at_once <= 3
        assert {asked["size"] for asked in server.asked} == {50}
        assert run(bundle, server, template) == 0
        assert len(server.asked) == len(dataset.queries)
    order = signal_run(load_bundle(bundle), "engine").order
    for query, length in enumerate(dataset.judgements.lengths):
        assert order[query, :length].tolist() == [*range(length)][::-1]
    shares = [length / (length + 1) for length in dataset.judgements.lengths]
    assert f"judged@50 {np.mean(shares):.4f}" in said
    assert f"{len(dataset.queries)} of {len(dataset.queries)} queries answered" in said
    lines = (template.parent / "engine.run.answers.jsonl").read_text().splitlines()
    assert all(json.loads(line)["seconds"] > 0 for line in lines[1:])


TROUBLES = {
    "busy": Raw(status=429, headers={"Retry-After": "0"}),
    "down": Raw(b"no", 503),
    "no json": Raw(b"<html>"),
    "cut off": Raw(b'{"hits": {"hits": []}}', promised=400),
    "half an answer": Raw(json.dumps({"timed_out": True, "hits": {"hits": []}}).encode()),
    "silence": Hang(),
    "drips": Hang(drip=0.05),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_worth_another_try_is_asked_again(trouble, bundle, template):
    shop = Shop(load_bundle(bundle))
    with ModelServer([TROUBLES[trouble]] * 2, shop) as server:
        assert run(bundle, server, template, "--timeout", "0.3") == 0
        assert len(server.asked) == len(shop.slates) + 2
    assert "engine" in load_bundle(bundle).signals


CLOSED = {
    "no rights": (
        Raw(b'{"error": {"reason": "no", "message": "who?"}}', 401),
        "answered 401 (it says: who?): check SQID_ENGINE_KEY",
    ),
    "no index": (Raw(b'{"error": "no such index"}', 404), "answered 404 (it says: no such index)"),
    "elsewhere": (Raw(status=302, headers={"Location": "http://127.0.0.1:9/"}), "a redirect, which is not followed"),
    "a wrong request": (Raw(b'{"error": "unknown field"}', 400), "answered 400 (it says: unknown field)"),
    "another form": (Raw(b'{"documents": []}'), "has nothing at $.hits.hits[*]._id; check --ids"),
    "no ids": (Raw(b'{"hits": {"hits": [{"_id": {"a": 1}}]}}'), "has what is no id at"),
}


@pytest.mark.parametrize("case", CLOSED)
def test_what_will_not_get_better_ends_it_with_one_sentence(case, bundle, template, capsys):
    answer, message = CLOSED[case]
    before = (bundle / "manifest.json").read_bytes()
    with ModelServer(usual=answer) as server:
        assert run(bundle, server, template, "--in-flight", "1") == 2
        assert len(server.asked) <= 5
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(said) == 1
    assert message in said[0]
    assert (bundle / "manifest.json").read_bytes() == before
    assert not (template.parent / "engine.run").exists()


def test_it_goes_on_where_it_was_interrupted_and_never_mixes_requests(bundle, template, capsys):
    shop = Shop(load_bundle(bundle))
    with ModelServer([shop, shop], Raw(status=401)) as server:
        assert run(bundle, server, template, "--in-flight", "1") == 2
        kept = template.parent / "engine.run.answers.jsonl"
        assert len(kept.read_text().splitlines()) == 3
        kept.write_text(kept.read_text() + '{"query_id": "0')
        server.usual, before = shop, len(server.asked)
        assert run(bundle, server, template) == 0
        assert len(server.asked) - before == len(shop.slates) - 2
        template.write_text(json.dumps({**TEMPLATE, "explain": True}))
        assert run(bundle, server, template) == 2
        assert "answers to another request" in capsys.readouterr().err
        assert run(bundle, server, template, "--again") == 0


def test_an_engine_that_answers_a_part_is_told_and_imported(bundle, template, capsys):
    shop = Shop(load_bundle(bundle))
    first = next(iter(shop.slates))

    def picky(asked: dict) -> Raw:
        return Raw(b'{"error": "odd"}', 400) if asked["query"]["multi_match"]["query"] == first else shop(asked)

    with ModelServer(usual=picky) as server:
        assert run(bundle, server, template) == 0
    assert (
        "answered 400 (it says: odd): 1 query has no answer; the same command asks for them again"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("key", "header"),
    [
        ("me:secret", "Basic bWU6c2VjcmV0"),
        ("ApiKey secretsecret", "ApiKey secretsecret"),
        ("secretsecret", "Bearer secretsecret"),
    ],
)
def test_the_key_goes_into_the_header_and_nowhere_else(key, header, bundle, template, monkeypatch, capsys):
    monkeypatch.setenv("SQID_ENGINE_KEY", key)
    shop = Shop(load_bundle(bundle))
    with ModelServer([Raw(json.dumps({"error": f"you sent {header}"}).encode(), 400)], shop) as server:
        assert run(bundle, server, template) == 0
        assert {headers["Authorization"] for headers in server.headers} == {header}
    said = "".join(capsys.readouterr())
    stored = b"".join(path.read_bytes() for path in template.parent.rglob("*") if path.is_file())
    assert "secret" not in said.replace(str(template), "")
    assert b"secret" not in stored
    assert "secret" not in repr(EngineKey(key))


WRONG = {
    "no place for the query": ('{"query": "mug"}', "has no place for the query"),
    "no json": ("{", "is no JSON"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_templates(case, bundle, template, capsys):
    content, message = WRONG[case]
    template.write_text(content)
    with ModelServer() as server:
        assert run(bundle, server, template) == 2
        assert not server.asked
    assert message in capsys.readouterr().err


def test_addresses_and_keys_that_are_refused(bundle, template, monkeypatch, capsys):
    words = ["run", str(bundle), "--request", str(template), "--ids", "$.a[*]"]
    assert main([*words, "--endpoint", "ftp://x"]) == 2
    assert main([*words, "--endpoint", "http://a:b@x/"]) == 2
    monkeypatch.setenv("SQID_ENGINE_KEY", "secretsecret")
    assert main([*words, "--endpoint", "http://search.example.com/"]) == 2
    said = capsys.readouterr().err
    assert "no http or https address" in said
    assert "set SQID_ENGINE_KEY" in said
    assert "cross the network unencrypted" in said


def test_a_query_is_data_in_a_template(tmp_path):
    (tmp_path / "t.json").write_text('{"q": "a {{query}} b", "id": "{{query_id}}", "n": "{{top}}", "s": "top {{top}}"}')
    filled = json.loads(read_template(tmp_path / "t.json", 7).filled("1", 'x", "y": "{{query_id}}'))
    assert filled == {"q": 'a x", "y": "{{query_id}} b', "id": "1", "n": 7, "s": "top 7"}


PATHS = {
    "$.hits.hits[*]._id": ["a", "b"],
    "hits.hits[0]._id": ["a"],
    "$['hits']['hits'][*]['_id']": ["a", "b"],
    "$.hits.*[1]._id": ["b"],
    "$.none[*]": [],
}


@pytest.mark.parametrize("path", PATHS)
def test_paths(path):
    assert json_path(path, "--ids").found({"hits": {"hits": [{"_id": "a"}, {"_id": "b"}, 3]}}) == PATHS[path]


@pytest.mark.parametrize("path", ["", "$", "$..a", "$.a[?(@.b)]", "$.a[-1]", "$.a["])
def test_paths_that_are_not_read(path):
    with pytest.raises(InputError, match="is no path that is read here"):
        json_path(path, "--ids")
