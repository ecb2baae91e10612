"""From a key to the next pair on the Judge page, in a real browser: part of `benchmarks.judging`."""

from __future__ import annotations

import os
import statistics
import uuid
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks.app_server import chromium, served
from sqid_core.bundle.load import load_bundle
from sqid_core.judging.books import Book
from sqid_core.judging.samples import drawn_pairs
from sqid_core.store.opening import open_store

PRESSES, PAUSE_MS = 100, 60
# From the key to the second frame after it: by then the next pair is painted.
_WATCH = """
window.pressed = [];
let kept = null;
const desk = () => {
  if (kept?.isConnected) return kept;
  const roots = [document, ...[...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)];
  return (kept = roots.map((root) => root.querySelector(".desk")).find(Boolean));
};
window.addEventListener("keydown", (event) => {
  const shown = () => ["query", "title"].map((name) => desk()?.querySelector(`.${name}`)?.textContent).join(": ");
  const before = shown(), began = event.timeStamp;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const image = desk()?.querySelector(".thumb img");
    window.pressed.push([performance.now() - began, shown() !== before, !image || image.complete]);
  }));
}, true);
"""


def key_times(bundle: Path, state: Path) -> tuple[str, ...]:
    """p50 and p95 in ms, and of how many presses the next pair, and its picture, was there then.

    bundle: a folder whose parent the app serves. state: a folder for the store.
    """
    dataset, secret = load_bundle(bundle), uuid.uuid4().hex + uuid.uuid4().hex[:8]
    store, drawn = open_store(state), drawn_pairs(dataset, 2 * PRESSES)
    book = Book(uuid.uuid4().hex, "Keys", dataset.name, dataset.fingerprint, drawn.source)
    store.create_book(book, drawn.pairs)
    store.enrol(secret, "Ann")
    with mock.patch.dict(os.environ, SQID_STATE=str(state), SQID_DATABASE_URL=""):
        found = _pressed(
            bundle.parent, f"judge?bundle={bundle.name}&book={book.id}", secret, _keys(dataset.scale.letters)
        )
    times, moved, pictured = zip(*found, strict=True)
    p50, p95 = statistics.median(times), float(np.percentile(times, 95))
    return f"{p50:.0f}", f"{p95:.0f}", f"{sum(moved)} of {len(moved)}", f"{sum(pictured)} of {len(moved)}"


def _keys(letters: tuple[str, ...]) -> list[str]:
    """Keys of labels: letters of the scale where these are one letter each, else digits."""
    return [letter.lower() for letter in letters] if all(len(one) == 1 for one in letters) else ["1", "2"]


def _pressed(data: Path, link: str, secret: str, keys: list[str]) -> list[tuple[float, bool, bool]]:
    with served(data) as server, chromium() as browser:
        cookie = {"name": "sqid_judge", "value": secret, "url": server.address}
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([cookie])
        context.add_init_script(_WATCH)
        page = context.new_page()
        page.goto(f"{server.address}{link}")
        page.wait_for_selector(".desk .pair .title:not(:empty)", timeout=60_000)
        page.wait_for_timeout(2_000)
        for number in range(PRESSES):
            page.keyboard.press(keys[number % len(keys)])
            page.wait_for_timeout(PAUSE_MS)
        found: list[tuple[float, bool, bool]] = page.evaluate("window.pressed")
        return found
