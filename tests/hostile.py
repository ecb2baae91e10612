"""A generator of hostile bundles: each a small bundle with one thing in it that no verb would write.

`HOSTILE` has them by name; each gets the folder of a fresh copy of the tests' bundle. Hashes and the fingerprint are
made true again afterwards, so that it is the deeper check that must notice.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hostile_manifests import MANIFEST, MANIFESTS, Change, true_hashes

VECTORS, PRESENT = "signals/words_text/products.npy", "signals/words_text/present.npy"
QUERIES = "encoders/words/queries.npy"


# --- tables ---


def table(name: str, change: Callable[[pa.Table], pa.Table], **options: Any) -> Change:
    def damage(bundle: Path) -> None:
        path = bundle / f"{name}.parquet"
        pq.write_table(change(pq.read_table(path)), path, **options)
        true_hashes(bundle)

    return damage


def column(name: str, values: Callable[[int], pa.Array]) -> Callable[[pa.Table], pa.Table]:
    def change(found: pa.Table) -> pa.Table:
        return found.set_column(found.schema.get_field_index(name), name, values(len(found)))

    return change


def not_utf8(length: int) -> pa.Array:
    offsets = pa.py_buffer(np.arange(length + 1, dtype=np.int64).tobytes())
    return pa.Array.from_buffers(pa.large_string(), length, [None, offsets, pa.py_buffer(b"\xff" * length)])


def all_texts(text: str) -> Callable[[int], pa.Array]:
    return lambda length: pa.array([text] * length, pa.large_string())


def long_rows(found: pa.Table) -> pa.Table:
    """A few kilobytes on disk, a gigabyte in memory: one value of 900 kB, as often as there are rows."""
    again = pa.concat_tables([found] * 20)
    return column("title", all_texts("x" * 900_000))(again)


def replaced(name: str, content: bytes) -> Change:
    def damage(bundle: Path) -> None:
        (bundle / name).write_bytes(content)
        true_hashes(bundle)

    return damage


HOSTILE_METADATA = {b"pandas": json.dumps({"index_columns": [{"kind": "range", "start": 0, "stop": 10**15}]}).encode()}
TABLES: dict[str, Change] = {
    "two columns of one name": table("products", lambda t: t.append_column("title", t["title"])),
    "two extra columns of one name": table(
        "products", lambda t: t.append_column("x", t["title"]).append_column("x", t["title"])
    ),
    "titles that are no UTF-8": table("products", column("title", not_utf8)),
    "ids that are no UTF-8": table("queries", column("query_id", not_utf8)),
    "titles that are lists": table("products", column("title", lambda n: pa.array([["a"]] * n))),
    "titles that are bytes": table("products", column("title", lambda n: pa.array([b"a"] * n))),
    "prices that are words": table("products", column("price", lambda n: pa.array(["1"] * n))),
    "ids that are numbers": table("products", column("product_id", lambda n: pa.array(range(n)))),
    "labels that are numbers": table("judgements", column("label", lambda n: pa.array([1] * n))),
    "labels without end": table("judgements", column("label", all_texts("E" * 10_000))),
    "labels that nobody knows": table("judgements", column("label", all_texts("Z"))),
    "a text longer than any": table("products", column("title", all_texts("x" * 2_000_000))),
    "rows that inflate to a gigabyte": table("products", long_rows, compression="zstd"),
    "pages that inflate to a gigabyte": table("products", long_rows, compression="zstd", use_dictionary=False),
    "more columns than are read": table(
        "queries",
        lambda t: pa.table({**{c: t[c] for c in t.column_names}, **{f"c{i}": t["query"] for i in range(1_500)}}),
    ),
    "every id the same": table("products", column("product_id", all_texts("same"))),
    "no rows": table("products", lambda t: t[:0]),
    "no columns": table("products", lambda t: t.select([])),
    "judgements of others": table("judgements", column("product_id", all_texts("nobody"))),
    "a judgement twice": table("judgements", lambda t: pa.concat_tables([t, t])),
    "no Parquet": replaced("products.parquet", b"PAR1 and no more PAR1"),
    "an empty table": replaced("queries.parquet", b""),
    "cut Parquet": lambda b: replaced("products.parquet", (b / "products.parquet").read_bytes()[:-40])(b),
    "scrambled Parquet": lambda b: replaced("products.parquet", scrambled((b / "products.parquet").read_bytes()))(b),
}


def scrambled(body: bytes) -> bytes:
    found = bytearray(body)
    for place in np.random.default_rng(0).integers(4, len(found) - 8, 200):
        found[place] ^= 0x55
    return bytes(found)


# --- arrays ---


def npy(shape: str, kind: str = "'<f4'", fortran: str = "False", body: int = 60 * 24 * 4) -> bytes:
    """An array's file with whatever its header is to say."""
    header = f"{{'descr': {kind}, 'fortran_order': {fortran}, 'shape': {shape}, }}"
    padded = header.ljust(118 - 1) + "\n" if len(header) < 117 else header + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode() + b"\0" * body


def saved(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


ARRAYS: dict[str, Change] = {
    "negative shape": replaced(VECTORS, npy("(-1, 24)")),
    "both negative": replaced(VECTORS, npy("(-60, -24)")),
    "shape of truths": replaced(PRESENT, npy("(True,)", "'|b1'", body=60)),
    "shape of truths where one is right": replaced(VECTORS, npy("(True, 24)")),
    "shape of words": replaced(VECTORS, npy("('a', 24)")),
    "shape of fractions": replaced(VECTORS, npy("(60.0, 24)")),
    "shape without end": replaced(VECTORS, npy("(10**15, 24)")),
    "shape beyond memory": replaced(VECTORS, npy("(1000000000000000, 24)")),
    "no shape": replaced(VECTORS, npy("()")),
    "objects": replaced(VECTORS, saved(np.array([{}], dtype=object), allow_pickle=True)),
    "a type of objects": replaced(VECTORS, npy("(60, 24)", "'|O'")),
    "a type of parts": replaced(VECTORS, npy("(60, 24)", "[('a', '<f4')]")),
    "a type that is none": replaced(VECTORS, npy("(60, 24)", "'zzz'")),
    "columns first": replaced(VECTORS, npy("(60, 24)", fortran="True")),
    "other byte order": replaced(VECTORS, npy("(60, 24)", "'>f4'")),
    "fewer bytes": replaced(VECTORS, npy("(60, 24)", body=100)),
    "more bytes": replaced(VECTORS, npy("(60, 24)", body=60 * 24 * 4 + 1)),
    "code for a header": replaced(VECTORS, npy("__import__('os').getcwd()")),
    "a header nested without end": replaced(VECTORS, npy("(" * 3_000)),
    "another version": replaced(VECTORS, b"\x93NUMPY\x09\x00" + b"\0" * 100),
    "a zip": replaced(VECTORS, b"PK\x03\x04 and no more"),
    "nothing": replaced(VECTORS, b""),
    "not a number": replaced(VECTORS, saved(np.full((60, 24), np.nan, np.float32))),
    "infinite": replaced(VECTORS, saved(np.full((60, 24), np.inf, np.float32))),
    "so large that squares overflow": replaced(VECTORS, saved(np.full((60, 24), 3e38, np.float32))),
    "query vectors of zero": replaced(QUERIES, saved(np.zeros((8, 24), np.float32))),
    "truths that are numbers": replaced(PRESENT, saved(np.full(60, 7, np.int8))),
    "a signal that says nothing": replaced("signals/words_text/signal.json", b"[" * 100_000),
}


# --- folders: what is no file, or none that can be read ---


def put(name: str, make: Callable[[Path], None]) -> Change:
    def damage(bundle: Path) -> None:
        (bundle / name).unlink()
        make(bundle / name)

    return damage


FOLDERS: dict[str, Change] = {
    "manifest is a pipe": put(MANIFEST, os.mkfifo),
    "manifest is a device": put(MANIFEST, lambda path: path.symlink_to("/dev/zero")),
    "manifest is a link to itself": put(MANIFEST, lambda path: path.symlink_to(path)),
    "manifest is a folder": put(MANIFEST, Path.mkdir),
    "table is a pipe": put("products.parquet", os.mkfifo),
    "table is a link to itself": put("products.parquet", lambda path: path.symlink_to(path)),
    "vectors are a pipe": put(VECTORS, os.mkfifo),
    "vectors are a folder": put(VECTORS, Path.mkdir),
    "signal's words are a device": put("signals/words_text/signal.json", lambda path: path.symlink_to("/dev/zero")),
}

HOSTILE: dict[str, Change] = {**MANIFESTS, **TABLES, **ARRAYS, **FOLDERS}
# Changes that harm nothing: such a bundle opens.
HARMLESS: dict[str, Change] = {
    "hostile words to pandas": table("products", lambda t: t.replace_schema_metadata(HOSTILE_METADATA)),
    "words to pandas that are none": table("products", lambda t: t.replace_schema_metadata({b"pandas": b"{"})),
    "a column of lists": table("products", lambda t: t.append_column("tags", pa.array([["a"]] * len(t)))),
    "texts in a dictionary": table("products", column("brand", lambda n: pa.array(["b"] * n).dictionary_encode())),
}
