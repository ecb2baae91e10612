"""Peak memory of commands that read large files of others: goal 1 GB for a file of 200 MB.

    python -m benchmarks.own_memory [--megabytes 200] [--only judgements.csv …]

Each file is made up and given to `own` or `run-file` in a process of its own; the peer only reads the same file, by
pandas or json.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.sqid_like import table
from benchmarks.sqid_raw import product_ids, texts

_PRODUCTS, _QUERIES, _SLATE = 200_000, 400_000, 50
_IDS = product_ids(_PRODUCTS)
_PEERS = {
    ".csv": "import sys, pandas; pandas.read_csv(sys.argv[1], dtype=str)",
    ".jsonl": "import sys, pandas; pandas.read_json(sys.argv[1], lines=True, dtype=False)",
    ".txt": "import sys, pandas; pandas.read_csv(sys.argv[1], dtype=str, sep=' ', header=None)",
    ".json": "import sys, json; json.load(open(sys.argv[1]))",
}
_OURS = "import sys; from precompute.__main__ import main; status = main(sys.argv[1:]); assert status == 0, status"
_PEAK = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def _product(query: int, place: int) -> str:
    return str(_IDS[(query * 7919 + place) % _PRODUCTS])


def _pairs() -> Iterator[tuple[int, str, int]]:
    """Query, product, grade, without end; the pairs of a query stand together, and none comes twice."""
    at = 0
    while True:
        for place in range(_SLATE):
            yield at, _product(at, place), place % 4
        at += 1


def _titles() -> list[str]:
    return texts(np.random.default_rng(1), 5_000, 60).to_pylist()


def _products() -> Iterator[tuple[str, str]]:
    titles = _titles()
    return ((f"P{at:09d}", f"{titles[at % 5_000]} {at}") for at in range(10_000_000))


def _opensearch() -> Iterator[str]:
    yield '{"judgmentRatings": ['
    lists: dict[int, list[str]] = {}
    for query, product, grade in _pairs():
        lists.setdefault(query, []).append(f'{{"docId": "{product}", "rating": "{grade}"}}')
        if len(lists[query]) == _SLATE:
            yield f'{"," if query else ""}{{"query": "q {query}", "ratings": [{", ".join(lists.pop(query))}]}}\n'


# By the file's name: its lines, and how it ends.
FILES: dict[str, tuple[Callable[[], Iterator[str]], str]] = {
    "products.csv": (lambda: chain(["product_id,title\n"], (f'{i},"{t}"\n' for i, t in _products())), ""),
    "products.jsonl": (lambda: (f'{{"product_id": "{i}", "title": "{t}"}}\n' for i, t in _products()), ""),
    "judgements.csv": (
        lambda: chain(["query_id,product_id,label\n"], (f"{q},{p},{g}\n" for q, p, g in _pairs())),
        "",
    ),
    "by_text.csv": (lambda: chain(["query,docid,rating\n"], (f"q {q},{p},{g}\n" for q, p, g in _pairs())), ""),
    "qrels.txt": (lambda: (f"{q} 0 {p} {g}\n" for q, p, g in _pairs()), ""),
    "judgements.json": (_opensearch, "]}"),
    "run.txt": (lambda: (f"{q} Q0 {p} {1} {1 / (g + 1):.6f} mine\n" for q, p, g in _pairs()), ""),
}


def write(path: Path, megabytes: int) -> None:
    """Of about so many bytes, all of them ASCII."""
    lines, end = FILES[path.name]
    left = megabytes * 1_000_000
    with path.open("w", encoding="utf-8") as file:
        for line in lines():
            file.write(line)
            left -= len(line)
            if left < 0:
                break
        file.write(end)


def small_tables(folder: Path) -> dict[str, Path]:
    """By role: products and queries for any of the judgements, and a judgement of each query."""
    queries = range(_QUERIES)
    lines = {
        "products": chain(["product_id,title\n"], (f"{product},a mug\n" for product in _IDS)),
        "queries": chain(["query_id,query\n"], (f"{query},q {query}\n" for query in queries)),
        "judgements": chain(["query_id,product_id,label\n"], (f"{q},{_product(q, 0)},{q % 2}\n" for q in queries)),
    }
    for role, those in lines.items():
        (folder / f"small_{role}.csv").write_text("".join(those), encoding="utf-8")
    return {role: folder / f"small_{role}.csv" for role in lines}


def own(files: dict[str, Path], out: Path) -> list[str]:
    return ["own", *chain(*((f"--{role}", str(file)) for role, file in files.items())), "--out", str(out)]


def command(path: Path, small: dict[str, Path]) -> list[str]:
    """What reads the file: with the products and queries that it needs."""
    folder = path.parent
    if path.name == "run.txt":
        measured(_OURS, own(small, folder / "bundle"))
        words = ["--signal", "s", "--modality", "text", "--run", str(path)]
        return ["run-file", str(folder / "bundle"), *words]
    if path.stem == "products":
        return own({"products": path}, folder / "out")
    keyed_by_text = path.name in ("by_text.csv", "judgements.json")
    roles = ["products"] if keyed_by_text else ["products", "queries"]
    return own({**{role: small[role] for role in roles}, "judgements": path}, folder / "out")


def measured(code: str, words: list[str]) -> tuple[float, float]:
    """Seconds, and the peak in GB, which the process prints last."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + _PEAK, *words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return time.perf_counter() - began, int(done.stdout.split()[-1]) / 1e6


def row(name: str, megabytes: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / name
        small = small_tables(path.parent)
        write(path, megabytes)
        both = (measured(_OURS, command(path, small)), measured(_PEERS[path.suffix], [str(path)]))
    return name, *(cell for seconds, peak in both for cell in (f"{seconds:.1f} s", f"{peak:.2f} GB"))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--only", nargs="*", choices=FILES, default=list(FILES))
    options = parser.parse_args()
    rows = [row(name, options.megabytes) for name in options.only]
    print(table(("file", "command", "peak", "only read", "peak"), rows))


if __name__ == "__main__":
    main()
