"""A web address, an address of another kind, or the name of a file."""

from __future__ import annotations

import pytest

from sqid_core.bundle.addresses import is_address, is_default_address, is_web_address


@pytest.mark.parametrize(
    ("image", "address", "web"),
    [
        ("https://h.example/a.png", True, True),
        ("HTTP://h.example", True, True),
        ("ftp://h.example/a.png", True, False),
        ("file:///etc/passwd", True, False),
        ("http:///a.png", True, False),
        ("http://[bad", True, False),
        ("javascript:alert(1)", False, False),
        ("http:a.png", False, False),
        ("sub/a.png", False, False),
        ("", False, False),
    ],
)
def test_what_a_products_image_is(image: str, address: bool, web: bool) -> None:
    assert (is_address(image), is_web_address(image)) == (address, web)


def test_only_an_address_can_be_known_to_lead_to_no_picture() -> None:
    assert is_default_address("https://h.example/Default%5FBackground_Art_LTR.jpg")
    assert not is_default_address("no-img-lg.gif")
