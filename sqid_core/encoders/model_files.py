"""Where a model comes from: its files in a folder, known by their content, or a hub that may not be reachable."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# What a bundle adds to an encoder's folder; no part of the model.
BUNDLE_FILES = frozenset({"encoder.json", "queries.npy"})
# The same weights in formats that are not read here, and texts about the model.
_UNUSED_FOLDERS = frozenset({"onnx", "openvino", "__pycache__"})
_UNUSED_SUFFIXES = frozenset({".md", ".lock", ".tmp"})
_PROBE_SECONDS, _SILENT_SECONDS = 3.0, 60.0
# Until when the hub is taken to be out of reach, as time.monotonic has it.
_silent_until = [0.0]


def model_files(folder: Path) -> list[Path]:
    """The files of a model's folder that make the model, sorted: what a bundle copies and `content_hash` reads."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_model_file(path.relative_to(folder)))


def content_hash(files: Sequence[Path], folder: Path) -> str:
    """sha256 over the names (relative to `folder`) and contents of `files`: equal models have equal hashes anywhere."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()


@contextmanager
def hub_offline() -> Iterator[None]:
    """Makes huggingface_hub look at its cache only: without a network each request would be tried for 45 seconds."""
    from huggingface_hub import constants

    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    disabled = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        logging.disable(disabled)


def hub_answers() -> bool:
    """True where the model hub can be reached: one request of three seconds at most, its look-up of the name included,
    where the libraries would try for 45. A hub that did not answer is not asked again for a minute."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or time.monotonic() < _silent_until[0]:
        return False
    answered = threading.Event()
    # No time-out of a request bounds the look-up of a name.
    threading.Thread(target=_probe, args=(constants.ENDPOINT, answered), daemon=True).start()
    if answered.wait(_PROBE_SECONDS):
        return True
    _silent_until[0] = time.monotonic() + _SILENT_SECONDS
    return False


def _probe(address: str, answered: threading.Event) -> None:
    from huggingface_hub import get_session

    with suppress(Exception):  # whatever the transport raises: no answer is no answer
        get_session().head(address, timeout=_PROBE_SECONDS)
        answered.set()


def _is_model_file(relative: Path) -> bool:
    hidden = any(part.startswith(".") or part in _UNUSED_FOLDERS for part in relative.parts)
    return not hidden and relative.suffix not in _UNUSED_SUFFIXES and str(relative) not in BUNDLE_FILES
