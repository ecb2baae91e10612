"""SQID from nothing: fetch the files, import, index, verify, evaluate. Needs no GPU, since SQID brings its vectors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from precompute.fetch.files import FILES, Fetched, fetch
from precompute.fetch.retries import Patience
from precompute.report.against_published import Compared
from precompute.report.evaluation import Evaluation
from precompute.steps.encode import Model, encode
from precompute.steps.evaluate import evaluate
from precompute.steps.import_ import EsciFiles, Imported, import_esci
from precompute.steps.index import Indexed, index
from precompute.steps.verify import Verified, verify
from precompute.work.progress import Progress, quiet, tell
from sqid_core.errors import InputError
from sqid_core.evaluation import published
from sqid_core.indexes.hnsw import hnswlib_installed
from sqid_core.wording import numbered

# What the slice holds (arXiv 2405.15190; counted by others in the real files).
COUNTS = {"queries": 8_956, "judgements": 181_701, "products": 164_900}
# A parameter of the import: the file that it takes.
_FILES = {
    "examples": "shopping_queries_dataset_examples",
    "products": "shopping_queries_dataset_products",
    "sources": "shopping_queries_dataset_sources",
    "image_urls": "product_image_urls",
    "query_features": "query_features",
    "product_features": "product_features",
}
_BARE_MINIMUM = ("shopping_queries_dataset_examples", "shopping_queries_dataset_products")
_FEATURES = ("query_features", "product_features")
PATIENCE = Patience()
SENTENCE_BERT = Model("sentence-transformers", published.MODELS[published.SBERT_TEXT])


@dataclass(frozen=True, eq=False)
class Sqid:
    """What each step made, and how many seconds it took. indexed: empty where there are no vectors, or hnswlib is not
    installed. evaluations: of the first two signals, then with Sentence-BERT for the text where that was asked for."""

    fetched: Fetched
    imported: Imported
    indexed: tuple[Indexed, ...]
    verified: Verified
    evaluations: tuple[Evaluation, ...]
    seconds: Mapping[str, float]

    @property
    def published(self) -> list[Compared]:
        """Every published row that ours was held to, once."""
        rows = {id(row.line): row for each in self.evaluations for row in each.published}
        return list(rows.values())


def make_sqid(
    out: Path,
    esci_folder: Path | None = None,
    sqid_folder: Path | None = None,
    partial: bool = False,
    offline: bool = False,
    progress: Progress = quiet,
    sentence_bert: bool = False,
) -> Sqid:
    """All steps, one after the other; stops with the first that fails.

    esci_folder, sqid_folder: where files lie already; the others are fetched (2.1 GB) into a folder "downloads" beside
    the bundle and kept there. partial: take slices, and tell what is missing instead of asking for all of SQID.
    offline: fetch nothing. sentence_bert: also encode the titles as the paper did, for the other published rows. Raises
    InputError, CheckError.
    """
    for option, folder in (("--esci-dir", esci_folder), ("--sqid-dir", sqid_folder)):
        if folder is not None and not folder.is_dir():
            raise InputError(f"{option} {folder} is no folder; give one that holds the files, or leave the option out")
    tell(progress, "fetching", "fetch: the files of ESCI and SQID")
    folders = {"esci": esci_folder, "sqid": sqid_folder}
    clock = _Clock()
    with clock.over("fetch"):
        fetched = fetch(out.parent / "downloads", folders, offline, PATIENCE, progress)
    _report(fetched, progress)
    _check_complete(fetched, partial)
    tell(progress, "importing", f"\nimport into {out}")
    files, expected = _esci_files(fetched.paths), None if partial else COUNTS
    with clock.over("import"):
        imported = import_esci(files, out, expected=expected, progress=progress)
    if partial:
        missing = [f"{COUNTS[what] - getattr(imported, what):,} of {numbered(COUNTS[what], what)}" for what in COUNTS]
        tell(progress, "importing", f"partial: missing are {', '.join(missing)}")
    if sentence_bert:
        tell(progress, "encoding", f"\nencode the titles of {out} with {SENTENCE_BERT.model}")
        with clock.over("encode"):
            encode(out, published.SBERT_TEXT, "text", SENTENCE_BERT, progress=progress)
    with clock.over("index"):
        indexed = _index(out, imported, progress)
    tell(progress, "verifying", f"\nverify {out}")
    with clock.over("verify"):
        verified = verify(out, progress)
    verified.require()
    tell(progress, "evaluating", f"\nevaluate {out}")
    with clock.over("evaluate"):
        found = [evaluate(out, progress=progress)]
        if sentence_bert:
            found.append(evaluate(out, text=published.SBERT_TEXT, progress=progress))
    return Sqid(fetched, imported, indexed, verified, tuple(found), clock.seconds)


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def over(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - start


def _report(fetched: Fetched, progress: Progress) -> None:
    for file in FILES:
        if file.name in fetched.paths:
            path = fetched.paths[file.name]
            tell(progress, "fetching", f"  {path.name}: {path.stat().st_size / 1e6:,.1f} MB in {path.parent}")
        else:
            tell(progress, "fetching", f"  {file.name}: missing ({fetched.missing[file.name]})")


def _check_complete(fetched: Fetched, partial: bool) -> None:
    """Raises InputError where files are missing that the bundle cannot be made without."""
    needed = _BARE_MINIMUM if partial else tuple(file.name for file in FILES if file.needed)
    lacking = [name for name in needed if name in fetched.missing]
    if lacking:
        raise InputError(
            f"{', '.join(lacking)} could not be had ({fetched.missing[lacking[0]]}); "
            "check the network and run it again, or put the files into --esci-dir and --sqid-dir"
        )


def _esci_files(paths: Mapping[str, Path]) -> EsciFiles:
    """The files that are there; the vectors only where both files are."""
    given = {name: paths[file] for name, file in _FILES.items() if file in paths}
    if not all(name in given for name in _FEATURES):
        given = {name: path for name, path in given.items() if name not in _FEATURES}
    return EsciFiles(**given)


def _index(bundle: Path, imported: Imported, progress: Progress) -> tuple[Indexed, ...]:
    """A bundle without vectors is told apart, not refused."""
    if not imported.has_vectors:
        tell(progress, "indexing", "index: nothing to index, since the vectors are missing")
        return ()
    if not hnswlib_installed():
        tell(
            progress,
            "indexing",
            "index: hnswlib is not installed; the app searches exactly without (pip install hnswlib, then index)",
        )
        return ()
    tell(progress, "indexing", f"\nindex {bundle}")
    return index(bundle, progress=progress)
