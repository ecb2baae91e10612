"""Optional libraries: each belongs to an extra of the distribution, and where it is missing one sentence names that."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import InputError


def needs(extra: str, module: str) -> Any:
    """The library `module`, imported now. Raises InputError, a sentence that names the extra, where it isn't installed.

    A library that is there but broken raises its own ImportError: installing the extra would not mend that.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        library = module.partition(".")[0]
        if error.name != library:
            raise
        raise InputError(
            f"{library} is not installed; this needs the extra {extra}: pip install 'sqid-explorer[{extra}]' "
            f"(in a checkout: pip install '.[{extra}]')"
        ) from error
