"""The encoder of vectors that came as a file: nothing here makes more of them, so no typed text can be compared."""

from __future__ import annotations

from pathlib import Path

from ..errors import EncoderError
from .spec import Encoder, Precision

FROM_FILE = "from-file"


def open_from_file(model: str, pretrained: str, folder: Path | None, device: str, precision: Precision) -> Encoder:
    """Raises EncoderError with the reason."""
    del pretrained, folder, device, precision
    what = f"the model {model}" if model else "an unnamed model"
    raise EncoderError(
        f"the vectors of {what} came as a file, and nothing here makes more of them: judged queries can be looked at, "
        "other words not searched for; `vectors` with --family and --model names a model that can be opened"
    )
