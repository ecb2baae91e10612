"""SQID from nothing: fetch the files, import, index, verify, evaluate. Needs no GPU, since SQID brings its vectors.

Files that --esci-dir or --sqid-dir hold already are used as they are; the others are fetched (2.1 GB) into a folder
"downloads" beside the bundle and kept there. Interrupted, the same command goes on where it was. The addresses can be
replaced by mirrors: HF_ENDPOINT, SQID_GITHUB_RAW and SQID_GITHUB_MEDIA."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from precompute.fetch.download import Patience
from precompute.fetch.files import FILES, Fetched, fetch
from precompute.steps.verbs import run_verb
from sqid_core.bundle.manifest import read_manifest
from sqid_core.errors import InputError
from sqid_core.indexes.hnsw import hnswlib_installed

EXAMPLE = "python -m precompute sqid --out data/sqid"
# What the slice holds (arXiv 2405.15190; counted by others in the real files).
COUNTS = {"queries": 8_956, "judgements": 181_701, "products": 164_900}
_OPTIONS = {
    "shopping_queries_dataset_examples": "--examples",
    "shopping_queries_dataset_products": "--products",
    "shopping_queries_dataset_sources": "--sources",
    "product_image_urls": "--image-urls",
    "query_features": "--query-features",
    "product_features": "--product-features",
}
_BARE_MINIMUM = ("shopping_queries_dataset_examples", "shopping_queries_dataset_products")
_FEATURES = ("query_features", "product_features")
PATIENCE = Patience()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--out", type=Path, default=Path("data/sqid"), metavar="DIR", help="default data/sqid")
    parser.add_argument("--esci-dir", type=Path, metavar="D", help="a folder that holds ESCI's files, or some of them")
    parser.add_argument("--sqid-dir", type=Path, metavar="D", help="a folder that holds SQID's files, or some of them")
    parser.add_argument(
        "--partial", action="store_true", help="take slices: say what is missing instead of asking for all of SQID"
    )
    parser.add_argument("--offline", action="store_true", help="fetch nothing (also with HF_HUB_OFFLINE=1)")


def run(args: argparse.Namespace) -> int:
    """All steps; each says what it does. Stops with the first that fails."""
    _check_folders(args)
    print("fetch: the files of ESCI and SQID", flush=True)
    offline = args.offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    folders = {"esci": args.esci_dir, "sqid": args.sqid_dir}
    fetched = fetch(args.out.parent / "downloads", folders, offline, PATIENCE)
    _report(fetched)
    _check_complete(fetched, args.partial)
    expected = [] if args.partial else ["--expect", ",".join(map(str, COUNTS.values()))]
    run_verb("import", [*_import_options(fetched.paths), *expected, "--out", str(args.out)])
    if args.partial:
        _say_missing(read_manifest(args.out).counts)
    return _look_at(args.out)


def _check_folders(args: argparse.Namespace) -> None:
    for option, folder in (("--esci-dir", args.esci_dir), ("--sqid-dir", args.sqid_dir)):
        if folder is not None and not folder.is_dir():
            raise InputError(f"{option} {folder} is no folder; give one that holds the files, or leave the option out")


def _report(fetched: Fetched) -> None:
    for file in FILES:
        if file.name in fetched.paths:
            path = fetched.paths[file.name]
            print(f"  {path.name}: {path.stat().st_size / 1e6:,.1f} MB in {path.parent}")
        else:
            print(f"  {file.name}: missing ({fetched.missing[file.name]})")


def _check_complete(fetched: Fetched, partial: bool) -> None:
    """Raises InputError where files are missing that the bundle cannot be made without."""
    needed = _BARE_MINIMUM if partial else tuple(file.name for file in FILES if file.needed)
    lacking = [name for name in needed if name in fetched.missing]
    if lacking:
        raise InputError(
            f"{', '.join(lacking)} could not be had ({fetched.missing[lacking[0]]}); "
            "check the network and run it again, or put the files into --esci-dir and --sqid-dir"
        )


def _import_options(paths: Mapping[str, Path]) -> list[str]:
    """The verb import's options for the files that are there; the vectors only where both files are."""
    names = [name for name in _OPTIONS if name in paths]
    if not all(name in paths for name in _FEATURES):
        names = [name for name in names if name not in _FEATURES]
    return [word for name in names for word in (_OPTIONS[name], str(paths[name]))]


def _say_missing(counts: Mapping[str, int]) -> None:
    missing = [f"{COUNTS[what] - counts[what]:,} of {COUNTS[what]:,} {what}" for what in COUNTS]
    print(f"partial: missing are {', '.join(missing)}")


def _look_at(bundle: Path) -> int:
    """Index, verify, evaluate. A bundle without vectors is told apart, not refused."""
    if not read_manifest(bundle).signals:
        print("index: nothing to index, since the vectors are missing")
    elif not hnswlib_installed():
        print("index: hnswlib is not installed; the app searches exactly without (pip install hnswlib, then index)")
    else:
        run_verb("index", [str(bundle)])
    return max(run_verb("verify", [str(bundle)]), run_verb("evaluate", [str(bundle)]))
