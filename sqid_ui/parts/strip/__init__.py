"""Products' pictures in a row, each with its title and a note: by address, with a placeholder where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Picture:
    """One picture. address: what `picture_address` gives. title: also its name for a screen reader."""

    id: str
    address: str | None
    title: str
    note: str = ""


def picture_strip(
    pictures: Sequence[Picture],
    key: str,
    side: int,
    captions: bool = True,
    on_open: Callable[[str], None] | None = None,
) -> None:
    """Draws the pictures, at most `side` pixels wide and high each.

    on_open: called with the id of a picture that was pressed, before the rerun that it causes; None: they are no
    buttons.
    """
    mount = mount_of("sqid_picture_strip", _FOLDER / "strip.js", [_FOLDER / "strip.css"])
    data = {
        "pictures": [asdict(picture) for picture in pictures],
        "side": side,
        "captions": captions,
        "opens": on_open is not None,
    }
    mount(key=key, data=data, on_open_change=lambda: _opened(key, pictures, on_open))


def _opened(key: str, pictures: Sequence[Picture], on_open: Callable[[str], None] | None) -> None:
    product_id = sent(key, "open")
    if on_open is not None and product_id in {picture.id for picture in pictures}:
        on_open(product_id)
