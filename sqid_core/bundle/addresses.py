"""What a product's image may be: a web address, an address of another kind, or the name of a file."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

# What Amazon shows where it has no picture: the background of a video without art, and the "no image" gif.
_DEFAULTS = ("default_background_art", "01rmk+j4pjl", "no-img-")


def is_address(image: str) -> bool:
    """Whether it is an address of any kind, not the name of a file."""
    return "://" in image


def is_web_address(image: str) -> bool:
    """Whether a program or a browser may ask for it: http or https, and a host."""
    try:
        parts = urlsplit(image)
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


def is_default_address(image: str) -> bool:
    """Whether the address is known to lead to a picture that stands for a missing one."""
    last = unquote(image).rpartition("/")[2].lower()
    return is_address(image) and any(known in last for known in _DEFAULTS)
