"""The model that is suggested where a bundle has none: SQID's own, in the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..types import MODALITIES, Modality

# Vectors by it can be compared with SQID's, and typed queries with pictures.
_MODEL = "--family open_clip --model ViT-L-14-quickgelu --pretrained openai"


def suggested_commands(bundle: Path | str, modalities: Sequence[Modality] = MODALITIES) -> list[str]:
    """The command that encodes each modality of a bundle."""
    encode = f"python -m precompute encode {bundle}"
    return [f"{encode} --signal clip_{modality} --modality {modality} {_MODEL}" for modality in modalities]
