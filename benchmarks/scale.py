"""What catalogues of 165 thousand and 1.2 million products cost with each engine, and exact search over 10 million.

    python -m benchmarks.scale [--products 164900 1200000] [--engines exact-float32 exact-float16 hnsw milvus]
                               [--graph-products 164900] [--blocks 10000000] [--folder DIR]

A row a size and an engine, each step in a process of its own: import (the verb over files like ESCI's), index, disk,
the first view of the app (from its command to the end of the first page), a typed query in the app (p50, p95), the same
without the page (vectors to the lists of the board), what that took of the processors, which other work on the machine
changes less, and the app's memory, private and mapped. HNSW and Milvus Lite take one signal, of at most
--graph-products; what is then said of more products is extrapolated and marked ~: building and disk by the number
of vectors, searching as it was found. The last line generates vectors and searches them in blocks.

About 25 GB of disk at 1.2 million; --folder keeps what was made, and what is there is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.app_server import served
from benchmarks.scale_bundle import import_words, linked, make_raw, vector_blocks, write_vectors
from benchmarks.searches import Visitor, p95, query
from benchmarks.sqid_like import DIM, table

ENGINES = ("exact-float32", "exact-float16", "hnsw", "milvus")
HEADER = ("products x signals", "engine", "import", "its memory", "index", "disk", "first view", "typed query, app")
MORE = ("typed query alone", "its processor time", "recall@100", "private", "mapped")
_QUERIES, _WARM_UP, _K = 30, 3, 100
_BLOCK, _BLOCK_QUERIES = 262_144, 5


@dataclass(frozen=True)
class Cost:
    """Of a process: seconds, and the most memory that was its alone, in bytes."""

    seconds: float
    private: int


def memory(pid: int | str = "self") -> tuple[int, int]:
    """Bytes of a process that are its alone, and those of mapped files."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return int(found["RssAnon"].split()[0]) * 1024, int(found["RssFile"].split()[0]) * 1024


def cost(words: Sequence[str], **environment: str) -> Cost:
    """Runs a command to its end."""
    began, most = time.perf_counter(), 0
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=os.environ | environment)
    while process.poll() is None:
        try:
            most = max(most, memory(process.pid)[0])
        except (OSError, KeyError):  # it has just ended
            break
        time.sleep(0.05)
    if process.wait():
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return Cost(time.perf_counter() - began, most)


def bundle_of(folder: Path, products: int, engine: str, signals: int) -> tuple[Path, Cost]:
    """The bundle of a size for an engine, and what the import of its tables cost."""
    tables, noted = folder / f"{products}-tables", folder / f"{products}-import.json"
    if not noted.exists():
        raw = folder / f"raw-{products}"
        make_raw(raw, products)
        imported = cost(import_words(raw, tables, products))
        noted.write_text(json.dumps(asdict(imported)))
        shutil.rmtree(raw)
    bundle = folder / f"{products}-{engine}" / "bundle"
    if not (bundle / "manifest.json").exists():
        shutil.rmtree(bundle.parent, ignore_errors=True)
        linked(tables, bundle)
        write_vectors(bundle, bundle.parent, signals, "float16" if engine == "exact-float16" else "float32")
    return bundle, Cost(**json.loads(noted.read_text()))


def indexed(bundle: Path, engine: str) -> Cost | None:
    """What the verb `index` costs; None for exact search, which has none."""
    words = [sys.executable, "-m", "precompute", "index", str(bundle)]
    if engine == "milvus":
        return cost([*words, "--engine", "milvus", "--ef", "128"], SQID_MILVUS_URI=str(bundle.parent / "milvus.db"))
    return cost(words) if engine == "hnsw" else None


def in_the_app(bundle: Path, engine: str) -> dict[str, Any]:
    """Seconds of the first view and of typed queries, and the server's memory behind them."""
    if engine == "milvus":
        os.environ["SQID_MILVUS_URI"] = str(bundle.parent / "milvus.db")
    began = time.perf_counter()
    with served(bundle.parent) as server:
        visitor = Visitor(server.address)
        visitor.search("")
        first = time.perf_counter() - began
        for number in range(_WARM_UP):
            visitor.search(query(3_000 + number))
        seconds = [visitor.search(query(number)) for number in range(_QUERIES)]
        private, mapped = memory(server.pid)
        visitor.leave()
    os.environ.pop("SQID_MILVUS_URI", None)
    return {"first": first, "app": _both(seconds), "private": private, "mapped": mapped}


def alone(bundle: Path, engine: str) -> dict[str, Any]:
    """In this process: what a typed query costs behind its encoder and before the page, and its first 100 against exact
    search."""
    from sqid_core.bundle.load import load_bundle, load_index
    from sqid_core.indexes.exact import ExactIndex
    from sqid_core.indexes.protocol import recall
    from sqid_core.ranking.candidates import prepare_catalogue
    from sqid_core.ranking.fusion import Fusion
    from sqid_core.ranking.shortlist import shortlist

    dataset = load_bundle(bundle)
    asked: Any = dataset.query_vectors("wide")[: _QUERIES + _WARM_UP]  # type: ignore[index]
    fusion, text = Fusion(norm="z-score"), dataset.dense_signal("text")
    assert text is not None
    index = load_index(dataset, text.name) if engine == "hnsw" else None
    seconds, processor = [], []
    for vector in asked:
        began, used = time.perf_counter(), time.process_time()
        if index is not None:
            index.search(vector[None], 500)
        else:
            prepared = prepare_catalogue(dataset, {"wide": vector}, fusion)
            held = shortlist(prepared.candidates, fusion, 20).positions
            prepared.ranks(held)
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    found: dict[str, Any] = {"alone": _both(seconds[_WARM_UP:]), "processor": _both(processor[_WARM_UP:])}
    if index is not None:
        found["memory"] = memory()
        exact = ExactIndex(text.products, text.present)
        found["recall"] = recall(index.search(asked, _K), exact.search(asked, _K))
    return found


def _both(seconds: Sequence[float]) -> tuple[float, float]:
    return statistics.median(seconds), p95(seconds)


def row(folder: Path, products: int, engine: str, most: int) -> tuple[str, ...]:
    """A line of the table."""
    exact = engine.startswith("exact")
    held, signals = (products, 2) if exact else (min(products, most), 1)
    times = products / held
    bundle, imported = bundle_of(folder, held, engine, signals)
    built = indexed(bundle, engine)
    found: dict[str, Any] = {}
    if engine != "milvus":
        words = [sys.executable, "-m", "benchmarks.scale", "--folder", str(bundle), "--one", engine]
        found |= json.loads(
            subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
        )
    # The app searches exactly beside an HNSW graph, which it only tells about.
    if engine != "hnsw":
        found |= in_the_app(bundle, engine)
    private, mapped = found.get("memory") or (found["private"], found["mapped"])
    mark = "~" if times > 1 else ""
    on_disk = sum(path.stat().st_size for path in bundle.parent.rglob("*") if path.is_file())
    return (
        f"{products:,} x {signals}",
        engine + (f" (made with {held:,})" if mark else ""),
        "" if mark else f"{imported.seconds:.0f} s",
        "" if mark else f"{imported.private / 1e9:.2f} GB",
        "none" if built is None else f"{mark}{built.seconds * times:.0f} s",
        f"{mark}{on_disk * times / 1e9:.1f} GB",
        f"{found['first']:.1f} s" if "first" in found and not mark else "",
        *(_milliseconds(found.get(name)) for name in ("app", "alone", "processor")),
        f"{found['recall']:.3f}" if "recall" in found else "1" if exact else "",
        "" if mark else f"{private / 1e9:.2f} GB",
        "" if mark else f"{mapped / 1e9:.2f} GB",
    )


def _milliseconds(both: tuple[float, float] | None) -> str:
    return "" if both is None else f"{both[0] * 1e3:,.0f} {both[1] * 1e3:,.0f} ms"


def in_blocks(folder: Path, products: int) -> tuple[str, ...]:
    """Exact search over float16 vectors that are never all there: each block is written, searched, and overwritten."""
    from sqid_core.indexes.stored_vectors import StoredVectors
    from sqid_core.indexes.top_rows import top_rows

    rng, path = np.random.default_rng(1), folder / "block.bin"
    asked = rng.standard_normal((_BLOCK_QUERIES, DIM), dtype=np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    spent, used, tops = np.zeros(len(asked)), np.zeros(len(asked)), [np.empty(0)] * len(asked)
    most, pending = 0, []
    for start, some in vector_blocks(asked, products, 0, 16_384):
        pending.append(some)
        if start + len(some) < products and sum(map(len, pending)) < _BLOCK:
            continue
        path.write_bytes(b"".join(each.tobytes() for each in pending))
        block = StoredVectors(path, (sum(map(len, pending)), DIM), np.dtype(np.float16), 0)
        for number, vector in enumerate(asked):
            began, before = time.perf_counter(), time.process_time()
            scores = block.dots(vector)
            tops[number] = np.sort(np.concatenate([tops[number], scores[top_rows(scores, _K)]]))[-_K:]
            spent[number] += time.perf_counter() - began
            used[number] += time.process_time() - before
        most, pending = max(most, memory()[0]), []
        print(f"{start + len(some):,} searched, {statistics.median(spent):.2f} s a query", file=sys.stderr, flush=True)
    path.unlink()
    size = f"{products * DIM * 2 / 1e9:.1f} GB"
    times = (_milliseconds(_both(each.tolist())) for each in (spent, used))
    engine = "exact-float16, in blocks"
    return f"{products:,} x 1", engine, "", "", "none", f"~{size}", "", "", *times, "1", f"{most / 1e9:.2f} GB", ""


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, nargs="*", default=[164_900, 1_200_000])
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--graph-products", type=int, default=164_900, help="at most so many for HNSW and Milvus Lite")
    parser.add_argument("--blocks", type=int, default=10_000_000, help="products searched in blocks, 0 for none")
    parser.add_argument("--folder", type=Path, help="where bundles are kept (default: a temporary folder)")
    parser.add_argument("--one", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(alone(options.folder, options.one)))
        return
    with tempfile.TemporaryDirectory(prefix="sqid-scale-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for products in options.products:
            for engine in options.engines:
                rows.append(row(folder, products, engine, options.graph_products))
                print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
        rows += [in_blocks(folder, options.blocks)] if options.blocks else []
    print(table((*HEADER, *MORE), rows))


if __name__ == "__main__":
    main()
