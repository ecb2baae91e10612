"""Everything that a bundle promises: the hashes, tables, judgements, vectors, models, indexes and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from precompute.steps.encode import KINDS
from precompute.steps.verify_indexes import Skipped, check_indexes
from precompute.update.plan import differences
from precompute.update.wanted import FIND
from precompute.work.bundle_pictures import FOLDER, read_picture
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import read_manifest, safe_path, sha256
from sqid_core.bundle.maps import METHODS, read_map
from sqid_core.bundle.plain_files import missing_fault, told
from sqid_core.bundle.shown_pictures import DONE, STATUS_TABLE, read_status_table
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.tables import tie_keys
from sqid_core.encoders.families import EncoderSpec, check_content
from sqid_core.encoders.trust import check_source
from sqid_core.errors import BundleError, CheckError, InputError, NewerBundleError, SqidError
from sqid_core.wording import counted, numbered

FAILED = "FAILED"
_SHOWN = 3


@dataclass(frozen=True)
class Line:
    """The outcome of a check. state: ok, skipped or FAILED."""

    state: str
    check: str
    text: str


@dataclass(frozen=True)
class Verified:
    """All lines of a bundle's checks."""

    bundle: Path
    lines: tuple[Line, ...]

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return sum(line.state == FAILED for line in self.lines)

    def require(self) -> None:
        """Raises CheckError where a check failed."""
        if self.failed:
            raise CheckError(
                f"{self.bundle} failed {self.failed} {'check' if self.failed == 1 else 'checks'}; "
                "the lines above say what to do"
            )


def verify(bundle: Path, progress: Progress = quiet) -> Verified:
    """Runs every check, and tells each line as it is known.

    Raises BundleError where there is nothing to check: no folder, or a bundle of a newer version.
    """
    if not bundle.is_dir():
        raise BundleError(f"{bundle} is no folder; give the folder of a bundle")
    lines = []
    for line in _lines(bundle):
        tell(progress, line.check, f"{line.state:<8}{line.check:<12}{line.text}")
        lines.append(line)
    return Verified(bundle, tuple(lines))


def _lines(folder: Path) -> Iterator[Line]:
    """All checks, in order; those that need a loaded bundle are left out where it cannot be loaded."""
    for name, check in FOLDER_CHECKS.items():
        line = _line(name, check, folder)
        yield line
        if line.state == FAILED and name == "manifest":
            return
    try:
        dataset = load_bundle(folder)
    except SqidError as error:
        yield Line(FAILED, "contents", str(error))
        return
    for name, dataset_check in DATASET_CHECKS.items():
        yield _line(name, dataset_check, dataset)


def _line(name: str, check: Callable[..., str], subject: Path | Dataset) -> Line:
    try:
        text = check(subject)
    except NewerBundleError:
        raise
    except SqidError as error:
        return Line(FAILED, name, str(error))
    except Exception as error:
        # A bundle may come from anybody: what nobody foresaw is a fault of it, and the other checks still tell theirs.
        return Line(FAILED, name, f"cannot be checked ({type(error).__name__}: {told(error)}); build the bundle again")
    return Line("skipped" if isinstance(text, Skipped) else "ok", name, text)


def _manifest(folder: Path) -> str:
    manifest = read_manifest(folder)
    return f"{manifest.name}, fingerprint {manifest.fingerprint}"


def _files(folder: Path) -> str:
    files = read_manifest(folder).files
    wrong = [fault for name in sorted(files) if (fault := _file_fault(folder, name, files[name]))]
    _fail_if(wrong, f"in {folder}; restore the files or build the bundle again")
    return f"{numbered(len(files), 'files')}, every hash as written"


def _file_fault(folder: Path, name: str, digest: str) -> str | None:
    path = safe_path(folder, name)
    fault = missing_fault(path)
    if fault is not None:
        return fault
    try:
        return f"{name} was changed" if sha256(path) != digest else None
    except OSError as error:
        return f"{name} cannot be read ({told(error)})"


def _products(dataset: Dataset) -> str:
    keys = tie_keys(dataset.products["product_id"])
    if (keys[1:] <= keys[:-1]).any():
        raise CheckError(
            f"{dataset.folder / 'products.parquet'} is not in the label-blind order of ties; import it again"
        )
    pictures = int(dataset.products["image"].notna().sum())
    with_category = int(dataset.products["category"].notna().sum())
    estimated = int(dataset.products["category_estimated"].sum()) if "category_estimated" in dataset.products else 0
    guesses = f" ({estimated:,} estimated)" if estimated else ""
    return (
        f"{len(dataset.products):,} in the label-blind order of ties, {pictures:,} with a picture, "
        f"{with_category:,} with a category{guesses}"
    )


def _judgements(dataset: Dataset) -> str:
    judgements, scale = dataset.judgements, dataset.scale
    counts = np.bincount(judgements.labels[judgements.mask], minlength=len(scale.names))
    labels = ", ".join(f"{letter} {count:,}" for letter, count in zip(scale.letters, counts, strict=True))
    if not counts.sum():
        return Skipped("none: this is a catalogue to search in")
    judged = judgements.lengths > 0
    undefined = int((judged & ~judgements.gains(scale.gains()).any(axis=1)).sum())
    without = (
        f"; {counted(undefined, 'judged query has', 'judged queries have')} no gain, so no NDCG" if undefined else ""
    )
    unjudged = len(judged) - int(judged.sum())
    rest = f"; {counted(unjudged, 'query is', 'queries are')} not judged" if unjudged else ""
    return f"{int(counts.sum()):,} for {counted(int(judged.sum()), 'query', 'queries')} ({labels}){without}{rest}"


def _signals(dataset: Dataset) -> str:
    if not dataset.signals:
        return Skipped(f"none yet; python -m precompute encode {dataset.folder} adds one")
    return "; ".join(
        dataset.kind(name).coverage(signal, dataset.judgements) for name, signal in dataset.signals.items()
    )


def _vectors(dataset: Dataset) -> str:
    """Whether each vector is of what its product has now, where the signal says of what it was made."""
    dense = [signal for signal in dataset.signals.values() if isinstance(signal, DenseSignal)]
    known = [signal for signal in dense if signal.content is not None]
    if not known:
        return Skipped("no signal says what its vectors were made of" if dense else "none")
    faults = [fault for signal in known if (fault := _outdated(dataset, signal))]
    _fail_if(faults, f"; run python -m precompute encode {dataset.folder} again for each of these signals")
    return f"{', '.join(signal.name for signal in known)}: each of what its product has now"


def _outdated(dataset: Dataset, signal: DenseSignal) -> str | None:
    """How many products of a signal have none, or another vector than they should; None where all is well."""
    spec = dataset.manifest.signals[signal.name]
    try:
        wanted = FIND[spec.modality](dataset, spec.text_fields or ("title",))
    except InputError as error:
        return f"{signal.name}: {str(error).partition(';')[0]}"
    found = differences(signal, wanted)
    said = {"came later": found.lacking, "changed": found.changed, "are gone": found.gone}
    parts = [f"{what} {count:,}" for what, count in said.items() if count]
    return f"{signal.name}: {KINDS[spec.modality].unit} that {', '.join(parts)}" if parts else None


def _encoders(dataset: Dataset) -> str:
    specs = dataset.manifest.encoders
    if not specs:
        return Skipped("none")
    return "; ".join(_encoder(dataset.folder / "encoders" / name, spec) for name, spec in sorted(specs.items()))


def _encoder(folder: Path, spec: EncoderSpec) -> str:
    if not spec.content_sha256:
        check_source(spec)
        return f"{spec.name} comes from the hub"
    return f"{spec.name} is here, {numbered(len(check_content(spec, folder)), 'files')}"


def _maps(dataset: Dataset) -> str:
    found = [f"{name} by {METHODS[read_map(dataset, name).spec.method]}" for name in dataset.manifest.maps]
    return "; ".join(found) if found else Skipped("none")


def _pictures(dataset: Dataset) -> str:
    if STATUS_TABLE in dataset.manifest.files:
        table = read_status_table(dataset.folder / STATUS_TABLE)
        stored = table[table["status"] == DONE]
        names, hashes = stored["file"].tolist(), stored["sha256"].tolist()
    else:
        names = [name for name in dataset.products["image"].dropna() if not is_address(name)]
        hashes = [None] * len(names)
    if not names:
        return Skipped("none here; the products' pictures, if any, are web addresses")
    wrong = [
        fault for name, digest in zip(names, hashes, strict=True) if (fault := _picture_fault(dataset, name, digest))
    ]
    _fail_if(wrong, "; restore the pictures or build the bundle again")
    return f"{counted(len(names), 'picture decodes', 'pictures decode')}"


def _picture_fault(dataset: Dataset, name: str, digest: str | None) -> str | None:
    path = safe_path(dataset.folder / FOLDER, name)
    try:
        read_picture(path)
    except SqidError as error:
        return str(error).partition(";")[0]
    return f"{path} was changed" if digest and sha256(path) != digest else None


def _fail_if(faults: list[str], advice: str) -> None:
    if faults:
        more = f" and {len(faults) - _SHOWN:,} more" if len(faults) > _SHOWN else ""
        raise CheckError(f"{', '.join(faults[:_SHOWN])}{more} {advice}")


FOLDER_CHECKS: dict[str, Callable[[Path], str]] = {"manifest": _manifest, "files": _files}
DATASET_CHECKS: dict[str, Callable[[Dataset], str]] = {
    "products": _products,
    "judgements": _judgements,
    "signals": _signals,
    "vectors": _vectors,
    "encoders": _encoders,
    "indexes": check_indexes,
    "maps": _maps,
    "pictures": _pictures,
}
