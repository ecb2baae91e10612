"""The query's name in sight: a slim line below the header, once the page's own headline is scrolled away."""

from __future__ import annotations

from pathlib import Path

from sqid_ui.parts.browser import mount_of

_FOLDER = Path(__file__).parent


def asked_line(name: str) -> None:
    """name: as the headline says it. Stands before all that is to scroll below it, and takes no room itself."""
    mount = mount_of("sqid_asked", _FOLDER / "asked.js", [_FOLDER / "asked.css"])
    mount(key="asked-line", data={"name": name})
