"""The real app in a real browser: what a visitor types, drags and sees, held against the core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from browsing import CARDS, PATIENCE, fused_slate, link_of, running
from fixtures import MARKUP, build_tiny_bundle, judgement_frame, product_frame
from tiny_models import write_random_clip

from precompute.__main__ import main
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.encoders.families import load_encoder
from sqid_core.ranking import candidates as search
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.picture_addresses import place_of

pytestmark = pytest.mark.browser
IDS = "cards => cards.map(card => card.dataset.product)"


def odd_bundle(folder: Path) -> Path:
    """The tiny bundle's tables with titles and pictures as strangers write them, and no signal but the words'."""
    from sqid_core.bundle.write import BundleWriter

    build_tiny_bundle(folder)
    products = product_frame()
    products.loc[0, "title"] = "<script>window.ran = true</script>"
    products.loc[1, "title"] = "W" * 500
    products.loc[2, "title"] = "كوب أحمر 🫖"
    products.loc[0, "image"] = "javascript:window.ran=true"
    products.loc[1, "image"] = "http://127.0.0.1:9/dead.webp"
    products.loc[2, "image"] = "../../../etc/passwd"
    products.loc[3, "brand"] = "<b>brand</b>"
    queries = pd.read_parquet(folder / "queries.parquet")
    vectors = {name: np.load(folder / "signals" / name / "products.npy") for name in ("words_text", "words_image")}
    present = {name: np.load(folder / "signals" / name / "present.npy") for name in vectors}
    encoder, query_vectors = (
        load_bundle(folder).manifest.encoders["words"],
        np.load(folder / "encoders" / "words" / "queries.npy"),
    )
    with BundleWriter(folder) as writer:
        about = {"title": "<i>Odd</i> [shop](http://x)"}
        writer.write_tables("odd", products, queries, judgement_frame(product_frame()), ESCI, about)
        writer.write_encoder(encoder, query_vectors)
        for name, modality in (("words_text", "text"), ("words_image", "image")):
            writer.write_signal(name, modality, "words", vectors[name], present[name])  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder: `shop`, encoded by a CLIP with random weights, and `odd`."""
    folder = tmp_path_factory.mktemp("data")
    model = write_random_clip(tmp_path_factory.mktemp("models") / "clip")
    build_tiny_bundle(folder / "shop", modalities=())
    for modality in ("text", "image"):
        options = ["--signal", f"clip_{modality}", "--modality", modality, "--family", "open_clip", "--device", "cpu"]
        assert main(["encode", str(folder / "shop"), *options, "--model", str(model), "--encoder-name", "tiny"]) == 0
    odd_bundle(folder / "odd")
    return folder


@pytest.fixture(scope="module")
def address(root: Path) -> Iterator[str]:
    """The running app, over the bundles in `root`."""
    with running(root) as found:
        yield found


def shown(page: Any, name: str = "fused") -> list[str]:
    return list(page.eval_on_selector_all(CARDS.format(name), IDS))


def until_shown(page: Any, wanted: list[str], name: str = "fused") -> None:
    page.wait_for_function(
        "([selector, wanted]) => JSON.stringify([...document.querySelectorAll('*')].flatMap(e => e.shadowRoot ? "
        "[...e.shadowRoot.querySelectorAll(selector)] : []).map(c => c.dataset.product)) === JSON.stringify(wanted)",
        arg=[CARDS.format(name), wanted],
    )


def product_ids(dataset: Dataset, rows: Any) -> list[str]:
    return list(dataset.products["product_id"].iloc[rows])


@pytest.fixture(scope="module")
def dataset(root: Path) -> Dataset:
    return load_bundle(root / "shop")


def test_typing_a_query_searches_as_the_core_does(visit: Callable[..., Any], dataset: Dataset, root: Path) -> None:
    page = visit("?bundle=shop")
    page.get_by_role("searchbox").fill("blue lamp for reading")
    page.keyboard.press("Enter")
    spec = dataset.manifest.encoders["tiny"]
    vector = load_encoder(spec, root / "shop" / "encoders" / "tiny").encode_texts(["blue lamp for reading"])[0]
    candidates = search.catalogue_candidates(dataset, {"tiny": vector}, Fusion())
    until_shown(page, product_ids(dataset, search.fused_ranking(candidates, Fusion(), 20).rows))
    for modality in ("text", "image"):
        wanted = search.signal_ranking(candidates, modality, 20).rows  # type: ignore[arg-type]
        assert shown(page, modality) == product_ids(dataset, wanted)
    assert link_of(page) == {"bundle": "shop", "q": "blue lamp for reading"}


def test_a_link_shows_the_same_elsewhere(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?bundle=shop&query=03&w=0.20&k=10")
    wanted = fused_slate(dataset, "03", 0.2)[0][:10]
    until_shown(page, wanted)
    other = visit("?" + urlsplit(page.url).query)
    until_shown(other, wanted)


def test_going_back_shows_what_was_there(visit: Callable[..., Any]) -> None:
    page = visit("?bundle=shop&query=03&w=0.20")
    before = shown(page)
    page.get_by_role("searchbox").fill("umbrella")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=umbrella*")
    page.go_back()
    until_shown(page, before)


def test_pictures_come_from_the_bundle(visit: Callable[..., Any], dataset: Dataset) -> None:
    page = visit("?bundle=shop&query=01")
    images = page.locator(CARDS.format("fused") + " img")
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=images.first.element_handle())
    assert f"/pictures/{place_of(dataset)}/" in images.first.get_attribute("src")


def test_words_of_strangers_are_shown_and_never_run(visit: Callable[..., Any]) -> None:
    page = visit("?bundle=odd&query=00")
    page.get_by_text(MARKUP).first.wait_for(state="attached") if MARKUP in page.content() else None
    titles = page.locator(CARDS.format("fused") + " .title").all_inner_texts()
    assert "<script>window.ran = true</script>" in titles
    assert page.evaluate("() => window.ran") is None
    script = page.locator(".card", has_text="<script>").first
    assert script.locator(".thumb").inner_text() == "No picture"
    dead = page.locator(CARDS.format("fused"), has_text="WWWW").first
    dead.locator(".thumb", has_text="Picture not available").wait_for()
    box, column = dead.bounding_box(), page.locator(".column[data-key='fused']").bounding_box()
    assert box is not None
    assert column is not None
    assert box["width"] <= column["width"] + 1


def test_markup_in_a_query_is_text(visit: Callable[..., Any]) -> None:
    page = visit("?bundle=shop")
    page.get_by_role("searchbox").fill("<script>alert(1)</script> <img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="<script>alert(1)</script>").wait_for()


@pytest.mark.parametrize("link", ["?bundle=shop", "?bundle=odd&query=00", "about"])
def test_a_phone_shows_one_list_and_never_scrolls_sideways(visit: Callable[..., Any], link: str) -> None:
    page = visit("?bundle=shop", width=390, height=844)
    if link == "about":
        page.goto(page.url.split("?")[0] + "about")
        page.get_by_role("heading", name="Sources and licences").wait_for()
    else:
        page.goto(page.url.split("?")[0] + link)
        page.wait_for_selector(CARDS.format("fused"))
        assert page.locator(".column[data-key='text']").is_hidden()
        page.get_by_role("tab", name="Text").click()
        assert page.locator(".column[data-key='text']").is_visible()
        assert page.locator(".column[data-key='fused']").is_hidden()
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def test_a_first_visit_to_another_page_has_the_app_around_it(browser: Any, root: Path) -> None:
    # Until st.navigation has run once, Streamlit takes a folder `pages` for its older kind of navigation.
    with running(root) as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address + "about")
        page.get_by_role("heading", name="Sources and licences").wait_for()
        assert page.title() == "About · SQID Explorer"
        page.get_by_role("link", name="Search").click()
        page.wait_for_selector(CARDS.format("fused"))
        page.close()
