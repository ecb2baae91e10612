"""The Search page under a hand: a product's details and what they lead to, filtered cards, an upload that is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import CARDS, link_of, settled

pytestmark = pytest.mark.browser
LOADED = "image => image.complete && image.naturalWidth > 0"


def wait_for_link(page: Any, **expected: str) -> None:
    """Until the address holds exactly these parameters."""
    page.wait_for_function(
        "expected => JSON.stringify([...new URLSearchParams(location.search)].sort()) === expected",
        arg=str([[name, value] for name, value in sorted(expected.items())]).replace("'", '"').replace(", ", ","),
    )


def test_details_of_a_card_lead_to_others_and_to_similar_ones(visit: Callable[..., Any]) -> None:
    page = visit("?query=01")
    card = page.locator(CARDS.format("fused")).first
    product = card.get_attribute("data-product")
    card.click()
    page.get_by_role("button", name="Details").click()
    wait_for_link(page, query="01", product=product)
    dialog = page.get_by_role("dialog")
    large = dialog.locator(".picture img").first
    large.wait_for()
    page.wait_for_function(LOADED, arg=large.element_handle())
    dialog.locator("button.picture").first.click()
    page.wait_for_function("before => !location.search.includes(before)", arg=f"product={product}")
    other = link_of(page)["product"]
    dialog.get_by_text(other).first.wait_for()
    dialog.get_by_role("button", name="Close").first.click()
    wait_for_link(page, query="01")
    page.goto(page.url + f"&product={other}")
    page.get_by_role("dialog").get_by_role("button", name="Find similar").click()
    wait_for_link(page, like=other)
    page.get_by_role("dialog").wait_for(state="detached")
    # Of the slate that was shown before, the cards may still be there for a moment.
    page.get_by_text("Searching the whole catalogue by a picture").wait_for()
    page.locator(f".card[data-product='{other}']").first.wait_for(state="detached")
    assert page.locator(CARDS.format("image")).count() == 20


def test_a_filtered_slate_keeps_ranks_and_numbers(visit: Callable[..., Any]) -> None:
    whole, part = visit("?query=01&w=0.30"), visit("?query=01&w=0.30&category=lamp")

    def ranks(page: Any) -> dict[str, str]:
        cards = page.locator(CARDS.format("fused"))
        return dict(
            cards.evaluate_all("cards => cards.map(c => [c.dataset.product, c.querySelector('.place').textContent])")
        )

    expected, found = ranks(whole), ranks(part)
    assert 0 < len(found) < len(expected)
    assert found.items() <= expected.items()
    value = ".column[data-key='fused'] .value"
    assert part.locator(value).inner_text() == whole.locator(value).inner_text()
    part.get_by_role("button", name="Clear filters").first.click()
    wait_for_link(part, query="01", w="0.30")
    part.locator(CARDS.format("fused")).nth(len(expected) - 1).wait_for()
    assert ranks(part) == expected


def test_a_cards_details_open_and_close_with_the_keyboard_alone(visit: Callable[..., Any]) -> None:
    page = visit("?query=01")
    focused = "() => { let e = document.activeElement; while (e.shadowRoot) e = e.shadowRoot.activeElement; return %s }"
    title = page.locator(CARDS.format("image") + " .title").nth(3)
    name = title.inner_text()
    title.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(focused % "e.textContent") == "Details"
    page.keyboard.press("Escape")
    assert page.evaluate(focused % "e.textContent") == name
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text(name).first.wait_for()
    assert "product" in link_of(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_everything_is_reachable_and_a_text_is_no_picture(visit: Callable[..., Any], width: int) -> None:
    page = visit(width=width, height=900)
    settled(page)  # a run that ends now would close what was opened
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name, inside in (("Browse", "Difficulty"), ("Filters", "Brand"), ("Settings", "Method")):
        page.get_by_role("button", name=name).first.click()
        page.get_by_text(inside, exact=True).first.wait_for()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Picture", exact=False).filter(has_text="image_search").click()
    file = {"name": "photo.png", "mimeType": "image/png", "buffer": b"<svg><script>alert(1)</script></svg>"}
    page.locator("input[type=file]").first.set_input_files(file)
    page.get_by_text("This file is not a picture that can be read").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Surprise me").click()
    page.wait_for_function("location.search.includes('query=')")


def test_a_title_with_markup_stays_text_in_the_details(visit: Callable[..., Any]) -> None:
    page = visit("?product=P007")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("<img src=x onerror=alert(1)> <b>Blue</b> lamp").first.wait_for()
    assert page.locator("img[src='x']").count() == 0


def test_what_was_picked_in_a_closed_popover_does_not_come_back(visit: Callable[..., Any]) -> None:
    page = visit("?query=01")
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("With a picture", exact=True).click()
    wait_for_link(page, query="01", picture="with")
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("button", name="Clear filters").wait_for(state="detached")
    wait_for_link(page, query="01")
    page.get_by_role("slider", name="Image weight").press("Home")
    page.wait_for_url("**w=0.00*")
    wait_for_link(page, query="01", w="0.00")
    page.get_by_role("button", name="Filters").click()
    assert page.get_by_role("radio", name="With a picture").get_attribute("aria-checked") != "true"


def test_settings_open_as_they_are_and_one_changes_no_other(visit: Callable[..., Any]) -> None:
    page = visit("?query=01&method=rrf&k=50")
    page.get_by_role("slider", name="Image weight").press("Home")
    wait_for_link(page, query="01", w="0.00", method="rrf", k="50")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("combobox", name="Gains").click()
    page.get_by_role("option", name="esci-script").click()
    wait_for_link(page, query="01", w="0.00", method="rrf", k="50", gains="esci-script")
