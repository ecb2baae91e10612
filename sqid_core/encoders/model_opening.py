"""Opening a model with its library: from this machine first, then from the hub; one sentence where neither has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import EncoderError, InputError
from .model_files import hub_answers, hub_offline


def opened(open_it: Callable[[], Any], which: str, library: str, folder: Path | None) -> Any:
    """What `open_it` gives: first from local files alone, so that a cached model asks no network anything, then with
    the hub. which: the model, for people. folder: its own, None for one of the hub. Raises EncoderError."""
    try:
        with hub_offline():
            return open_it()
    except EncoderError:
        raise
    except InputError as error:  # the sentence of a missing extra
        raise EncoderError(str(error)) from error
    except ImportError as error:
        raise EncoderError(f"the family {library} needs a package that is not installed: {error}") from error
    except Exception as error:
        # The libraries raise errors of many types here: OSError, RuntimeError, ValueError, KeyError, safetensors' own.
        if folder is not None or not hub_answers():
            raise EncoderError(_cannot_load(which, library, folder, error)) from error
    try:
        return open_it()
    except EncoderError:
        raise
    except Exception as error:
        raise EncoderError(_cannot_load(which, library, folder, error)) from error


def _cannot_load(which: str, library: str, folder: Path | None, error: Exception) -> str:
    if folder is not None:
        return f"{which} could not be loaded by {library} ({_first_sentence(error)}); check the folder's files"
    return (
        f"{which} is not on this machine and could not be downloaded for {library} ({_first_sentence(error)}); "
        "check the name and the network connection, or give a model folder"
    )


def _first_sentence(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
