"""A model judges a book: what is stored, counted and gone on with, whatever its endpoint does."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from judge_desk import QUICK, SECRET, Desk, said
from model_server import Hang, ModelServer, Raw, completion, refuses, says, texts

from precompute.ask.spending import Prices, Tokens
from precompute.report.model_judge import report_lines
from sqid_core.errors import CheckError, InputError
from sqid_core.judging.acts import Act, Kind


def test_answers_become_a_model_judges_acts(desk: Desk) -> None:
    def answers(asked: dict[str, Any]) -> Raw:
        return says(None, "no idea", True) if "red mug" in texts(asked)[1] else says("s", "near \0 enough")

    with ModelServer(usual=answers) as server:
        report = desk.judge(server, at_once=4, prices=Prices(2.0, 10.0))
    assert (report.labelled, report.unrateable, report.left) == (9, 3, 0)
    assert (report.tokens, report.guessed) == (Tokens(1200, 240), 0)
    assert report.cost == pytest.approx((1200 * 2 + 240 * 10) / 1e6)
    assert server.most_at_once > 1
    assert server.paths == ["/v1/chat/completions"] * 12
    model = desk.store.judges()[report.judge.id]
    assert (model.kind, model.name, model.about["endpoint"]) == ("model", "tiny-model", server.url[7:-3])
    assert len(model.about["prompt"]) == 64
    acts = desk.acts()
    assert set(acts["judge"]) == {model.id}
    assert sorted(acts["number"]) == list(range(1, 25))
    assert acts["kind"].value_counts().to_dict() == {"explanation": 12, "label": 9, "unrateable": 3}
    assert set(desk.acts("label")["value"]) == {"Substitute"}
    assert set(desk.acts("explanation")["value"]) == {"near  enough", "no idea"}
    assert set(acts["book"]) == {"book1"}


def test_what_is_stored_is_not_asked_again(desk: Desk) -> None:
    with ModelServer() as server:
        assert desk.judge(server, most=5).left == 0
        again = desk.judge(server)
        assert (again.labelled, len(server.asked)) == (7, 12)
        assert desk.judge(server).labelled == 0
        assert len(server.asked) == 12
        # Another model, prompt, guideline or way of showing is another judge.
        desk.judge(server, manner={"model": "other"}, most=1)
        desk.judge(server, manner={"temperature": 0.0}, most=1)
        desk.judge(server, pictures=True, most=1)
        desk.store.change_book(replace(desk.book, guidelines="Another."))
        desk.judge(server, most=1)
    assert len(server.asked) == 16
    assert len(desk.store.judges()) == 5
    first = desk.acts()[desk.acts()["judge"] == again.judge.id]
    assert list(first["number"]) == list(range(1, 25))


def test_one_pair_asked_by_two_runs_is_stored_once(desk: Desk) -> None:
    """Both runs see nothing judged; keys come from what was asked."""
    with ModelServer() as server:
        runs = [threading.Thread(target=desk.judge, args=(server,), kwargs={"at_once": 3}) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert len(desk.acts("label")) == len(desk.acts("explanation")) == 12
    assert desk.acts("label")["key"].is_unique


def test_trouble_is_tried_again_and_counted(desk: Desk) -> None:
    script = [
        refuses(429, "slow down", **{"Retry-After": "1"}),
        refuses(500),
        Raw(says("Exact").body[:40], promised=400),
        Raw(says("Exact").body[:40]),
        Raw(b"<html>log in</html>", content_type="text/html"),
        Raw(b'{"error": {"message": "upstream", "code": 502}}'),
        Raw(b"[" * 100_000),
        says("Exact"),
    ]
    patience = replace(QUICK, attempts=20, unreachable=20)
    with ModelServer(script) as server:
        report = desk.judge(server, patience=patience, most=1)
    assert (report.labelled, report.misses, len(server.asked)) == (1, [], 8)
    # Whatever came with status 200 may have been charged.
    assert report.guessed == 5
    assert len({json.dumps(asked) for asked in server.asked}) == 1


def test_a_server_that_hangs_up_or_falls_silent_is_asked_again(desk: Desk) -> None:
    patience = replace(QUICK, attempts=20)
    with ModelServer([Hang(after=30), Hang(), Hang(drip=0.05)]) as server:
        report = desk.judge(server, patience=patience, most=1, manner={"seconds": 0.6})
    # On a busy machine an answer may come too late as well.
    assert (report.labelled, report.misses) == (1, [])
    assert 3 <= report.guessed < len(server.asked)


def test_a_server_that_asks_for_a_pause_gets_it_from_all(desk: Desk) -> None:
    import time

    times: list[float] = []

    def busy_first(asked: dict[str, Any]) -> Raw:
        times.append(time.monotonic())
        return refuses(429, **{"Retry-After": "1"}) if len(times) == 1 else says("Exact")

    with ModelServer(usual=busy_first) as server:
        report = desk.judge(server, at_once=2)
    assert report.labelled == 12
    # The second worker may be on its way until the first has read the answer.
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert max(pauses[:4]) >= 0.9


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (completion(said("Perfect")), "another scale"),
        (completion('{"explanation": "it is', (10, 1000)), "half an answer"),
        (completion(None, refusal="I cannot"), "an empty answer"),
        (
            Raw(completion("I think").body.replace(b'"index": 0', b'"finish_reason": "length"')),
            "--max-tokens makes room",
        ),
    ],
)
def test_what_is_no_judgement_is_counted_and_not_stored(desk: Desk, answer: Raw, reason: str) -> None:
    with ModelServer(usual=answer) as server:
        report = desk.judge(server, most=2)
    assert (report.labelled, report.counts, len(server.asked)) == (0, {"unusable": 2}, 4)
    assert reason in report.misses[0][0][1]
    assert desk.acts().empty
    with ModelServer() as server:
        assert desk.judge(server.url.replace("127.0.0.1", "localhost"), most=2).labelled == 2


def test_a_model_that_answers_something_else_all_the_time_is_stopped(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr("precompute.report.model_judge._MOST_MISSES", {"unusable": 4, "declined": 3})
    with ModelServer(usual=completion(said("Perfect"))) as server:
        report = desk.judge(server)
    assert (report.counts["unusable"], len(server.asked) <= 12) == (4, True)
    with pytest.raises(CheckError, match=r"4 answers were of no use, one after another \(another scale: 'Perfect'"):
        report.require()
    with ModelServer(usual=refuses(413, "too long")) as server:
        report = desk.judge(server)
    with pytest.raises(CheckError, match=r"3 questions were declined.*answered 413 \(it says: too long"):
        report.require()


def test_one_question_that_is_declined_does_not_end_the_work(desk: Desk) -> None:
    def picky(asked: dict[str, Any]) -> Raw:
        return refuses(400, "content filter") if "blue lamp" in texts(asked)[1] else says("Exact")

    with ModelServer(usual=picky) as server:
        report = desk.judge(server)
    assert (report.labelled, report.counts) == (9, {"declined": 3})
    # It was not for the form: the others are asked by schema as before.
    assert server.asked[-1]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("status", [301, 307, 401, 402, 403, 404])
def test_an_endpoint_that_takes_nothing_ends_the_work(desk: Desk, status: int) -> None:
    with ModelServer() as other, ModelServer(usual=refuses(status, "no", Location=other.url)) as server:
        report = desk.judge(server, key=SECRET, at_once=3)
    assert other.asked == []
    assert len(server.asked) <= 3 * 6
    assert (report.labelled, report.left) == (0, 12)
    with pytest.raises(CheckError, match=f"{server.url[7:-3]} (answered {status}|wants money)"):
        report.require()


def test_an_endpoint_out_of_money_is_not_asked_again_and_again(desk: Desk) -> None:
    body = b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    with ModelServer(usual=Raw(body, 429)) as server:
        report = desk.judge(server)
    assert (len(server.asked), report.left) == (1, 12)
    assert "wants money" in report.closed


def test_nobody_there(desk: Desk) -> None:
    with ModelServer() as server:
        url = server.url
    report = desk.judge(url)
    assert report.counts["unanswered"] == 4
    assert "is out of reach again and again" in report.closed
    assert (report.tokens, report.left) == (Tokens(), 8)


def test_answers_without_end_are_left(desk: Desk) -> None:
    endless = Raw(b" " * 1_500_000)
    with ModelServer([endless, endless]) as server:
        report = desk.judge(server, patience=replace(QUICK, attempts=2), most=2)
    assert (report.labelled, report.counts, report.guessed) == (1, {"unanswered": 1}, 2)


def test_an_endpoint_without_schemas_is_asked_by_words(desk: Desk) -> None:
    def old(asked: dict[str, Any]) -> Raw:
        if "max_tokens" in asked:
            return refuses(400, "Unsupported parameter: use 'max_completion_tokens' instead.")
        if "response_format" in asked:
            return refuses(400, "response_format is not supported")
        return completion(f"Well, let me see.\n```json\n{said('e')}\n```\nI hope this helps {{you}}!")

    with ModelServer(usual=old) as server:
        assert desk.judge(server).labelled == 12
    # Found out once: the schema and JSON under each name of the length, then as it works.
    assert len(server.asked) == 3 + 12
    assert server.asked[0]["response_format"]["json_schema"]["schema"]["properties"]["label"]["enum"][0] == "Exact"
    assert server.asked[-1]["max_completion_tokens"] == 1000


def test_a_model_stands_beside_its_agreement_with_people(desk: Desk) -> None:
    """Eight pairs of two people and a lead, four of them as the model says."""
    store, pairs = desk.store, desk.store.pairs("book1")
    people = [store.enrol(name, name, "lead" if name == "lead" else "judge").id for name in ("ann", "bob", "lead")]

    def give(judge: str, place: int, label: str, kind: Kind = "label") -> None:
        query, product = pairs.loc[place, ["query_id", "product_id"]]
        act = Act(f"{judge}-{place}-{kind}", kind, place + 1, query, product, label, "book1")
        store.add([act], judge, "tiny", "f")

    for place in range(8):
        give(people[0], place, "Exact" if place % 2 else "Irrelevant")
        give(people[1], place, "Exact" if place != 6 else "Substitute")
    for place in (0, 2):
        give(people[2], place, "Irrelevant", "adjudicate")
    give(people[2], 9, "Exact", "adjudicate")
    with ModelServer() as server:
        nobody = desk.judge(server, most=1, manner={"model": "first"})
        store.add(
            [Act("u", "unrateable", 1, *pairs.loc[0, ["query_id", "product_id"]], "", "book1")], people[0], "tiny", "f"
        )
        report = desk.judge(server)
    assert nobody.people.n == 1
    # Undecided are 4 and 6; of 0 and 2 the lead has the last word.
    assert (report.people.n, report.people.value) == (7, 0.0)
    lines = report_lines(report, Prices())
    assert lines[-1].startswith("kappa 0.00 (0.00 to 0.00) with people on 7 pairs")


# --- what is asked ---


def test_no_password_of_others_is_sent_and_no_proxy_asked(desk: Desk, monkeypatch, tmp_path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password hush-hush")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with ModelServer() as server:
        assert desk.judge(server, most=1).labelled == 1
        assert desk.judge(server, most=1, key=SECRET).labelled == 1
    assert [headers.get("Authorization") for headers in server.headers] == [None, f"Bearer {SECRET}"]


def test_texts_of_products_are_data(desk: Desk) -> None:
    with ModelServer() as server:
        desk.judge(server, pictures=True)
    system, user = zip(*map(texts, server.asked), strict=True)
    assert len(set(system)) == 1
    assert "A lamp **without** a shade is S." in system[0]
    assert "- Exact (E)\n- Substitute (S)" in system[0]
    assert not any("secret of the book" in text for text in user)
    assert all(text.count("</data>") == text.count("<data>") == 2 for text in user)
    assert all(asked["messages"][1]["content"][1]["type"] == "image_url" for asked in server.asked[:1])
    url = server.asked[0]["messages"][1]["content"][1]["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,")
    assert len(url) < 300_000


def test_pairs_that_the_bundle_has_no_longer_are_counted(desk: Desk) -> None:
    pairs = desk.store.pairs("book1").assign(product_id=lambda all: ["gone", *all["product_id"][1:]])
    desk.store.create_book(replace(desk.book, id="book2", name="Odd"), pairs)
    desk.book = replace(desk.book, name="Odd")
    with ModelServer() as server:
        work = desk.work(server.url)
        assert (work.gone, len(work.todo)) == (1, 11)
        assert desk.judge(server).labelled == 11


def test_a_book_that_is_not_there_or_closed(desk: Desk) -> None:
    desk.store.change_book(replace(desk.book, closed=True))
    with pytest.raises(InputError, match="'Lamps' is closed"):
        desk.work("http://localhost/v1")
    desk.book = replace(desk.book, name="Shoes")
    with pytest.raises(InputError, match=r"no book 'Shoes'; there are: Lamps \(book1\)"):
        desk.work("http://localhost/v1")
