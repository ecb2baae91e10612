"""What a map costs at SQID's size: UMAP for the command line; first view, bytes and frames for a browser.

    python -m benchmarks.catalogue_map --folder DIR [--products 164900] [--drawn] [--peer]

Vectors are drawn around 400 topics. --drawn: only the browser is asked for; places are drawn too where there is no map.
--peer: plotly's scattergl with the same points beside it. The browser draws without a graphics card, so its frames are
the worst there are; the script's work is what the page itself does in a frame, whoever draws. Goals: 15 minutes an
encoder on 2 cores, 4 seconds, 10 MB, 8 ms of script at the 95th percentile while the map is moved.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.app_server import chromium, served
from benchmarks.sqid_like import DIM, PRODUCTS, QUERIES, table
from precompute.steps.mapping import map_catalogue
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import MapSpec
from sqid_core.bundle.manifest_parts import vectors_digest
from sqid_core.bundle.maps import UMAP, CatalogueMap, read_map, write_map
from sqid_core.bundle.tables import tie_order
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import EncoderSpec

SIGNAL, TOPICS, JUDGED = "drawn_text", 400, 20
SPEC = EncoderSpec("drawn", "open_clip", "drawn-by-the-benchmark", "", DIM, "none")
# Adds up, frame by frame, what scripts do in animation frames and in what a pointer causes.
INSTRUMENTS = """
  window.work = {frames: [], scripts: [], now: 0, on: false};
  const timed = (act) => function (...all) {
    const start = performance.now();
    try { return act.apply(this, all); } finally { window.work.now += performance.now() - start; }
  };
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (act) => ask(timed(act));
  const add = EventTarget.prototype.addEventListener;
  const heard = new WeakMap();
  EventTarget.prototype.addEventListener = function (type, act, options) {
    if (!/^(mouse|pointer|wheel)/.test(type) || typeof act !== "function") return add.call(this, type, act, options);
    if (!heard.has(act)) heard.set(act, timed(act));
    return add.call(this, type, heard.get(act), options);
  };
  const remove = EventTarget.prototype.removeEventListener;
  EventTarget.prototype.removeEventListener = function (type, act, options) {
    return remove.call(this, type, heard.get(act) ?? act, options);
  };
  let last = 0;
  const tick = (time) => {
    if (window.work.on) { window.work.frames.push(time - last); window.work.scripts.push(window.work.now); }
    window.work.now = 0;
    last = time;
    ask(tick);
  };
  ask(tick);
"""


def make_bundle(folder: Path, products: int, queries: int) -> None:
    """A bundle of drawn vectors, titles and categories, with a text signal."""
    random = np.random.default_rng(0)
    topics = random.normal(size=(TOPICS, DIM)).astype(np.float32)
    of_product, of_query = random.integers(0, TOPICS, products), random.integers(0, TOPICS, queries)
    ids = [f"P{row:06d}" for row in range(products)]
    frame = pd.DataFrame(
        {
            "product_id": ids,
            "title": [f"Product {row} of topic {topic}" for row, topic in enumerate(of_product)],
            "category": [f"Department {topic % 30} > Topic {topic}" for topic in of_product],
        }
    )
    asked = pd.DataFrame({"query_id": [f"q{row}" for row in range(queries)], "query": [f"topic {t}" for t in of_query]})
    pairs = pd.DataFrame(
        {
            "query_id": np.repeat(asked["query_id"].to_numpy(), JUDGED),
            # Each query's own stretch of the catalogue, so that no pair is there twice.
            "product_id": np.array(ids)[np.arange(queries * JUDGED) % products],
            "label": random.choice(list("ESCI"), queries * JUDGED),
        }
    )
    with BundleWriter(folder) as writer:
        writer.write_tables("drawn", frame, asked, pairs, ESCI)
        assert writer.tables is not None
        order = tie_order(ids)
        of_rows = {str(each): row for row, each in enumerate(asked["query_id"])}
        sorted_queries = np.array([of_rows[each] for each in writer.tables.queries["query_id"].to_pylist()])
        writer.write_encoder(SPEC, _around(random, topics[of_query[sorted_queries]]))
        vectors = _around(random, topics[of_product[order]])
        writer.write_signal(SIGNAL, "text", SPEC.name, vectors, np.ones(products, dtype=np.bool_))


def _around(random: np.random.Generator, middles: np.ndarray) -> np.ndarray:
    found = middles + 1.5 * random.standard_normal(middles.shape, dtype=np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def drawn_map(folder: Path) -> None:
    """A map whose places are drawn."""
    dataset = load_bundle(folder)
    random = np.random.default_rng(1)
    middles = random.uniform(-10, 10, size=(TOPICS, 2))
    counts = len(dataset.products), len(dataset.queries)
    places = [
        (middles[random.integers(0, TOPICS, count)] + random.normal(scale=0.35, size=(count, 2))).astype(np.float32)
        for count in counts
    ]
    clusters = random.integers(0, 24, counts[0]).astype(np.int8)
    spec = MapSpec(vectors_digest(dataset.manifest, SIGNAL), UMAP, {"seed": 0}, tuple((f"word{n}",) for n in range(24)))
    with BundleWriter(folder) as writer:
        write_map(writer, CatalogueMap(SIGNAL, spec, *places, clusters))


def mapping(folder: Path) -> list[tuple[str, ...]]:
    """The verb's time: on the clock, and of the processor."""
    start, before = time.perf_counter(), os.times()
    map_catalogue(folder, again=True)
    after = os.times()
    processor = after.user + after.system - before.user - before.system
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return [
        ("precompute map, on the clock", f"{time.perf_counter() - start:,.0f} s", f"load of the machine {load}"),
        ("precompute map, processor", f"{processor:,.0f} s", "one thread, but for the products of matrices"),
    ]


def browsing(folder: Path, moves: int) -> list[tuple[str, ...]]:
    """The view in a browser without a graphics card: to see, to fetch, to move."""
    with served(folder.parent) as server, chromium() as browser:
        link = f"{server.address}dataset?details=map&colour=cluster"
        seen = [_first_view(browser, link) for _ in range(3)]
        page, _, fetched, told = seen[-1]
        views = [seconds for _, seconds, _, _ in seen]
        points = sum(size for url, size in fetched.items() if "/maps/" in url and "/library/" not in url)
        library = sum(size for url, size in fetched.items() if "/library/" in url)
        found = moved(page, page.locator(".atlas .stage").bounding_box(), moves)
    return [
        ("first view, server cold", f"{views[0]:.1f} s", "with Streamlit itself and all checks of the page"),
        ("first view, after that", f"{min(views[1:]):.1f} s", "a new visitor without a cache"),
        ("points to the browser", f"{points / 1e6:.2f} MB", f"and {sum(told) / 1e6:.2f} MB by the page’s socket"),
        ("the library", f"{library / 1e6:.2f} MB", "once, kept by the browser"),
        *_frames("regl-scatterplot", found),
    ]


def _first_view(browser: Any, link: str) -> tuple[Any, float, dict[str, int], list[int]]:
    """The page, the seconds until the map is drawn, the bytes of each address, and those of the page's socket."""
    page = browser.new_context(viewport={"width": 1440, "height": 1400}).new_page()
    page.add_init_script(INSTRUMENTS)
    fetched: dict[str, int] = {}
    told: list[int] = []
    page.on("response", lambda found: fetched.update({found.url: int(found.headers.get("content-length", 0))}))
    page.on("websocket", lambda one: one.on("framereceived", lambda frame: told.append(len(frame))))
    start = time.perf_counter()
    page.goto(link)
    page.wait_for_selector(".atlas[data-drawn='cluster']", timeout=120_000)
    return page, time.perf_counter() - start, fetched, told


def moved(page: Any, box: dict[str, float], moves: int) -> dict[str, list[float]]:
    """Frames and scripts (ms) while the pointer drags what is in a box."""
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => { window.work.on = true; }")
    for step in range(moves):
        page.mouse.move(x + 150 * np.sin(step / 8), y + 80 * np.cos(step / 8))
    page.evaluate("() => { window.work.on = false; }")
    page.mouse.up()
    return page.evaluate("() => window.work")


def _frames(name: str, found: dict[str, list[float]]) -> list[tuple[str, ...]]:
    frames, scripts = found["frames"][1:], found["scripts"][1:]
    if len(frames) < 2:
        return [(f"{name}: moved", "no frames", "")]
    return [
        (f"{name}: script a frame, p50 / p95", _both(scripts), f"{len(frames)} frames while dragged"),
        (f"{name}: a frame, p50 / p95", _both(frames), "drawn by the processor"),
    ]


def _both(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} / {np.quantile(values, 0.95):.1f} ms"


def plotly_peer(folder: Path, moves: int) -> list[tuple[str, ...]]:
    """The same points by plotly's scattergl, in a page of its own."""
    import plotly.graph_objects as go

    dataset = load_bundle(folder)
    places = read_map(dataset, SIGNAL)
    marks = {"size": 2, "color": places.clusters.astype(np.int16), "colorscale": "Turbo"}
    trace = go.Scattergl(x=places.products[:, 0], y=places.products[:, 1], mode="markers", marker=marks)
    figure = go.Figure(trace, {"dragmode": "pan", "width": 1290, "height": 510})
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        file = Path(made) / "peer.html"
        figure.write_html(file, include_plotlyjs=True)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(INSTRUMENTS)
        start = time.perf_counter()
        page.goto(file.as_uri())
        page.wait_for_selector(".gl-canvas-focus, .gl-canvas", timeout=120_000)
        page.wait_for_timeout(50)
        shown = time.perf_counter() - start
        found = moved(page, page.locator(".nsewdrag").first.bounding_box(), moves)
        size = file.stat().st_size
    return [
        ("plotly scattergl: first view", f"{shown:.1f} s", f"a page of {size / 1e6:.1f} MB, without an app"),
        *_frames("plotly scattergl", found),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="for the bundle, made where it is not there")
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--queries", type=int, default=QUERIES)
    parser.add_argument("--moves", type=int, default=120)
    parser.add_argument("--drawn", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    bundle = options.folder / "drawn"
    if not (bundle / "manifest.json").exists():
        make_bundle(bundle, options.products, options.queries)
    rows = []
    if options.drawn:
        if not load_bundle(bundle).manifest.maps:
            drawn_map(bundle)
    else:
        rows += mapping(bundle)
    if not options.no_browser:
        rows += browsing(bundle, options.moves)
    if options.peer:
        rows += plotly_peer(bundle, options.moves)
    print(table((f"{options.products:,} products, {options.queries:,} queries", "", ""), rows))


if __name__ == "__main__":
    main()
