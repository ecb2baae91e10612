"""healthz, readyz, metrics, and the log as lines: what a server is doing, and nothing of what was asked."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config

from sqid_core.bundle.load import load_bundle
from sqid_ui.caches import encoders
from sqid_ui.caches.rankings import text_vector
from sqid_ui.shell.health import health_routes
from sqid_ui.shell.log_lines import JsonLines, log_lines
from sqid_ui.work.times import timed
from sqid_ui.work.turns import Lane, Ticket, Turns


def asked(path: str) -> Any:
    return TestClient(Starlette(routes=health_routes())).get(path)


def families() -> dict[str, Any]:
    answer = asked("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def test_alive_and_ready(data_root: Path) -> None:
    assert asked("/healthz").json() == {"alive": True}
    assert asked("/readyz").json() == {"ready": True, "why": [], "bundles": 1}


def test_not_ready_where_no_bundle_opens(data_root: Path) -> None:
    (data_root / "tiny" / "manifest.json").write_text("{", encoding="utf-8")
    answer = asked("/readyz")
    assert (answer.status_code, answer.json()["why"]) == (503, ["no bundle in the data folder can be opened"])
    assert str(data_root) not in answer.text


def test_not_ready_where_too_many_wait(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1, most_waiting=1)
    monkeypatch.setattr("sqid_ui.work.pool.TURNS", turns)
    for _ in range(2):
        assert asked("/readyz").status_code == 200
        turns.ask(Ticket("a", Lane.QUICK, lambda: None))
    assert asked("/readyz").json()["why"] == ["too many visitors wait"]


def test_a_first_start_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "nothing"))
    assert asked("/readyz").status_code == 200


def test_under_a_sub_path(data_root: Path) -> None:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "shop")
    try:
        assert asked("/shop/healthz").status_code == 200
        assert asked("/healthz").status_code == 404
    finally:
        config.set_option("server.baseUrlPath", before)


def test_metrics_are_prometheus_text(data_root: Path, word_encoder: Any) -> None:
    before = families()
    assert before["sqid_encoder_info"].samples == []
    dataset = load_bundle(data_root / "tiny")
    encoders.encoder(dataset, "words")
    text_vector(dataset, "words", "a query that nobody else may see")
    with timed('odd "kind"\n'):
        pass
    found = families()
    assert found["sqid_sessions"].samples[0].value == 0
    assert 0 < found["sqid_cache_bytes"].samples[0].value < found["sqid_cache_limit_bytes"].samples[0].value
    assert {each.labels["lane"] for each in found["sqid_queue_length"].samples} == {"quick", "slow", "ahead"}
    assert found["sqid_encoder_info"].samples[0].labels == {"encoder": "words", "device": "cpu"}
    kinds = {each.labels["kind"] for each in found["sqid_work_seconds"].samples}
    assert 'odd "kind"\n' in kinds
    assert {each.labels.get("quantile") for each in found["sqid_work_seconds"].samples} == {"0.5", "0.95", None}
    assert "process_resident_memory_bytes" in found
    assert "nobody else" not in asked("/metrics").text


def test_without_the_library_a_sentence(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = asked("/metrics")
    assert answer.status_code == 501
    assert "sqid-explorer[hosting]" in answer.text


def test_a_broken_query_never_reaches_the_lines() -> None:
    for with_queries in (False, True):
        try:
            raise ValueError("no such word: secret\nword")
        except ValueError:
            about = sys.exc_info()
        record = logging.LogRecord("sqid_ui.x", logging.ERROR, "x.py", 1, "failed %d", (3,), about)
        record.fields, record.asked = {"kind": "search"}, {"query": "secret"}
        text = JsonLines(with_queries).format(record)
        assert "\n" not in text
        line = json.loads(text)
        assert (line["message"], line["kind"], line["error"]) == ("failed 3", "search", "ValueError")
        assert ("secret" in text) == with_queries


@pytest.fixture
def loggers() -> Any:
    """Every logger as it was."""
    known = {name: logging.getLogger(name) for name in ("sqid_ui", "sqid_core", "streamlit.x")}
    known["streamlit.x"].handlers = [logging.StreamHandler(io.StringIO())]
    before = {name: (each.handlers, each.propagate, each.level) for name, each in known.items()}
    others = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    formatters = [(handler, handler.formatter) for each in others for handler in each.handlers]
    yield known
    for name, (handlers, propagate, level) in before.items():
        known[name].handlers, known[name].propagate = handlers, propagate
        known[name].setLevel(level)
    for handler, formatter in formatters:
        handler.setFormatter(formatter)


def test_lines_where_they_are_asked_for(loggers: dict[str, logging.Logger]) -> None:
    stream = io.StringIO()
    assert not log_lines({}, stream)
    assert log_lines({"SQID_LOG": "json"}, stream)
    with timed("search", {"query": "red mug"}):
        pass
    line = json.loads(stream.getvalue())
    assert (line["message"], line["kind"], line["outcome"]) == ("work", "search", "done")
    assert "red mug" not in stream.getvalue()
    loggers["streamlit.x"].warning("theirs")
    assert json.loads(loggers["streamlit.x"].handlers[0].stream.getvalue())["message"] == "theirs"
    assert log_lines({"SQID_LOG": "json", "SQID_LOG_QUERIES": "on"}, stream)
    with timed("search", {"query": "red mug"}):
        pass
    assert json.loads(stream.getvalue().splitlines()[-1])["query"] == "red mug"
