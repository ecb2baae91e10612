"""Files of others, damaged and odd: the right numbers, or one sentence, exit status 2 and nothing half-written.

By day a few; SQID_FUZZ says how many of each (`.ci/nightly` draws two thousand).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from damaged_files import damaged, judged
from hypothesis import HealthCheck, given, settings
from own_bundles import BASE, gains

from precompute.__main__ import main
from precompute.steps.own import OwnFiles, make_own
from sqid_core.bundle.load import load_bundle

_MANY = int(os.environ.get("SQID_FUZZ", "0"))
_OPTIONS = settings(deadline=None, max_examples=_MANY or 40, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """The bundle of the tiny catalogue, with arrays of vectors for its queries."""
    folder = tmp_path_factory.mktemp("base")
    make_own(OwnFiles(*(BASE / f"{name}.csv" for name in ("products", "queries", "judgements"))), folder / "bundle")
    np.save(folder / "queries.npy", np.arange(9, dtype=np.float32).reshape(3, 3) + 1)
    return folder


def ran(*words: str) -> tuple[int, list[str]]:
    """The exit status, and the sentences of a refusal."""
    err = io.StringIO()
    with redirect_stderr(err), redirect_stdout(io.StringIO()):
        status = main(list(words))
    return status, [line for line in err.getvalue().splitlines() if line.startswith("precompute: ")]


def refused_or(whole: bool, status: int, said: list[str]) -> None:
    assert status in (0, 2)
    assert len(said) == (status == 2)
    assert not said or len(said[0]) < 1500
    assert whole == (status == 0)


@_OPTIONS
@given(damaged())
def test_a_damaged_file_is_read_or_refused_in_one_sentence(base, file):
    role, content = file
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, out = folder / "file", folder / "out"
        path.write_bytes(content)
        if role in ("run", "vectors"):
            shutil.copytree(base / "bundle", out)
            before = (out / "manifest.json").read_bytes()
            verb = {"run": ["run-file", "--run", str(path)], "vectors": ["vectors", "--products", str(path)]}[role]
            more = ["--queries", str(base / "queries.npy")] if role == "vectors" else []
            status, said = ran(verb[0], str(out), "--signal", "s", "--modality", "text", *verb[1:], *more)
            assert (status == 0) == ("s" in load_bundle(out).signals)
            refused_or((out / "manifest.json").read_bytes() != before, status, said)
            return
        tables = {name: BASE / f"{name}.csv" for name in ("products", "queries", "judgements")} | {role: path}
        words = [word for name, table in tables.items() for word in (f"--{name}", str(table))]
        status, said = ran("own", *words, "--out", str(out), "--judges", "median", "--missing", "drop")
        refused_or(out.exists(), status, said)
        assert {each.name for each in folder.iterdir()} <= {"file", "out"}
        if status == 0:
            assert load_bundle(out).judgements.mask.any()


def written(pairs: dict[tuple[str, str], int], form: str) -> str:
    by_query: dict[str, list[tuple[str, int]]] = {}
    for (query, product), grade in pairs.items():
        by_query.setdefault(query, []).append((product, grade))
    if form == "opensearch":
        lists = [{"query": q, "ratings": [{"docId": p, "rating": str(g)} for p, g in of]} for q, of in by_query.items()]
        return json.dumps({"judgmentRatings": lists})
    if form == "elastic":
        requests = [
            {"id": str(i), "params": {"query": q}, "ratings": [{"_id": p, "rating": g} for p, g in of]}
            for i, (q, of) in enumerate(by_query.items())
        ]
        return json.dumps({"requests": requests})
    if form == "lines":
        return "".join(json.dumps({"query": q, "docid": p, "rating": g}) + "\n" for (q, p), g in pairs.items())
    quote = lambda text: '"' + text.replace('"', '""') + '"'  # noqa: E731
    return "query,docid,rating\n" + "".join(f"{quote(q)},{quote(p)},{g}\n" for (q, p), g in pairs.items())


@pytest.mark.parametrize("form", ["opensearch", "elastic", "lines", "quepid"])
@settings(_OPTIONS, max_examples=max(_MANY // 8, 8))
@given(judged())
def test_every_format_gives_the_same_right_numbers(form, pairs):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "judged").write_text(written(pairs, form), encoding="utf-8")
        products = sorted({product for _, product in pairs})
        lines = [json.dumps({"product_id": product, "title": "x"}) for product in products]
        (folder / "products").write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = ["--products", str(folder / "products"), "--judgements", str(folder / "judged")]
        assert ran("own", *words, "--out", str(folder / "out")) == (0, [])
        assert gains(folder / "out") == {pair: max(grade, 0) for pair, grade in pairs.items()}
