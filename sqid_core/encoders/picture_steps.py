"""CLIP's preprocessing of a picture by Pillow alone: a process that only prepares pictures need not load torch, which
takes it seconds and most of a gigabyte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL.Image import Image, Resampling

_RESAMPLING = {"bicubic": Resampling.BICUBIC, "bilinear": Resampling.BILINEAR}


@dataclass(frozen=True)
class Square:
    """The shorter side becomes `side` pixels long, of the longer one the middle stays; then the colours become RGB. To
    the last bit what torchvision's Resize and CenterCrop and open_clip's conversion make of a picture of Pillow's."""

    side: int
    resampling: Resampling

    def __call__(self, image: Image) -> Image:
        """The picture, in its new size."""
        shorter = min(image.size)
        width, height = (int(self.side * length / shorter) for length in image.size)
        resized = image if image.size == (width, height) else image.resize((width, height), self.resampling)
        left, top = (round((length - self.side) / 2) for length in (width, height))
        return resized.crop((left, top, left + self.side, top + self.side)).convert("RGB")


def by_pillow(steps: Sequence[Callable[[Any], Any]]) -> tuple[Callable[[Any], Any], ...]:
    """The same steps without torch, where they are the usual ones; else as they are."""
    from open_clip.transform import MaybeConvertMode
    from torchvision.transforms import CenterCrop, Resize

    if [type(step) for step in steps] == [Resize, CenterCrop, MaybeConvertMode]:
        resize, crop, convert = (vars(step) for step in steps)
        side, resampling = resize["size"], _RESAMPLING.get(resize["interpolation"].value)
        usual = resize["max_size"] is None and tuple(crop["size"]) == (side, side) and convert["mode"] == "RGB"
        if usual and resampling is not None:
            return (Square(side, resampling),)
    return tuple(steps)
