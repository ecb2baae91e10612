"""Where a model comes from: its files in a folder, known by their content, or a hub that may not be reachable."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# What a bundle adds to an encoder's folder; no part of the model.
BUNDLE_FILES = frozenset({"encoder.json", "queries.npy"})
# The same weights in formats that are not read here, and texts about the model.
_UNUSED_FOLDERS = frozenset({"onnx", "openvino", "__pycache__"})
_UNUSED_SUFFIXES = frozenset({".md", ".lock", ".tmp"})
_PROBE_SECONDS = 3.0


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
    """True where the model hub can be reached: one short request, where the libraries would try for 45 seconds."""
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=_PROBE_SECONDS)
    except Exception:  # whatever the transport raises: no answer is no answer
        return False
    return True


def _is_model_file(relative: Path) -> bool:
    hidden = any(part.startswith(".") or part in _UNUSED_FOLDERS for part in relative.parts)
    return not hidden and relative.suffix not in _UNUSED_SUFFIXES and str(relative) not in BUNDLE_FILES
