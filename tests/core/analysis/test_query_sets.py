from __future__ import annotations

import base64
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.analysis.groupings import groups_of
from sqid_core.analysis.query_sets import (
    LONGEST_SET,
    QuerySet,
    SetSpec,
    list_spec,
    query_set,
    read_rows,
    read_set,
    write_rows,
    write_set,
)
from sqid_core.analysis.query_table import LOSSES, PRESETS, RUN_PRESETS, WINS, preset_rows, query_table, with_gain
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import tidy_name
from sqid_core.ranking.fusion import Fusion

STAMP = "0123456789abcdef"
ROWS = st.lists(st.integers(0, 9_999), min_size=1, max_size=400, unique=True)
FEW = st.lists(st.integers(0, 9_999), min_size=1, max_size=60, unique=True)
WORDS = st.text(max_size=30)


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def table(dataset: Dataset):
    runs = {"text": "words_text", "image": "words_image"}
    values = {name: evaluate(dataset, signal_run(dataset, run)).values("ndcg") for name, run in runs.items()}
    values["fused"] = evaluate(dataset, run_of(dataset, Fusion())).values("ndcg")
    return with_gain(query_table(dataset, values))


@given(st.sampled_from(["", *PRESETS, *RUN_PRESETS]), *[WORDS] * 4, st.none() | FEW, WORDS.map(tidy_name))
def test_what_is_written_is_read(preset, run, find, group, sort, rows, name) -> None:
    listed = "" if rows is None else write_rows(rows, STAMP)
    spec = SetSpec(preset=preset, run=run, find=find, group=group, rows=listed, sort=sort, name=name)
    assert read_set(write_set(spec)) == spec
    assert bool(spec) == bool(write_set(spec))


@given(ROWS)
def test_rows_keep_their_order(rows: list[int]) -> None:
    assert read_rows(write_rows(rows, STAMP), STAMP, 10_000).tolist() == rows


def test_a_link_of_rows_is_readable_while_it_is_short_and_never_long() -> None:
    assert write_rows([0, 1, 2, 3, 9, 5, 6], STAMP) == "01234567.0-3.9.5-6"
    rng = np.random.default_rng(0)
    half = np.sort(rng.permutation(10_000)[:5_000]).tolist()
    written = write_set(SetSpec(rows=write_rows(half, STAMP), name="The half of them"))
    assert len(written) <= LONGEST_SET
    assert read_set(written).rows == write_rows(half, STAMP)


NONSENSE = [
    *("x", "preset-x", "rows-1", "rows-0123456z.1", "find", "find-a~find-a", "~find-a", "find-a~preset-both fail"),
    *("find-%7e", "__init__-a", "name-a", "find-", "find-" + "a" * LONGEST_SET, "find-a~~ b", "preset-both+fail"),
]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_no_set(text: str) -> None:
    with pytest.raises(InputError, match="no set of queries"):
        read_set(text)


def packed(data: bytes) -> str:
    return f"01234567_{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


BROKEN = [
    *("01234567.8-3", "01234567.0-999999999", "01234567.10000", "01234567.1.1"),
    packed(b"x"),
    *map(packed, map(zlib.compress, (b"", bytes(2_000_000), b"\xff" * 30, b"\x01"))),
    packed(zlib.compress(bytes(500))[:-3]),
]


@pytest.mark.parametrize("rows", BROKEN)
def test_rows_that_no_bundle_has_are_refused(rows: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(rows, STAMP, 10_000)


def test_rows_of_another_bundle_are_told_from_those_that_are_broken() -> None:
    with pytest.raises(InputError, match="another bundle"):
        read_rows("76543210.1", STAMP, 10)


def test_a_preset_a_filter_a_group_and_an_order(dataset: Dataset, table) -> None:
    for name in PRESETS:
        found = query_set(dataset, SetSpec(preset=name), table)
        assert list(found.ids) == table["query_id"].iloc[preset_rows(table, name)].tolist()
        assert found.name == name
    assert query_set(dataset, SetSpec(), table).ids == tuple(dataset.judgements.query_ids)
    lamps = query_set(dataset, SetSpec(find=" LAMP ", name="Lamps"), table)
    assert (lamps.name, lamps.ids) == ("Lamps", ("01",))
    assert query_set(dataset, SetSpec(find="07"), table).ids == ("07",)
    grouping = groups_of(dataset, "query length")
    assert query_set(dataset, SetSpec(by="query length", group="1 word"), table, grouping).ids == ("07",)
    lowest = query_set(dataset, SetSpec(sort="-text"), table).ids
    assert list(lowest) == table.sort_values("text", ascending=False, kind="stable")["query_id"].tolist()


def test_the_losses_of_two_runs(dataset: Dataset, table) -> None:
    runs = with_gain(query_table(dataset, {"a": table["text"].to_numpy(), "b": table["image"].to_numpy()}))
    lost = query_set(dataset, SetSpec(preset=LOSSES), runs).ids
    won = query_set(dataset, SetSpec(preset=WINS), runs).ids
    change = runs.set_index("query_id")["gain"]
    assert list(lost) == change[change < -1e-9].sort_values(kind="stable").index.tolist()
    assert set(won) == set(change.index[change > 1e-9])
    with pytest.raises(InputError, match="cannot tell where"):
        query_set(dataset, SetSpec(preset=LOSSES), table)


def test_a_list_of_ids(dataset: Dataset, table) -> None:
    spec = list_spec(dataset, ["05", "02", "05"], " two  of them ")
    found = query_set(dataset, spec, table)
    assert (found.name, found.ids) == ("two of them", ("05", "02"))
    assert query_set(dataset, list_spec(dataset, ["05", "02"]), table).name == "2 queries"
    both = query_set(dataset, SetSpec(preset="widest disagreement", rows=spec.rows), table)
    assert sorted(both.ids) == ["02", "05"]
    with pytest.raises(InputError, match="no judged quer"):
        list_spec(dataset, ["05", "what"])
    with pytest.raises(InputError, match="no id"):
        list_spec(dataset, [])
    with pytest.raises(InputError, match="no group"):
        query_set(dataset, SetSpec(by="query length", group="x"), table, groups_of(dataset, "query length"))


def test_steps_stay_in_the_set_and_come_back_to_where_one_was() -> None:
    found = QuerySet("three", ("a", "b", "c"))
    assert [found.stepped("a", by) for by in (-1, 0, 1, 2, 3)] == ["a", "a", "b", "c", "c"]
    assert [found.stepped("elsewhere", by, 1) for by in (-2, -1, 1, 2)] == ["a", "b", "b", "c"]
    assert QuerySet("none", ()).stepped("a", 1) == ""
