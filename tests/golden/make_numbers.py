"""Records the numbers of the demo, of the real slice of ESCI and of a bundle drawn by lot, or compares them.

    PYTHONPATH=. python tests/golden/make_numbers.py --work FOLDER            compares with what is recorded
    PYTHONPATH=. python tests/golden/make_numbers.py --work FOLDER --record   records (done at commit bb4691c)
    ... --bundle demo --keep                                                  one bundle; built bundles are used again

Compares to the last bit. Encoders, and cosines of vectors with many digits, differ in their last bits between kinds of
processors, so that demo and esci_mini are compared with a record of the same machine: `--records FOLDER` names another
place for it. The numbers of `exact` are the same everywhere but for a few last bits, and a test holds them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from golden_bundles import build
from golden_numbers import numbers

RECORDS = Path(__file__).parent / "numbers"
NAMES = ("demo", "esci_mini", "exact")


def entry(value: Any) -> dict[str, Any]:
    """What is kept of a number, array, frame or text: a hash of every bit; and of numbers how many there are, their
    mean, and their product with a fixed row of others, so that a tolerance can be held too."""
    if isinstance(value, str):
        return {"sha256": _hash(value.encode())}
    if isinstance(value, pd.DataFrame):
        texts = value.select_dtypes(exclude=["number", "bool"]).astype(str)
        found = entry(value.select_dtypes(include=["number", "bool"]).to_numpy(dtype=np.float64))
        rest = json.dumps([list(map(str, value.columns)), texts.to_numpy().tolist()], ensure_ascii=False)
        return found | {"texts": _hash(rest.encode())}
    array = np.ascontiguousarray(value)
    whole = array.dtype.kind in "iub"
    array = array.astype(np.int64 if whole else np.float64)
    # -0.0 and 0.0, and every nan, are one.
    array = array if whole else np.where(np.isnan(array), np.nan, array + 0.0)
    known = array.ravel()[~np.isnan(array.ravel())] if not whole else array.ravel()
    others = np.cos(np.arange(len(known)))
    kept: dict[str, Any] = {"sha256": _hash(np.ascontiguousarray(array).tobytes()), "n": int(known.size)}
    if whole:
        return kept | {"whole": True}
    return kept | {"mean": float(known.mean()) if known.size else None, "mixed": float(known @ others)}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def differences(recorded: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """A line for every name whose numbers are not the same to the last bit."""
    lines = []
    for name in sorted(recorded.keys() | found.keys()):
        old, new = recorded.get(name), found.get(name)
        if old is None or new is None:
            lines.append(f"{name}: {'is new' if old is None else 'is gone'}")
        elif any(old.get(part) != new.get(part) for part in ("sha256", "texts")):
            lines.append(f"{name}: was {old}, is {new}")
    return lines


def short(each: dict[str, Any]) -> dict[str, Any]:
    """An entry of a bundle that is compared to the last bit alone: the mean is there for people."""
    kept = {part: each[part] for part in ("sha256", "texts") if part in each}
    return kept | ({"mean": round(each["mean"], 6)} if each.get("mean") is not None else {})


def written(entries: dict[str, Any]) -> str:
    """A line a name."""
    lines = [f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(each)}" for name, each in entries.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Builds, takes the numbers, and records or compares them; 1 where some differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, metavar="FOLDER", help="where bundles are built")
    parser.add_argument("--records", type=Path, default=RECORDS, metavar="FOLDER", help="where the records are")
    parser.add_argument("--bundle", choices=NAMES, action="append", help="which bundles (default: all)")
    parser.add_argument("--record", action="store_true", help="write what is found as the record")
    parser.add_argument("--keep", action="store_true", help="take a bundle that is built already")
    options = parser.parse_args()
    worse = 0
    for name in options.bundle or NAMES:
        folder = options.work / name
        if not (options.keep and folder.is_dir()):
            shutil.rmtree(folder, ignore_errors=True)
            build(name, folder)
        found = {key: entry(value) for key, value in numbers(folder, encoders=name != "exact")}
        path = options.records / f"{name}.json"
        if options.record:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = found if name == "exact" else {key: short(each) for key, each in found.items()}
            path.write_text(written(kept), encoding="utf-8")
            print(f"{name}: {len(found):,} recorded")
            continue
        lines = differences(json.loads(path.read_text(encoding="utf-8")), found)
        worse += len(lines)
        print(f"{name}: {len(found):,} compared, {len(lines):,} differ", *lines[:40], sep="\n  ")
    return int(worse > 0)


if __name__ == "__main__":
    sys.exit(main())
