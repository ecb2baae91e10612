"""The fusion board under a hand: dragged, touched and typed at, held against the core; what it may not do meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import CARDS, becomes, fused_slate, link_of, settled

from sqid_core.bundle.load import Dataset, load_bundle

pytestmark = pytest.mark.browser
# Where the cards of a list stand, by rank; a card on its way is where it is going to.
# Fifty by night.
RERUNS = 50 if os.environ.get("SQID_WHOLE") == "1" else 16
RANKED = (
    "cards => cards.filter(c => !c.classList.contains('gone')).map(c => [c.querySelector('.place').textContent, c])"
    ".sort((a, b) => a[0] - b[0]).map(([rank, card]) => card.dataset.product)"
)
# Two weights are told in a row, and the page, which is slow, answers each; then it sets a weight of its own.
IN_ORDER = "cards => cards.map(card => card.dataset.product)"


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def ranked(page: Any, script: str = RANKED) -> list[str]:
    return list(page.eval_on_selector_all(CARDS.format("fused"), script))


def shows(page: Any, dataset: Dataset, query_id: str, weight: float) -> None:
    """Holds the page to the core: order, NDCG beside the list, in the table and beside the slider."""
    wanted, value = fused_slate(dataset, query_id, weight)
    becomes(page, page.locator(".steer-readout").inner_text, f"Image weight {weight:.2f} · NDCG {value:.4f}")
    assert page.locator(".column[data-key='fused'] .value").inner_text() == f"NDCG {value:.4f}"
    assert page.locator(".numbers .strong").nth(1).text_content() == f"{value:.4f}"
    # Cards far from the screen follow in a pause.
    becomes(page, lambda: ranked(page), wanted)


def slider_of(page: Any) -> tuple[Any, Callable[[float], tuple[float, float]]]:
    """The slider, and where on the screen a weight of it lies."""
    slider = page.get_by_role("slider", name="Image weight")
    box, thumb = slider.bounding_box(), 17.6 - 1.1
    return slider, lambda weight: (
        box["x"] + thumb / 2 + weight * (box["width"] - thumb),
        box["y"] + box["height"] / 2,
    )


def told_of(page: Any) -> list[str]:
    """A list that grows by each message that the page sends to the server."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append("")))
    page.reload()
    page.wait_for_selector(CARDS.format("fused"))
    settled(page)
    return sent


def test_a_drag_ranks_at_once_and_tells_the_server_on_release(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=01")
    sent = told_of(page)
    _, at = slider_of(page)
    page.mouse.move(*at(0.5))
    page.mouse.down()
    before = len(sent)
    for weight in (0.6, 0.73, 0.91):
        page.mouse.move(*at(weight), steps=5)
        shown = float(page.get_by_role("slider").input_value())
        assert shown == pytest.approx(weight, abs=0.02)
        shows(page, dataset, "01", shown)
    assert len(sent) == before
    assert "w" not in link_of(page)
    page.mouse.up()
    page.wait_for_url(f"**w={shown:.2f}*")
    shows(page, dataset, "01", shown)
    # Once the weight rests, readers and the keyboard meet the cards in their order.
    becomes(page, lambda: ranked(page, IN_ORDER), fused_slate(dataset, "01", shown)[0])


def test_a_rerun_leaves_a_weight_alone_that_is_being_moved(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=01")
    slider, at = slider_of(page)
    page.mouse.move(*at(0.5))
    page.mouse.down()
    page.mouse.move(*at(0.8), steps=4)
    held = slider.input_value()
    page.get_by_role("radio", name="Whole catalogue").evaluate("choice => choice.click()")
    page.wait_for_url("**scope=catalogue*")
    page.get_by_text("Searching the whole catalogue").wait_for()
    settled(page)
    assert slider.input_value() == held
    assert "w" not in link_of(page)
    page.mouse.up()
    page.wait_for_url(f"**w={float(held):.2f}*")


def test_a_finger_drags_too(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=02", width=390, height=844, has_touch=True, is_mobile=True)
    slider, _ = slider_of(page)
    slider.scroll_into_view_if_needed()
    _, at = slider_of(page)
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", at(0.5))
    for step in range(1, 9):
        send("touchMove", at(0.5 - 0.05 * step))
    # A finger's moves come with the next frames.
    becomes(page, lambda: abs(float(slider.input_value()) - 0.1) <= 0.03, True)
    shown = float(slider.input_value())
    shows(page, dataset, "02", shown)
    assert "w" not in link_of(page)
    send("touchEnd")
    page.wait_for_url(f"**w={shown:.2f}*")


def test_keys_move_by_hundredths_and_tenths_and_tell_once(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=03")
    sent = told_of(page)
    page.get_by_role("slider").focus()
    # The page's own clock stands still between the keys, however long the test takes.
    page.clock.install()
    page.clock.pause_at(page.evaluate("() => Date.now() + 1000"))
    before = len(sent)
    for key, weight in (("ArrowRight", 0.51), ("ArrowRight", 0.52), ("PageUp", 0.62), ("PageDown", 0.52), ("End", 1.0)):
        page.keyboard.press(key)
        page.clock.run_for(20)
        wanted, value = fused_slate(dataset, "03", weight)
        assert page.locator(".steer-readout").inner_text() == f"Image weight {weight:.2f} · NDCG {value:.4f}"
        assert ranked(page)[:3] == wanted[:3]
    assert len(sent) == before
    page.clock.resume()
    page.wait_for_url("**w=1.00*")
    assert len(sent) == before + 1
    page.keyboard.press("Home")
    page.wait_for_url("**w=0.00*")
    shows(page, dataset, "03", 0.0)


def test_a_weight_on_offer_is_taken_with_a_click(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=01&w=0.10")
    offer = page.get_by_role("button", name="Best weight for all queries")
    weight = float(offer.inner_text().split()[-1])
    offer.click()
    shows(page, dataset, "01", weight)


def test_the_weight_outlives_the_page(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=03")
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    page.wait_for_url("**w=1.00*")
    page.get_by_role("link", name="About").click()
    page.get_by_role("heading", name="Sources and licences").wait_for()
    page.get_by_role("link", name="Search").click()
    page.wait_for_selector(CARDS.format("fused"))
    shows(page, dataset, "03", 1.0)
    assert link_of(page) == {"query": "03", "w": "1.00"}


def test_many_reruns_leave_as_many_nodes_and_listeners_as_one(visit: Callable[..., Any]) -> None:
    page = visit("?query=01")
    probe = page.context.new_cdp_session(page)
    probe.send("Performance.enable")
    slider = page.get_by_role("slider")
    slider.focus()

    def rerun(key: str, weight: str) -> None:
        page.keyboard.press(key)
        page.wait_for_url(f"**w={weight}*")
        page.wait_for_selector("[data-test-script-state='notRunning']")

    def counted() -> dict[str, float]:
        settled(page)
        probe.send("HeapProfiler.collectGarbage")
        metrics = {metric["name"]: metric["value"] for metric in probe.send("Performance.getMetrics")["metrics"]}
        return {name: metrics[name] for name in ("Nodes", "JSEventListeners")}

    for _ in range(2):
        rerun("End", "1.00")
        rerun("Home", "0.00")
    before = counted()
    for _ in range(RERUNS // 2):
        rerun("End", "1.00")
        rerun("Home", "0.00")

    def leaked() -> bool:
        after = counted()
        return after["JSEventListeners"] > before["JSEventListeners"] or after["Nodes"] > before["Nodes"] + 5

    # What is not needed any more goes when the browser has time.
    becomes(page, leaked, False)


def test_a_product_is_marked_in_every_list_and_says_why(visit: Callable[..., Any]) -> None:
    page = visit("?query=01")
    card = page.locator(CARDS.format("text")).nth(2)
    product = card.get_attribute("data-product")
    card.hover()
    marked = page.locator(".card.marked")
    marked.first.wait_for()
    assert {marked.nth(i).get_attribute("data-product") for i in range(marked.count())} == {product}
    assert marked.count() == 3
    why = page.locator(".why")
    assert "Text #3" in why.inner_text()
    assert "to NDCG" in why.inner_text()
    page.mouse.move(5, 5)
    why.wait_for(state="hidden")
    card.locator(".title").focus()
    page.keyboard.press("Enter")
    page.mouse.move(5, 5)
    assert "Text #3" in why.inner_text()
    page.keyboard.press("Escape")
    why.wait_for(state="hidden")


@pytest.mark.parametrize(("motion", "glides"), [("no-preference", True), ("reduce", False)])
def test_cards_glide_unless_the_visitor_wants_no_motion(visit: Callable[..., Any], motion: str, glides: bool) -> None:
    page = visit("?query=01", reduced_motion=motion)
    duration = page.locator(".card").first.evaluate("card => getComputedStyle(card).transitionDuration")
    assert (duration != "0s") == glides


def test_more_cards_come_as_one_scrolls(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=01&scope=catalogue&k=100")
    cards = page.locator(CARDS.format("fused"))
    assert cards.count() == 50
    page.locator(".column[data-key='fused'] .end-of-list").scroll_into_view_if_needed()
    page.wait_for_function(
        "([node, count]) => node.querySelectorAll('.card').length === count",
        arg=[page.locator(".column[data-key='fused'] ol").element_handle(), len(dataset.products)],
    )
    # Not their inner texts: what is in a card far from the screen is not rendered.
    ranks = page.locator(CARDS.format("fused") + " .place").all_text_contents()
    assert [int(rank) for rank in ranks] == list(range(1, 61))


def test_a_card_is_pulled_to_a_rank_by_keys_and_by_a_drag(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?query=01")
    wanted = fused_slate(dataset, "01", 0.5)[0][3]
    page.locator(f"{CARDS.format('fused')}[data-product='{wanted}'] .title").focus()
    page.keyboard.press("p")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**pull=4~{wanted}*")
    page.locator(".pull-says", has_text="Reaches 4 at").wait_for()
    assert page.locator(".track .band").count() == page.locator(".plot .band").count() > 0
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "pull=" not in url)
    settled(page)
    card = page.locator(f"{CARDS.format('fused')}[data-product='{wanted}']")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10 - 2 * box["height"], steps=6)
    assert page.locator(".drop").count() == 1
    page.mouse.up()
    page.wait_for_url(f"**pull=2~{wanted}*")
    page.locator(".pull-says", has_text="2").wait_for()
    assert page.locator(".drop").count() == 0
