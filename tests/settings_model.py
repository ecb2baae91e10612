"""A browser and a server, as far as settings go, in plain Python: what Streamlit keeps, drops, joins and delays.

The browser holds an address, its history, and for each widget that a visitor touched the value it shows; a request
carries the address and those values. A widget, in a closed popover or not, hears of nothing but its default. What the
server writes reaches the browser later, so that a request may come with an address that is out of date.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqid_ui.settings.memory import Memory
from sqid_ui.settings.setting import Setting, choice, number, of, picked, some, whole, words

BUNDLES = {"one": ("x", "y", "z"), "two": ("y", "z")}
GROUPS = {"none": ("all",), "colour": ("all", "red", "blue"), "size": ("all", "big")}
ODD = ("a|b", "50%", "ü", "")


def tables(bundle: str) -> dict[str, tuple[Setting, ...]]:
    """Three pages as they come: shared settings, one that depends on another, one of two parts, one without a link."""
    names = BUNDLES[bundle]
    shared = (number("w", 0.0, 1.0, 0.5), choice("method", ("sum", "max")), choice("norm", ("none", "minmax")))
    pair = Setting(
        "run", ("x", 0.5), _read_pair, lambda v: f"{v[0]}~{v[1]:.2f}", split=lambda v: {"kind": v[0], "share": v[1]},
        join=lambda parts: (parts["kind"], parts["share"]), first=None,
    )  # fmt: skip
    return {
        "": (*shared, *of("", words("text", 50, parameter="q"), picked("query", names, names[0], of_bundle=True),
             Setting("upload", "", parameter=""), whole("k", (10, 20), 10))),
        "list": (*shared, *of("list", choice("by", tuple(GROUPS)), words("group", default="all"),
                 some("pick", names, of_bundle=True), picked("kind", ("x", "y")))),
        "pair": (*of("pair", pair, whole("k", (5, 10), 5)), choice("norm", ("none", "minmax"))),
    }  # fmt: skip


def _read_pair(text: str) -> tuple[str, float]:
    kind, share = text.split("~")
    if kind not in "xy" or not 0 <= float(share) <= 1:
        raise ValueError(text)
    return kind, round(float(share), 2)


def coherent(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    if found.get("method") == "max" and found["norm"] == "none":
        found["norm"] = "minmax"
    if found.get("text") or found.get("upload"):
        found["query"] = ""
    if "by" in found and found["group"] not in GROUPS[found["by"]]:
        found["group"] = "all"
    return found


# What a visitor may pick in the widget of a setting's part.
PICKS: dict[str, Sequence[Any]] = {
    "w": (0.0, 0.25, 0.5, 1.0), "method": ("sum", "max"), "norm": ("none", "minmax"), "text": ("", "lamp ", "ü|%"),
    "query": (None, "y", "z"), "k": (10,), "by": tuple(GROUPS),
    "pick": ([], ["y"], ["z", "y"]),
    "kind": (None, "x", "y"),
    "run kind": ("x", "y"), "run share": (0.0, 0.3, 0.5),
}  # fmt: skip
NONSENSE = ("", "nan", "~", "all", "x~2", "]", "max", "red", "0.30", "y|z", "zz")


@dataclass
class Visit:
    """One visitor. history: (page, address) and where in it; shows: widget key -> value that the browser holds; drawn:
    key -> what the last run drew; waiting: whether what the server wrote is still under way."""

    bundle: str = "one"
    history: list[tuple[str, dict[str, str]]] = field(default_factory=lambda: [("", {})])
    at: int = 0
    memory: Memory = field(default_factory=Memory)
    shows: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    drawn: dict[str, tuple[str, str]] = field(default_factory=dict)
    under_way: list[dict[str, str]] = field(default_factory=list)

    @property
    def page(self) -> str:
        return self.history[self.at][0]

    @property
    def address(self) -> dict[str, str]:
        return self.history[self.at][1]

    # --- what the browser does ---

    def deliver(self, most: int = 99) -> None:
        """What the server wrote arrives: an entry each where it differs."""
        for link in self.under_way[:most]:
            if link != self.address:
                del self.history[self.at + 1 :]
                self.history.append((self.page, link))
                self.at += 1
        self.under_way = self.under_way[most:]

    def go(self, page: str, address: dict[str, str]) -> None:
        self.deliver()
        del self.history[self.at + 1 :]
        self.history.append((page, address))
        self.at += 1
        self.shows = {}
        entry = self.at
        self.run()
        # The first address of a page takes the place of its entry.
        if self.under_way:
            self.history[entry] = (page, self.under_way[-1])
            self.under_way = []

    def move(self, by: int) -> None:
        self.deliver()
        if 0 <= self.at + by < len(self.history):
            self.at += by
            self.shows = {}
            asked = Memory().noticed(self.page, self.address, False)
            asked = asked.settled(tables(self.bundle)[self.page], self.bundle, {}, coherent)
            self.run(went=True)
            # What was gone back to is shown, whatever the browser had heard before.
            assert self.memory.published(self.state)[1] == asked.published({})[1], self.address
            if self.under_way:
                self.history[self.at] = (self.page, self.under_way[-1])
                self.under_way = []

    def reload(self) -> None:
        self.deliver()
        self.memory, self.shows, self.state = Memory(), {}, {}
        self.run()

    # --- the server ---

    def run(self, went: bool = False, cut: str = "") -> None:
        """A run of the script; cut: where it is interrupted, and nothing of it reaches the browser."""
        sent = dict(self.address)
        # What the browser holds of widgets that are still there; those of another page are gone.
        self.state.update({key: value for key, value in self.shows.items() if key in self.drawn})
        table = tables(self.bundle)[self.page]
        self.memory = self.memory.noticed(self.page, sent, went)
        if cut == "noticed":
            return
        self.memory = self.memory.settled(table, self.bundle, self.state, coherent)
        if cut == "settled":
            return
        drawn = {}
        for setting in table:
            for part, value in setting.split(self.memory.value(setting.name, self.state)).items():
                key = self.memory.key(setting.name, part)
                drawn[key] = (setting.name, part)
                self.state.setdefault(key, value)
        self.drawn = drawn
        self.state = {key: value for key, value in self.state.items() if key in drawn}
        self.memory, link = self.memory.published(self.state)
        if self.memory.written or sent != link:
            self.memory = self.memory.wrote(link)
            self.under_way.append(link)
        self.shows = {key: value for key, value in self.shows.items() if key in drawn}

    # --- what must hold once everything has arrived ---

    def check(self) -> None:
        self.deliver()
        self.run()
        self.deliver()
        table = tables(self.bundle)[self.page]
        values = {setting.name: self.memory.value(setting.name, self.state) for setting in table}
        link = {s.linked: text for s in table if (text := s.text(values[s.name]))}
        assert self.address == link, (self.address, link)
        assert coherent(values) == values
        for key, (name, part) in self.drawn.items():
            setting = self.memory.table[name]
            assert setting.join({**setting.split(values[name]), part: self.state[key]}) == values[name]
            assert self.shows.get(key, self.state[key]) == self.state[key]
        other = Memory().noticed(self.page, self.address, False).settled(table, self.bundle, {}, coherent)
        # A query box that was emptied, or left for a picture of one's own, is in no link: that opens the usual query.
        said = [s for s in table if s.linked and (s.write(values[s.name]) or not s.write(s.default))]
        opened = {setting.name: other.value(setting.name, {}) for setting in said}
        assert opened == {name: values[name] for name in opened}
        for setting in table:
            if not setting.room:
                assert self.memory.elsewhere([setting])[setting.name] == values[setting.name]


def step(visit: Visit, rng: random.Random) -> str:
    """One thing that happens; what it was."""
    act = rng.choice(
        ["set", "set", "set", "give", "back", "forward", "page", "link", "reload", "bundle", "cut", "late", "hasty"]
    )
    if act == "set" and visit.drawn:
        key, (name, part) = rng.choice(sorted(visit.drawn.items()))
        picks = PICKS.get(f"{name} {part}".strip(), ())
        if picks:
            visit.shows[key] = rng.choice(picks)
            visit.run()
    elif act == "give" and visit.memory.table:
        name = rng.choice(sorted(visit.memory.table))
        setting = visit.memory.table[name]
        parts = {part: rng.choice(PICKS.get(f"{name} {part}".strip(), (v,))) for part, v in setting.split(
            visit.memory.value(name, visit.state)).items()}  # fmt: skip
        visit.memory = visit.memory.changed(name, setting.join(parts), visit.state)
        visit.run()
    elif act in ("back", "forward"):
        visit.move(-1 if act == "back" else 1)
    elif act == "page":
        visit.go(rng.choice([page for page in tables("one") if page != visit.page]), {})
    elif act == "link":
        page = rng.choice([page for page in tables("one") if page != visit.page])
        names = [setting.linked for setting in tables("one")[page] if setting.linked]
        visit.go(page, {rng.choice(names): rng.choice(NONSENSE) for _ in range(rng.randint(1, 3))})
    elif act == "reload":
        visit.reload()
    elif act == "bundle":
        visit.deliver()
        visit.bundle = rng.choice(sorted(BUNDLES))
        visit.run()
    elif act == "cut":
        visit.run(cut=rng.choice(["noticed", "settled"]))
    elif act == "late" and visit.drawn:
        # Quick changes: requests come with addresses from before, and the last change counts.
        key, (name, part) = rng.choice(sorted(visit.drawn.items()))
        if f"{name} {part}".strip() in ("w", "by", "kind", "run share"):
            for _ in range(4):
                visit.shows[key] = rng.choice(PICKS[f"{name} {part}".strip()])
                visit.run()
                if rng.random() < 0.5:
                    visit.deliver(most=1)
            assert visit.state[visit.memory.key(name, part)] == visit.shows.get(key, "lost")
    elif act == "hasty" and visit.drawn:
        # Back before the address of a change has been heard of.
        key, (name, part) = rng.choice(sorted(visit.drawn.items()))
        if picks := PICKS.get(f"{name} {part}".strip(), ()):
            visit.shows[key] = rng.choice(picks)
            visit.run()
            visit.move(-1)
    return act
