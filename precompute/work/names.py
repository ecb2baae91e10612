"""Names that become folders of a bundle."""

from __future__ import annotations

import re

from sqid_core.errors import InputError


def check_signal_name(name: str) -> None:
    """Raises InputError for a signal's name that could lead out of the bundle."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise InputError(f"the signal name {name!r} must consist of letters, digits, _ and -, as it names a folder")


def check_encoder_name(name: str) -> None:
    """Raises InputError for an encoder's name that could lead out of the bundle."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name):
        raise InputError(
            f"--encoder-name {name!r} must consist of letters, digits, dots, _ and -, as it names a folder"
        )
