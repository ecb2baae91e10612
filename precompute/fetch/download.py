"""One file over HTTPS, for long and shaky downloads: resumed by Range, retried with back-off, checked, then renamed.

Until it is whole, a folder .parts beside the target holds NAME.part and NAME.part.json (which answer the part belongs
to), apart for each address: asking one leaves what another gave.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from precompute.fetch.answers import Content, announced, first_byte, tag_of
from precompute.fetch.retries import Again, Patience, Unavailable, Unreachable, check_status, connection_faults
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.errors import InputError

# What is lost of a connection that breaks is at most a chunk.
_CHUNK = 1 << 16
_PARTS = ".parts"
_POINTER = re.compile(rb"version https://git-lfs[^\n]*\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n")
_POINTER_BYTES = 1024
sleep = time.sleep


@dataclass(frozen=True)
class _Note:
    """Which answer a part belongs to. tag: a strong ETag or the date of the last change, "" if there is neither."""

    address: str
    tag: str
    size: int | None
    sha256: str | None

    @classmethod
    def read(cls, path: Path) -> _Note | None:
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def download(
    session: requests.Session,
    address: str,
    target: Path,
    check: Callable[[Path], str | None],
    known: Content,
    patience: Patience,
    progress: Progress = quiet,
) -> Content | None:
    """Fetches `address` to `target`, going on where an earlier run was interrupted.

    check: what is wrong with the whole content, None if nothing. Returns None when the target is there, or what a Git
    LFS pointer says of the file that it stands for. Raises Unavailable where the address gives no such file.
    """
    part = part_file(target, address)
    linked = _with_retries(session, address, part, known, patience, progress)
    pointer = lfs_pointer(part)
    if pointer is None:
        fault = _content_fault(part, linked) or check(part)
        if fault is None:
            part.replace(target)
            _clean(target)
            return None
    _forget(part)
    if pointer is None:
        raise Unavailable(f"gave a file that {fault}")
    return pointer


def part_file(target: Path, address: str) -> Path:
    """Where the bytes of a target that an address gave are kept until they are all there."""
    return target.parent / _PARTS / hashlib.sha256(address.encode()).hexdigest()[:16] / f"{target.name}.part"


def _clean(target: Path) -> None:
    """Removes what other addresses gave of a target that is whole."""
    # Path.glob raises where a download beside this one takes a folder away meanwhile.
    for part in glob.glob(f"{glob.escape(str(target.parent / _PARTS))}/*/{glob.escape(target.name)}.part*"):  # noqa: PTH207
        _forget(Path(part))


def _make(folder: Path) -> None:
    """The folder of a part, though a download beside this one, done in the same moment, takes away what holds it."""
    while not folder.is_dir():
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)


def _forget(part: Path) -> None:
    for path in (part, _note(part)):
        path.unlink(missing_ok=True)
    with suppress(OSError):  # other files may be on their way
        part.parent.rmdir()
        part.parent.parent.rmdir()


def lfs_pointer(path: Path) -> Content | None:
    """What a Git LFS pointer says of its file; None where the path holds anything else."""
    if path.stat().st_size > _POINTER_BYTES:
        return None
    found = _POINTER.match(path.read_bytes())
    return Content(int(found[2]), found[1].decode()) if found else None


def _with_retries(
    session: requests.Session, address: str, part: Path, known: Content, patience: Patience, progress: Progress
) -> Content:
    """Fetches the whole content into `part`. Returns what is known of it by then."""
    failed, most = 0, 0
    while True:
        try:
            return _fetch(session, address, part, known, patience, progress)
        except Again as error:
            # Counted afresh only behind the furthest byte ever: a server that always starts anew ends this loop too.
            failed = 1 if _size(part) > most else failed + 1
            most = max(most, _size(part))
            if failed >= (patience.unreachable if error.unreachable else patience.attempts):
                kind = Unreachable if error.unreachable else Unavailable
                raise kind(f"{error} {failed} times in a row") from None
            seconds = patience.wait(failed, error.wait)
            tell(progress, "fetching", f"{part.stem}: {address} {error}; trying again in {seconds:.1f} s")
            sleep(seconds)


def _fetch(
    session: requests.Session, address: str, part: Path, known: Content, patience: Patience, progress: Progress
) -> Content:
    """One try. Raises Again or Unavailable."""
    note = _Note.read(_note(part))
    start = _size(part) if note is not None and note.address == address and (note.tag or note.size) else 0
    if note is not None and start and start == note.size:
        return Content(note.size, note.sha256)
    # Packed answers have no ranges and another length.
    headers = {"Accept-Encoding": "identity"}
    if start and note is not None:
        headers |= {"Range": f"bytes={start}-"} | ({"If-Range": note.tag} if note.tag else {})
    with (
        connection_faults(),
        session.get(address, headers=headers, stream=True, timeout=patience.timeout) as response,
    ):
        if response.status_code == 416:
            # The part is longer than the file, or all of it: without a length to trust only a new start is safe.
            part.unlink(missing_ok=True)
            raise Again("has no more bytes where the part ends")
        check_status(response)
        begin = first_byte(response)
        if begin not in (0, start):
            raise Unavailable(f"sent the bytes from {begin}, not from {start}")
        linked = announced(response, begin, known)
        _make(part.parent)
        _write_note(part, _Note(address, tag_of(response), linked.size, linked.sha256))
        _check_space(part, linked, begin)
        _receive(response, part, begin, linked, progress)
    if linked.size is not None and _size(part) < linked.size:
        raise Again(f"sent {_size(part):,} of {linked.size:,} bytes")
    return linked


def _check_space(part: Path, content: Content, begin: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if content.size is not None and content.size - begin > free:
        raise InputError(
            f"{part.stem} needs {(content.size - begin) / 1e6:,.0f} MB more in {part.parent}, "
            f"where {free / 1e6:,.0f} MB are free; make room and run it again"
        )


def _receive(response: requests.Response, part: Path, begin: int, content: Content, progress: Progress) -> None:
    """Writes the body behind the first `begin` bytes of the part."""
    with part.open("r+b" if part.exists() else "wb") as file:
        file.truncate(begin)
        file.seek(begin)
        with Counter(progress, f"fetching {part.stem}", (content.size or 0) // 1000, "kB", begin // 1000) as counter:
            written = 0
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                counter.advance((written + len(chunk)) // 1000 - written // 1000)
                written += len(chunk)
        file.flush()
        os.fsync(file.fileno())


def _content_fault(part: Path, content: Content) -> str | None:
    if content.size is not None and _size(part) != content.size:
        return f"has {_size(part):,} bytes, expected {content.size:,}"
    if content.sha256 is not None:
        with part.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != content.sha256:
                return "has another sha256 than was announced"
    return None


def _write_note(part: Path, note: _Note) -> None:
    _note(part).write_text(json.dumps(asdict(note)), encoding="utf-8")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
