"""Judging in a real browser: by the keyboard alone, on a phone, offline, through reloads and a killed server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import becomes, chromium, settled, visitor
from fixtures import MARKUP
from judging_app import SECRETS, make_book
from judging_house import House, known
from test_browser_access import serious

from sqid_core.judging.acts import standing

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
# The milliseconds from a key to the frame that shows the next pair.
NEXT = """async () => {
    const began = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'e', bubbles: true, composed: true }));
    await new Promise(shown => requestAnimationFrame(() => setTimeout(shown)));
    return performance.now() - began;
}"""
# Two presses, each with what the storage holds before its handler returns; kept through a reload.
PRESS = """const press = (key) => {
    const acts = () => Object.keys(localStorage).filter((name) => name.startsWith('sqid act ')).length;
    const before = acts();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
    return acts() - before;
};"""
RTL = "\u202eשלום עולם <script>alert(1)</script>"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    chromium()
    return House(tmp_path_factory.mktemp("judging"))


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    with house.open() as (found, _):
        yield found


def judging(go: Open, house: House, name: str, book: str, **options: Any) -> Any:
    """Somebody at the desk of a book."""
    house.store.enrol(SECRETS[name], name, "viewer")
    state = known(name)
    page = go(f"judge?book={book}", wait_for=".desk .where:not(:empty)", storage_state=state, **options)
    settled(page)
    return page


def where(page: Any) -> str:
    return str(page.locator(".desk .where").text_content()).partition(",")[0]


def state(page: Any) -> str:
    return str(page.locator(".desk .state").text_content())


def keys_of(house: House, book: str) -> list[str]:
    return [str(key) for key in house.store.acts("tiny", book=book)["key"]]


def test_a_hundred_pairs_by_the_keyboard_alone(visit: Open, house: House, record_property: Callable[..., None]) -> None:
    make_book(house.store, house.bundle, 100, id="keys", name="Keys")
    page = judging(visit, house, "anna", "keys")
    took: list[float] = []
    for number in range(100):
        page.locator(".desk .query").wait_for()  # no hand is quicker than the forty pairs that are there
        if number < 20:
            took.append(page.evaluate(NEXT))
        else:
            page.keyboard.press("esci"[number % 4] if number % 10 else "u")
        becomes(page, lambda: where(page), f"{number + 1} of 100")
    becomes(page, lambda: state(page), "All saved")
    assert "All done" in page.locator(".desk .end").text_content()
    record_property("p95 milliseconds from a key to the next pair", round(sorted(took)[18], 1))
    acts = house.store.acts("tiny", book="keys")
    assert len(acts) == acts["key"].nunique() == 100
    assert acts["number"].is_monotonic_increasing
    assert acts["seconds"].notna().all()
    # Z, K and L from the end; J goes on.
    page.keyboard.press("z")
    becomes(page, lambda: where(page), "99 of 100")
    page.keyboard.press("l")
    page.locator(".desk .query").wait_for()  # the server is asked whether there is more before what was put off comes
    page.keyboard.press("c")
    becomes(page, lambda: where(page), "100 of 100")
    page.keyboard.press("k")
    page.locator(".desk .label[aria-pressed='true']").wait_for()
    becomes(page, lambda: state(page), "All saved")
    assert len(standing(house.store.acts("tiny", book="keys"))) == 100


def test_blind_shows_nothing_early(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 12, id="blind", name="Blind", judges=1)
    seen: list[str] = []
    page = judging(visit, house, "anna", "blind")
    page.on("response", lambda answer: seen.append(answer.text()) if "judging/" in answer.url else None)
    assert "secret ranker" not in page.content()
    assert page.locator(".desk .known").is_hidden()
    page.keyboard.press("e")
    page.get_by_text("secret ranker").first.wait_for()
    assert page.locator(".desk .last").text_content().count("rank ") == 1
    page.keyboard.press("k")
    assert "Published: " in page.locator(".desk .known").text_content()
    assert sum(text.count("secret ranker") for text in seen) == 1


def test_offline_and_reloaded_everything_arrives_once(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 30, id="offline", name="Offline")
    page = judging(visit, house, "bo", "offline")
    page.keyboard.press("e")
    becomes(page, lambda: state(page), "All saved")
    page.route("**/judging/acts", lambda route: route.abort())
    for key in "scis":
        page.keyboard.press(key)
    becomes(page, lambda: state(page), "Offline: 4 acts wait, and will be sent again.")
    assert where(page) == "5 of 30"
    page.reload()
    page.wait_for_selector(".desk .where:not(:empty)")
    becomes(page, lambda: where(page), "5 of 30")
    page.keyboard.press("e")
    becomes(page, lambda: where(page), "6 of 30")
    # A second tab sends what waits, and counts on where the first is.
    with page.expect_popup() as popup:
        page.evaluate("() => void window.open(location.href)")
    other = popup.value
    other.wait_for_selector(".desk .where:not(:empty)")
    becomes(other, lambda: state(other), "All saved")
    other.keyboard.press("c")
    becomes(other, lambda: state(other), "All saved")
    page.unroute("**/judging/acts")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    becomes(page, lambda: state(page), "All saved")
    acts = house.store.acts("tiny", book="offline")
    assert acts["value"].str[0].tolist() == list("ESCISEC")
    assert acts["number"].tolist() == sorted(set(acts["number"]))
    other.close()


def test_a_press_is_kept_before_its_handler_returns_and_while_the_page_is_left(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 20, id="left", name="Left")
    page = judging(visit, house, "anna", "left")
    page.context.set_offline(True)
    assert page.evaluate(f"() => {{ {PRESS} return [press('e'), press('s'), press('x')]; }}") == [1, 1, 0]
    page.context.set_offline(False)
    page.evaluate(
        f"() => {{ {PRESS} window.addEventListener('pagehide', () => "
        "sessionStorage.setItem('left', JSON.stringify([press('c'), press('i')]))); }"
    )
    page.reload()
    page.wait_for_selector(".desk .where:not(:empty)")
    assert page.evaluate("() => sessionStorage.getItem('left')") == "[1,1]"
    becomes(page, lambda: state(page), "All saved")
    acts = house.store.acts("tiny", book="left")
    assert acts["value"].str[0].tolist() == ["E", "S", "C", "I"]
    assert acts["number"].diff().dropna().eq(1).all()


def test_what_waits_for_a_judge_who_is_not_known_again_is_sent_as_the_present_one(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 20, id="stray", name="Stray")
    page = judging(visit, house, "anna", "stray")
    page.context.set_offline(True)
    for key in "es":
        page.keyboard.press(key)
    becomes(page, lambda: state(page).startswith("Offline: 2 acts wait"), True)
    house.store.enrol(SECRETS["bo"], "bo", "viewer")
    page.context.clear_cookies()
    page.context.add_cookies(known("bo")["cookies"])
    page.context.set_offline(False)
    page.reload()
    part = page.locator(".desk .strays")
    part.wait_for()
    assert "2 acts of another judge" in part.inner_text()
    with page.expect_download() as saved:
        part.get_by_text("Save as a file").click()
    assert Path(saved.value.path()).read_text().count('"record":"act"') == 2
    assert len(house.store.acts("tiny", book="stray")) == 0
    part.get_by_text("Send as mine").click()
    assert serious(page) == []
    part.get_by_text("Yes, send 2 acts as mine").click()
    becomes(page, lambda: state(page), "All saved")
    becomes(page, part.is_visible, False)
    acts = house.store.acts("tiny", book="stray")
    bo = house.store.judge_of(SECRETS["bo"])
    assert bo is not None
    assert acts[["judge", "number"]].to_numpy().tolist() == [[bo.id, 1], [bo.id, 2]]
    assert acts["value"].str[0].tolist() == ["E", "S"]
    becomes(page, lambda: where(page), "2 of 20")


def test_texts_are_texts_everywhere(visit: Open, house: House) -> None:
    make_book(
        house.store,
        house.bundle,
        12,
        id="texts",
        name=f"<b>Book</b> {RTL}",
        tags=(MARKUP, RTL, "x" * 300),
        guidelines=f"# <img src=x onerror=alert(1)>\n\n{RTL} [link](javascript:alert(1))\n\n" + "word " * 2_000,
    )
    page = judging(visit, house, "lea", "texts")
    page.keyboard.press("t")
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator(".desk textarea").fill(f"{RTL} {MARKUP} " + "y" * 9_000)
    page.keyboard.press("Enter")
    page.keyboard.press("e")
    becomes(page, lambda: state(page), "All saved")
    acts = house.store.acts("tiny", book="texts")
    assert acts["kind"].tolist() == ["tag", "tag", "note", "label"]
    assert acts["value"].tolist()[:2] == [MARKUP, RTL]
    page.reload()
    page.wait_for_selector(".desk .where:not(:empty)")
    settled(page)
    page.keyboard.press("k")
    page.keyboard.press("n")
    assert page.locator(".desk textarea").input_value().startswith(RTL)
    page.keyboard.press("Escape")
    assert page.locator("img[src='x'], .st-key-guidelines img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1440


def test_on_a_phone(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 6, id="phone", name="Phone")
    page = judging(visit, house, "anna", "phone", width=390, height=844, has_touch=True, is_mobile=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    for number in range(1, 7):
        box = page.locator(".desk .label").nth(number % 4).bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844
        page.locator(".desk .label").nth(number % 4).tap()
        becomes(page, lambda done=number: where(page) == f"{done} of 6", True)
    page.locator(".desk .tool.undo").tap()
    becomes(page, lambda: where(page), "5 of 6")
    page.locator(".desk .tool.unrateable").tap()
    becomes(page, lambda: state(page), "All saved")
    assert len(standing(house.store.acts("tiny", book="phone"))) == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_at_the_desk(visit: Open, house: House, scheme: str) -> None:
    make_book(house.store, house.bundle, 12, id=f"axe {scheme}", name=f"Axe {scheme}")
    page = judging(visit, house, "anna", f"axe+{scheme}", color_scheme=scheme)
    assert serious(page) == []
    page.keyboard.press("e")
    page.get_by_text("secret ranker").first.wait_for()
    page.keyboard.press("k")
    page.keyboard.press("t")
    settled(page)
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Books").click()
    page.wait_for_selector(".rows .open")
    settled(page)
    assert serious(page) == []


def test_a_killed_server_loses_nothing(browser: Any, tmp_path: Path) -> None:
    house = House(tmp_path)
    make_book(house.store, house.bundle, 40, id="killed", name="Killed")
    with house.open() as (address, process), visitor(browser, address) as go:
        page = judging(go, house, "anna", "killed")
        for key in "escie":
            page.keyboard.press(key)
        becomes(page, lambda: state(page), "All saved")
        page.keyboard.press("s")
        process.kill()
        process.wait()
        for key in "cisec":
            page.keyboard.press(key)
        becomes(page, lambda: state(page).startswith("Offline: "), True)
        confirmed = keys_of(house, "killed")
        assert len(confirmed) >= 5
        with house.open():
            becomes(page, lambda: state(page), "All saved")
            found = keys_of(house, "killed")
            assert found[: len(confirmed)] == confirmed
            assert len(found) == len(set(found)) == 11
