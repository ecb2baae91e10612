"""A walk through the app itself: whatever is set, opened or gone back to, link, widgets and session say the same."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from fixtures import build_tiny_bundle
from places import APP
from searching import board, link_of, row_lists
from streamlit.testing.v1 import AppTest

from sqid_ui.settings import session
from sqid_ui.settings.memory import Memory

pytestmark = pytest.mark.usefixtures("word_encoder")
STEPS = int(os.environ.get("SQID_WALK_APPTEST", "200"))
PAGES = ("search", "compare", "queries", "evaluate", "breakdown", "dataset", "about")
# A link to a page, with values that another bundle or page may not know.
LINKS = (
    ("search", {"q": "red lamp", "w": "0.30"}), ("search", {"query": "03", "scope": "catalogue", "method": "max"}),
    ("queries", {"preset": "fusion hurts"}), ("queries", {"by": "query length", "group": "1 word", "sort": "-image"}),
    ("compare", {"b": "fused~w0.2", "queue": "wins"}), ("evaluate", {"view": "labels", "k": "5", "method": "rrf"}),
    ("breakdown", {"group-by": "query length", "w": "x"}), ("dataset", {"details": "pictures", "least": "0.95"}),
)  # fmt: skip


class Visit:
    """The app and the browser's history around it."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rng, self.patch = random.Random(seed), monkeypatch
        self.history: list[tuple[str, dict[str, str]]] = []
        self.at, self.opened = -1, False
        self.app = AppTest.from_file(APP, default_timeout=120)
        self.open("search", {})

    def open(self, page: str, link: dict[str, str]) -> None:
        del self.history[self.at + 1 :]
        self.history.append((page, link))
        self.at += 1
        self.run(page, link)

    def run(self, page: str, link: dict[str, str], went: bool = False) -> None:
        self.patch.setattr(session, "gone_back", lambda: went)
        self.app.query_params.clear()
        for name, value in link.items():
            self.app.query_params[name] = value
        if page != "search" or self.opened:
            self.app.switch_page(f"pages/{page}.py")
        self.opened = True
        self.app.run()
        self.patch.setattr(session, "gone_back", lambda: False)
        self.history[self.at] = (page, link_of(self.app))

    def acted(self) -> None:
        """After something was done on the page: another address is another entry."""
        self.app.run()
        page, before = self.history[self.at]
        if link_of(self.app) != before:
            del self.history[self.at + 1 :]
            self.history.append((page, link_of(self.app)))
            self.at += 1

    def widgets(self) -> list[Any]:
        kinds = (
            "selectbox",
            "slider",
            "segmented_control",
            "pills",
            "multiselect",
            "toggle",
            "text_input",
            "select_slider",
        )
        found = [each for kind in kinds for each in getattr(self.app, kind, ())]
        return [each for each in found if str(each.key).startswith("setting ") and not each.disabled]

    def step(self) -> str:
        act = self.rng.choice(["set", "set", "set", "set", "weight", "back", "forward", "reload", "page", "link"])
        page, link = self.history[self.at]
        if act == "set" and (widgets := self.widgets()):
            each = self.rng.choice(widgets)
            act += f" {each.key}"
            kind = type(each).__name__
            if kind == "Slider":
                each.set_value(self.rng.choice([0.0, 0.2, 0.5, 1.0]))
            elif kind == "TextInput":
                each.set_value(self.rng.choice(["", "mug", " Lamp"]))
            elif kind == "Toggle":
                each.set_value(not each.value)
            elif each.options:
                place = self.rng.randrange(len(each.options))
                if kind in ("Selectbox", "SelectSlider"):
                    # AppTest formats what it is given once more, so a formatted option may not be.
                    each.set_value(each.options[place].removeprefix("Gains: "))
                else:
                    each.set_value([each.options[place]] if kind == "Multiselect" else each.options[place])
            self.acted()
        elif act == "weight" and "w" in session.memory(self.app.session_state).table:
            found = session.memory(self.app.session_state)
            self.app.session_state["settings"] = found.changed("w", self.rng.choice([0.1, 0.9]), self.app.session_state)
            self.acted()
        elif act in ("back", "forward") and 0 <= self.at + (by := -1 if act == "back" else 1) < len(self.history):
            self.at += by
            self.run(*self.history[self.at], went=True)
        elif act == "reload":
            self.app, self.opened = AppTest.from_file(APP, default_timeout=120), False
            self.run(page, link)
        elif act == "page":
            self.open(self.rng.choice([other for other in PAGES if other != page]), {})
        elif act == "link":
            name, asked = self.rng.choice(LINKS)
            if name != page:
                self.open(name, dict(asked))
        return act

    def check(self) -> None:
        assert not self.app.exception, self.app.exception
        memory, state = session.memory(self.app.session_state), self.app.session_state
        values = {name: memory.value(name, state) for name in memory.table}
        link = {s.linked: text for s in memory.table.values() if (text := s.text(values[s.name]))}
        assert link_of(self.app) == link
        for name, setting in memory.table.items():
            for part, wanted in setting.split(values[name]).items():
                key = memory.key(name, part)
                if key in state:
                    assert setting.join({**setting.split(values[name]), part: state[key]}) == values[name], (name, part)
                    assert state[key] == wanted or isinstance(wanted, str)
        other = Memory().noticed("", link, False).settled(memory.table.values(), "", {})
        for name, setting in memory.table.items():
            if setting.linked in link:
                assert setting.write(other.value(name, {})) == setting.write(values[name])
        # Filters that no product fits leave a sentence and no board.
        nothing_fits = any("No product fits" in warning.value for warning in self.app.warning)
        if self.history[self.at][0] == "search" and values.get("query_id") and not nothing_fits:
            assert board(self.app)["weight"] == values["w"]
        if self.history[self.at][0] == "queries" and values["sort"] == "-image":
            # A table of other columns, as another bundle's, keeps the wish and its own order.
            for rows in (rows for rows in row_lists(self.app) if "image" in rows):
                assert rows["image"].dropna().is_monotonic_decreasing


def test_link_widgets_and_session_agree_on_every_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(tmp_path))
    build_tiny_bundle(tmp_path / "tiny")
    build_tiny_bundle(tmp_path / "text", modalities=("text",), name="text")
    seed = int(os.environ.get("SQID_WALK_SEED", "1"))
    visit, done = Visit(seed, monkeypatch), []
    try:
        for _ in range(STEPS):
            visit.check()
            done.append(visit.step())
        visit.check()
    except Exception as error:
        error.add_note(f"seed {seed}, after {len(done)} steps: {', '.join(done[-12:])}")
        raise
