"""What a page shows is taken along: by clicks that are counted, by the keyboard, with what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from browsing import becomes, settled

pytestmark = pytest.mark.browser
_SAID = tuple(
    f"{name}: " for name in (*"bundle gains labels method weight norm n date link".split(), "missing pictures")
)
_FOCUSED = """() => {
  let found = document.activeElement;
  while (found.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found.textContent;
}"""
_CURVE = ".st-key-title-of-weight-curve"


def _fetched(page: Any, name: str, folder: Path) -> tuple[str, str]:
    """A file of the menu that is open: its name and its text."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    download.value.save_as(folder / "file")
    return download.value.suggested_filename, (folder / "file").read_bytes().decode("utf-8", "replace")


def test_a_researcher_has_the_curve_and_the_methods_in_eight_clicks(
    visit: Callable[..., Any], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    page = visit("")
    page.evaluate("() => { window.clicks = 0; addEventListener('pointerdown', () => (window.clicks += 1), true); }")
    page.get_by_role("link", name="Evaluate").click()
    page.get_by_role("radio", name="Weight", exact=True).or_(
        page.get_by_role("button", name="Weight", exact=True)
    ).first.click()
    page.locator(".st-key-figure-weight-curve .js-plotly-plot .main-svg").first.wait_for()
    page.locator(_CURVE).get_by_role("button", name="Take along").click()
    name, svg = _fetched(page, "SVG", tmp_path)
    assert name.endswith(".svg")
    assert "weight-curve" in name
    assert svg.startswith("<svg")
    told = re.sub(r"<[^>]+>", "\n", svg)
    assert all(said in told for said in _SAID)
    assert "Mean NDCG at every image weight" in told
    page.get_by_role("radio", name="Methods", exact=True).or_(
        page.get_by_role("button", name="Methods", exact=True)
    ).first.click()
    page.locator(".st-key-title-of-measures").get_by_role("button", name="Take along").click()
    name, latex = _fetched(page, "LaTeX", tmp_path)
    assert name.endswith(".tex")
    assert all(f"% {said}" in latex for said in _SAID)
    assert r"\toprule" in latex
    assert "words\\_text" in latex
    assert latex.count(r"\textbf{") >= 1
    clicks = page.evaluate("() => window.clicks")
    record_property("clicks", clicks)
    assert clicks <= 8


def test_a_menu_is_used_by_the_keyboard(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("evaluate?view=weight&w=0.30&method=rrf", wait_for=f"{_CURVE} button")
    settled(page)
    page.locator(_CURVE).get_by_role("button", name="Take along").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="PNG", exact=True).wait_for()
    page.keyboard.press("Tab")
    for _ in range(8):
        if page.evaluate(_FOCUSED) == "PNG":
            break
        page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "w0.30" in download.value.suggested_filename
    # The browser's own way to save a picture is a click outside the menu, which closes it.
    becomes(page, page.get_by_role("button", name="PNG", exact=True).count, 0)
    page.locator(_CURVE).get_by_role("button", name="Take along").click()
    _, text = _fetched(page, "CSV", tmp_path)
    assert "# weight: 0.30\n" in text
    assert re.search(r"# link: http://127.0.0.1:\d+/evaluate\?.*method=rrf", text)
    rows = pd.read_csv(tmp_path / "file", comment="#")
    assert [rows["image_weight"].iloc[0], rows["image_weight"].iloc[-1], len(rows)] == [0.0, 1.0, 101]


def test_search_and_compare_give_what_they_show(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit("?query=01&w=0.40")
    settled(page)
    cards = page.locator(".column[data-key=fused] .card").count()
    page.locator(".st-key-files-of-board").get_by_role("button", name="Take along").click()
    page.locator(".st-key-take-lists").get_by_role("button", name="CSV").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-take-lists").get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "lists.csv")
    lists = pd.read_csv(tmp_path / "lists.csv", comment="#")
    assert len(lists[lists["list"] == "Fused"]) == cards
    assert {"rank", "title", "text", "image", "fused", "label"} <= set(lists)
    with page.expect_download() as download:
        page.locator(".st-key-take-measures").get_by_role("button", name="Markdown").click()
    assert "w0.40" in download.value.suggested_filename
    taken = page.locator(".st-key-take-curve")
    for name in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            taken.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / f"curve.{name}")
        assert download.value.suggested_filename.endswith(name.lower())
    assert (tmp_path / "curve.PNG").read_bytes().startswith(b"\x89PNG")
    svg = ElementTree.parse(tmp_path / "curve.SVG").getroot()
    told = " ".join(each.text or "" for each in svg.iter("{http://www.w3.org/2000/svg}text"))
    assert all(said in told for said in _SAID)
    assert page.locator(".st-key-headline h2").inner_text().strip("“”") in told
    curve = pd.read_csv(tmp_path / "curve.CSV", comment="#")
    assert [curve["from"].iloc[0], curve["to"].iloc[-1], bool(curve["best"].any())] == [0.0, 1.0, True]
    page = visit("compare", wait_for=".st-key-files-of-compare-board button")
    settled(page)
    page.locator(".st-key-title-of-swaps").get_by_role("button", name="Take along").click()
    with page.expect_download() as download:
        page.locator(".st-key-take-swaps").get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "swaps.csv")
    swaps = pd.read_csv(tmp_path / "swaps.csv", comment="#")
    total = float(page.locator(".swaps .sum .value").get_attribute("data-exact"))
    assert swaps["share"].sum() == pytest.approx(total)
    assert ((swaps["up_rank_b"] < swaps["down_rank_b"]) & (swaps["up_rank_a"] > swaps["down_rank_a"])).all()
    page.keyboard.press("Escape")
    page.locator(".st-key-take-comparison").first.wait_for()
    page.locator(".st-key-files-of-compare-board").get_by_role("button", name="Take along").click()
    page.locator(".st-key-take-lists").get_by_role("button", name="LaTeX").wait_for()
