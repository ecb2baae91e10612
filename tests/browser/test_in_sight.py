"""What must stay in sight: the query’s name and the lists’ while one scrolls, and what settings change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import becomes, settled

pytestmark = pytest.mark.browser
SCROLL = "top => document.querySelector('[data-testid=stMain]').scrollTo(0, top)"
# Of each node where it lies in the window and what is to be seen in its middle.
PLACES = """nodes => nodes.filter(each => each.offsetParent).map(each => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    let seen = document.elementFromPoint(left + 9, (top + bottom) / 2);
    while (seen?.shadowRoot) seen = seen.shadowRoot.elementFromPoint(left + 9, (top + bottom) / 2);
    return { top, bottom, right, seen: each.contains(seen) };
})"""


def places(page: Any, selector: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.locator(selector).evaluate_all(PLACES)
    return found


@pytest.mark.parametrize(("link", "width", "scheme"), [("?query=01", 390, "dark"), ("compare", 1366, "light")])
def test_the_names_stay_while_one_scrolls(visit: Callable[..., Any], link: str, width: int, scheme: str) -> None:
    page = visit(link, width=width, height=600, color_scheme=scheme, wait_for=".board .column.chosen .card")
    settled(page)
    headline = page.locator(".st-key-headline h2").inner_text()
    assert not page.locator(".asked").is_visible()
    page.evaluate(SCROLL, page.locator(".board .lists").bounding_box()["y"] + 120)
    page.locator(".asked").wait_for()
    assert page.locator(".asked").inner_text() == headline
    header = page.locator("[data-testid=stHeader]").bounding_box()
    heads = ".board .head" if width > 760 else ".board .tabs"
    # Below each other, nothing over them: header, name, slider where there is one, and the lists' names.
    steers = places(page, ".board .steer")
    becomes(page, lambda: all(one["seen"] for one in places(page, f".asked, .board .steer, {heads}")), True)
    layers = [places(page, ".asked")[0], *steers[:1], places(page, heads)[0]]
    above = header["y"] + header["height"]
    for layer in layers:
        assert above - 1 <= layer["top"] < above + 4
        assert layer["right"] <= width
        above = layer["bottom"]
    page.evaluate(SCROLL, 0)
    page.locator(".asked").wait_for(state="hidden")


@pytest.mark.parametrize("width", [1366, 390])
def test_settings_lie_over_nothing_that_they_change(visit: Callable[..., Any], width: int) -> None:
    page = visit("?query=01", width=width, height=768, wait_for=".board .column.chosen .card")
    settled(page)
    for key in ("settings", "filters"):
        page.locator(f".st-key-{key} button").first.click()
        page.locator(f".st-key-panel-{key}").wait_for()
        settled(page)
        panel, board = (page.locator(each).bounding_box() for each in ("[data-testid=stPopoverBody]", ".board"))
        if width > 900:
            assert board["x"] + board["width"] <= panel["x"]
        else:
            assert panel["y"] >= 0.5 * 768
            assert panel["height"] <= 0.5 * 768
        assert (panel["x"] + panel["width"], panel["y"] + panel["height"] <= 769) == (width, True)
        page.keyboard.press("Escape")
        page.locator(f".st-key-panel-{key}").wait_for(state="hidden")


@pytest.mark.parametrize(
    ("link", "wide"),
    [("?query=01", ".board .column"), ("queries", ".rows .scroller"), ("compare", ".queue .rows")],
)
def test_on_paper_nothing_is_cut(visit: Callable[..., Any], link: str, wide: str) -> None:
    page = visit(link, wait_for=f"{wide} >> nth=0")
    settled(page)
    page.emulate_media(media="print")
    cut = "nodes => nodes.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.locator(f"{wide}, [data-testid=stMainBlockContainer]").evaluate_all(cut) == 0
    assert page.locator(wide).evaluate_all(cut.replace("Width", "Height")) == 0
    tops = "cards => cards.map(each => each.getBoundingClientRect().top)"
    for column in page.locator(".board .column").all():
        found = column.locator(".card").evaluate_all(tops)
        assert found == sorted(set(found))
        number, head = (column.locator(each).bounding_box() for each in (".worth", ".head"))
        assert head["y"] <= number["y"] <= head["y"] + head["height"]
    assert page.pdf().startswith(b"%PDF")


def test_figures_of_a_wide_window_fit_on_paper(visit: Callable[..., Any]) -> None:
    """Letter paper across, without its margins, is 965 pixels wide."""
    page = visit("evaluate?view=weight", width=2560, wait_for=".js-plotly-plot .main-svg >> nth=0")
    settled(page)
    page.emulate_media(media="print")
    # A figure that was being drawn anew is fitted when it stands.
    widths = (
        "() => [...document.querySelectorAll('.js-plotly-plot .main-svg')].map(e => e.getBoundingClientRect().width)"
    )
    page.wait_for_function(f"() => Math.max(...({widths})()) <= 965", timeout=20_000)
    assert max(page.evaluate(widths)) > 600
