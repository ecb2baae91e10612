"""Old links still open the same state: `links.json` holds what each opened at commit bb4691c.

A record is never changed. What was later changed on purpose stands beside it under `now`, and only what the record
marks as `unified` (the fusion that its link leaves open, which all pages now share) may differ, or what has a reason
under `why`. A state is the widgets' values, the address, the heads of Search's lists and what the page warns of;
numbers and other sentences have tests of their own. Warnings are compared without regard to case, and to the order in
which one names parameters.

SQID_RECORD=1 fills in what new links open; those that have a record keep it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from link_bundles import build_link_bundles
from link_states import opened, state

TABLE = Path(__file__).parent / "links.json"
RECORDS: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
PAGES = ("search", "compare", "queries", "evaluate", "breakdown", "dataset", "about")
PARAMETERS = {
    "search": "bundle q query like words w text image method norm rrf_k missing scope k gains category brand "
    "price_from price_to picture topic source difficulty product pull mark",
    "compare": "bundle a b query queue category cause gains",
    "queries": "bundle show a b w method norm missing gains preset find by group colour map pick",
    "evaluate": "bundle view w method norm missing gains k measure baseline all oracle index ef",
    "breakdown": "bundle w method norm missing gains group-by and-by lift order",
    "dataset": "bundle details gains least",
    "about": "bundle",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("links") / "data"
    build_link_bundles(root)
    yield root
    shutil.rmtree(root)


@pytest.mark.parametrize("page", PAGES)
def test_old_links_open_the_same_state(
    page: str, built: Path, word_encoder: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQID_DATA", str(built))
    different = []
    for record in RECORDS:
        if record["page"] != page:
            continue
        found = json.loads(json.dumps(state(opened(page, record["link"]), page)))
        if os.environ.get("SQID_RECORD") and "opens" not in record:
            record["opens"] = found
            continue
        wanted = expected(record)
        for each in (wanted, found):
            each["said"] = [heard(sentence) for sentence in each["said"]]
        different += [f"{record['link']}: {each}" for each in differences(wanted, found)]
    if os.environ.get("SQID_RECORD"):
        TABLE.write_text(written(RECORDS), encoding="utf-8")
    assert not different, "\n".join(different)


def test_the_table_holds_every_page_and_every_parameter() -> None:
    assert len(RECORDS) >= 50
    assert {record["page"] for record in RECORDS} == set(PAGES)
    for page, names in PARAMETERS.items():
        used = {name for record in RECORDS if record["page"] == page for name in record["link"]}
        assert not set(names.split()) - used, page
    assert {record["link"].get("bundle") for record in RECORDS} > {"tricky", "two", "txt", "unencoded", "verdicts"}


def test_only_what_is_marked_was_changed() -> None:
    for record in RECORDS:
        assert record.get("why") or set(record.get("now", {})) <= set(record.get("unified", ())), record["link"]


def expected(record: dict[str, Any]) -> dict[str, Any]:
    """The record, with what changed on purpose: `part` or `part/name` -> its value now, None for gone."""
    wanted: dict[str, Any] = json.loads(json.dumps(record["opens"]))
    for place, value in record.get("now", {}).items():
        part, _, name = place.partition("/")
        if not name:
            wanted[part] = value
        elif value is None:
            wanted[part].pop(name, None)
        else:
            wanted[part][name] = value
    return wanted


def heard(sentence: str) -> str:
    """A sentence as a reader takes it: the parameters that it names at its end in any order."""
    about, colon, names = sentence.casefold().rpartition("so these are at their defaults: ")
    return about + colon + ", ".join(sorted(names.rstrip(".").split(", "))) if colon else names


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for part in sorted(wanted.keys() | found.keys()):
        old, new = wanted.get(part), found.get(part)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            for name in sorted(old.keys() | new.keys()):
                if old.get(name) != new.get(name):
                    yield f"{part}/{name} was {old.get(name)!r}, is {new.get(name)!r}"
        elif isinstance(old, list) and isinstance(new, list) and old != new:
            yield f"{part} lost {[each for each in old if each not in new]}, has {[e for e in new if e not in old]}"
        else:
            yield f"{part} was {old!r}, is {new!r}"


def written(records: list[dict[str, Any]]) -> str:
    """A line for each part of a record, so that a change is seen in a diff."""
    parts = []
    for record in records:
        lines = [f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in record.items()]
        parts.append("{\n" + ",\n".join(lines) + "\n}")
    return "[\n" + ",\n".join(parts) + "\n]\n"
