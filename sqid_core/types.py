"""The types that every part of the program speaks of: arrays by what is in them, and what a signal reads."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Modality = Literal["text", "image"]
MODALITIES: tuple[Modality, ...] = ("text", "image")

Array = npt.NDArray[Any]
# Scores, gains, weights and what is computed from them.
Floats = npt.NDArray[np.float64]
# A vector (D,) or several (n, D), as encoders make them.
Vectors = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
# What a sort or a search gives: places in an array.
Positions = npt.NDArray[np.int64]
# Places too, of whatever width they are stored in.
Rows = npt.NDArray[np.integer]
# Labels as judgements hold them: positions in a label scale.
Labels = npt.NDArray[np.int8]
# (N, 16) the first bytes of a sha256 each; zero where there is nothing.
Digests = npt.NDArray[np.uint8]
# The row behind each label of an index, -1 where there is none.
LabelRows = npt.NDArray[np.int32]
# Texts, None where there is none.
Names = npt.NDArray[np.object_]
