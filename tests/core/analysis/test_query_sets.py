from __future__ import annotations

import base64
import zlib
from dataclasses import replace
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
    assert [found.stepped("elsewhere", 0, at) for at in (0, 1, 2)] == ["a", "b", "c"]


# --- lists, to the byte ---


def test_packed_rows_are_read_back() -> None:
    rng = np.random.default_rng(1)
    half, drawn = np.sort(rng.permutation(10_000)[:5_000]), rng.permutation(10_000)[:300]
    for rows in (half, half[::-1], drawn, np.arange(0, 10_000, 2), np.arange(9_999, 0, -3)):
        written = write_rows(rows.tolist(), STAMP)
        assert written[8] == "_"
        assert read_rows(written, STAMP, 10_000).tolist() == rows.tolist()


def test_up_to_240_letters_rows_are_readable() -> None:
    for count, mark in ((48, "."), (49, "_")):
        rows = list(range(1_000, 1_000 + 2 * count, 2))
        written = write_rows(rows, STAMP)
        assert written[8] == mark
        assert read_rows(written, STAMP, 2_000).tolist() == rows
    assert write_rows([5], STAMP) == "01234567.5"
    assert write_rows([5, 6, 4, 3], STAMP) == "01234567.5-6.4.3"
    assert read_rows("01234567.0-2.5", STAMP, 6).tolist() == [0, 1, 2, 5]
    for cut in ("01234567.0-2.5", "01234567.4-5"):
        with pytest.raises(InputError, match="cannot be read"):
            read_rows(cut, STAMP, 5)


def sevens(*values: int) -> bytes:
    """Numbers of seven bits a byte, the lowest first."""
    data = bytearray()
    for value in values:
        while value >= 128:
            data.append(value % 128 + 128)
            value //= 128
        data.append(value)
    return bytes(data)


def steps(*values: int) -> str:
    return packed(zlib.compress(sevens(*values)))


def test_there_is_one_way_to_write_a_step() -> None:
    """Of 64 up, which is 128, and down, which is 127; of 63 up and of 8,192 up, which take two bytes and three."""
    for rows, codes in (
        (range(0, 6_400, 64), [0, *[128] * 99]),
        (range(6_400, 0, -64), [12_800, *[127] * 99]),
        (range(0, 6_300, 63), [0, *[126] * 99]),
        (range(0, 819_200, 8_192), [0, *[16_384] * 99]),
    ):
        body = write_rows(rows, STAMP)[9:]
        assert zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) == sevens(*codes)


def test_a_step_is_twice_its_size_and_one_less_backwards() -> None:
    assert read_rows(steps(10, 5, 2), STAMP, 6).tolist() == [5, 2, 3]
    assert read_rows(steps(254, 1, 300), STAMP, 300).tolist() == [127, 126, 276]
    assert read_rows(steps(2**42 - 2), STAMP, 2**42).tolist() == [2**41 - 1]
    for wrong in (steps(2**42), steps(10, 0), steps(10, 11), steps(1)):
        with pytest.raises(InputError, match="cannot be read"):
            read_rows(wrong, STAMP, 2**43)


def test_a_link_holds_two_thousand_letters() -> None:
    longest = "find-" + "a" * (LONGEST_SET - 5)
    assert len(read_set(longest).find) == LONGEST_SET - 5
    with pytest.raises(InputError, match="no set"):
        read_set(longest + "a")


def test_three_that_are_not_judged_are_named(dataset: Dataset) -> None:
    judged = dataset.judgements
    first = np.arange(8)[:, None] == 0
    less = type(judged)(judged.query_ids, np.where(first, -1, judged.rows), np.where(first, -1, judged.labels))
    fewer = replace(dataset, judgements=less, signals={})
    with pytest.raises(InputError, match=r"^1 of these is no judged query: 00$"):
        list_spec(fewer, ["00", "01"])
    with pytest.raises(InputError, match=r"^3 of these are no judged queries: 00, x, y$"):
        list_spec(fewer, ["y", "01", "x", "00"][::-1])
    with pytest.raises(InputError, match=r"^4 of these are no judged queries: a, b, c …$"):
        list_spec(fewer, ["a", "b", "c", "d"])
    one = np.arange(judged.rows.shape[1]) < 1
    single = type(judged)(judged.query_ids, np.where(one, less.rows, -1), np.where(one, less.labels, -1))
    fewer = replace(fewer, judgements=single)
    assert list_spec(fewer, ["01"]).rows.endswith(".1")
    ids = query_set(fewer, SetSpec(), query_table(fewer, {})).ids
    assert ids == tuple(str(each) for each in judged.query_ids[1:])


def test_what_a_set_reads_and_what_it_is_called() -> None:
    assert SetSpec().title == "all judged queries"
    assert SetSpec(rows="x").title == "a list"
    full = SetSpec(preset="both fail", find="lamp", by="category", group="Home", rows="x")
    assert full.title == "both fail · “lamp” · category: Home · a list"
    assert SetSpec(name="Mine", find="lamp").title == "Mine"
    assert SetSpec(name="Mine", find="lamp").unnamed == SetSpec(find="lamp")
    reads = [SetSpec(preset="fusion hurts"), SetSpec(sort="-fused"), SetSpec(sort="best_low"), SetSpec(sort="text")]
    assert [(spec.reads_fused, spec.reads_curves) for spec in reads] == [
        (True, False), (True, False), (True, True), (False, False)
    ]  # fmt: skip
    assert not SetSpec(preset="both fail").reads_fused
