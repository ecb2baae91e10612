"""Files of every format that is read, and what goes wrong with files: cut off, mixed up, filled with odd values."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from own_bundles import BASE, CASES


def _parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


def _array(rows: int) -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(rows * 3, dtype=np.float32).reshape(rows, 3) + 1)
    return out.getvalue()


def _lines(frame: pd.DataFrame) -> bytes:
    return frame.to_json(orient="records", lines=True).encode()


_PRODUCTS, _QUERIES, _JUDGED = (
    pd.read_csv(BASE / f"{name}.csv", dtype=str) for name in ("products", "queries", "judgements")
)
_RUN = json.loads((CASES / "runs" / "run.json").read_text())
_HITS = {query: {"hits": {"hits": [{"_id": p, "_score": s} for p, s in of.items()]}} for query, of in _RUN.items()}
_RATED = [{"_index": "p", "_id": "0001", "rating": 3}, {"_index": "p", "_id": "0002", "rating": 0}]
_EVALUATION = {"requests": [{"id": "1", "request": {"query": {"match": {"title": "mug"}}}, "ratings": _RATED}]}
_FLAT = _JUDGED.merge(_PRODUCTS).merge(_QUERIES)
# What it is given as: a role of `own`, a run, or vectors.
WHOLE: list[tuple[str, bytes]] = [
    ("products", (BASE / "products.csv").read_bytes()),
    ("products", (CASES / "unquoted" / "products.tsv").read_bytes()),
    ("products", _parquet(_PRODUCTS)),
    ("products", _lines(_PRODUCTS)),
    ("products", _FLAT.to_csv(index=False).encode()),
    ("queries", (BASE / "queries.csv").read_bytes()),
    ("queries", b"1\tenamel mug\n2\tteapot\n3\ttee\n"),
    ("queries", b'{"_id": "1", "text": "mug"}\n{"_id": "2", "text": "pot"}\n{"_id": "3", "text": "tee"}\n'),
    ("judgements", (BASE / "judgements.csv").read_bytes()),
    ("judgements", _parquet(_JUDGED.assign(label=1.5))),
    *[
        ("judgements", (CASES / name).read_bytes())
        for name in (
            "beir/test.tsv",
            "opensearch/judgments.json",
            "opensearch/judgments.csv",
            "qrels/qrels.txt",
            "quepid/book.csv",
            "quepid/several_judges.csv",
            "several_judges/two.csv",
        )
    ],
    ("judgements", json.dumps(_EVALUATION).encode()),
    *[("run", path.read_bytes()) for path in sorted((CASES / "runs").iterdir())],
    ("run", json.dumps(_HITS).encode()),
    ("run", b"product_id,query_id\n0001,1\n0002,1\n0003,2\n"),
    ("run", _parquet(pd.DataFrame({"q_id": ["1", "1"], "doc_id": ["0001", "0002"], "score": [2.0, 1.0]}))),
    ("vectors", _array(6)),
    (
        "vectors",
        _parquet(pd.DataFrame({"product_id": _PRODUCTS["product_id"], "v": [[1.0, 2.0, float(i)] for i in range(6)]})),
    ),
]
_ODD = [
    *(
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b"\t",
        b",",
        b";",
        b'"',
        b"'",
        b" ",
        b"#",
        b"%20",
        b"\\",
    ),
    *(b"nan", b"inf", b"-1", b"-0", b"1e400", b"9" * 400, b"0x1", b"1_000", b"1,5", b"null", b"true", b"None"),
    *(
        b"{",
        b"[",
        b"}",
        b"]",
        b"{}",
        b"[]",
        b"[" * 2000,
        b'{"a":' * 2000,
        b"\\ud800",
        b"\\u0000",
        "é\u2028\u202e".encode(),
    ),
    *(b"../../etc/passwd", b"<script>", b"=1+1", b"a" * 5000, b"id", b"query", b"score", b"Exact"),
]


def _spliced(content: bytes, at: float, odd: bytes, gone: int) -> bytes:
    place = int(at * len(content))
    return content[:place] + odd + content[place + gone :]


def _line_moved(content: bytes, at: float, odd: bytes, gone: int) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return odd
    place = int(at * (len(lines) - 1))
    return b"".join([*lines[:place], *lines[place + gone % 3 :], lines[place]])


def _word_changed(content: bytes, at: float, odd: bytes, gone: int) -> bytes:
    del gone
    words = content.split(b",") if b"," in content else content.split(b" ")
    place = int(at * (len(words) - 1))
    return (b"," if b"," in content else b" ").join([*words[:place], odd, *words[place + 1 :]])


_DAMAGE: list[Callable[[bytes, float, bytes, int], bytes]] = [
    _spliced,
    _line_moved,
    _word_changed,
    lambda content, at, odd, gone: content[: int(at * len(content))],
    lambda content, at, odd, gone: odd + content,
    lambda content, at, odd, gone: content.replace(b"\n", b"\r\n"),
    lambda content, at, odd, gone: content.decode("utf-8", "replace").encode("utf-16"),
    lambda content, at, odd, gone: content * 2,
]
_PACKED: list[Callable[[bytes], bytes]] = [lambda content: content] * 5 + [gzip.compress, bz2.compress, lzma.compress]


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """Some bytes, whole, or damaged up to three times."""
    steps = st.tuples(st.sampled_from(_DAMAGE), st.floats(0, 1), st.sampled_from(_ODD), st.integers(0, 40))
    for damage, at, odd, gone in draw(st.lists(steps, max_size=3)):
        content = damage(content, at, odd, gone)
    return content


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """What a file is given as, and its bytes: whole, or damaged up to three times, and perhaps packed and damaged."""
    role, content = draw(st.sampled_from(WHOLE))
    content = draw(spoiled(content))
    content = draw(st.sampled_from(_PACKED))(content)
    if draw(st.integers(0, 9)) == 0:
        content = content[: draw(st.integers(0, len(content)))]
    return role, content


_WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
_TEXT = st.text(st.sampled_from("abé,;'%&<>{}[]\"\\ "), min_size=1, max_size=12).map(str.strip).filter(bool)


@st.composite
def judged(draw: st.DrawFn) -> dict[tuple[str, str], int]:
    """Whole grades by query text and product id, one of them above 0."""
    queries = draw(st.lists(_TEXT, min_size=1, max_size=3, unique=True))
    products = draw(st.lists(_WORD, min_size=1, max_size=4, unique=True))
    pairs = draw(st.sets(st.tuples(st.sampled_from(queries), st.sampled_from(products)), min_size=1))
    found = {pair: draw(st.integers(-2, 4)) for pair in sorted(pairs)}
    return {**found, min(found): 3}
