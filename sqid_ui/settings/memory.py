"""Link, widgets and session hold the same settings: what a visit remembers, and how each run changes it.

Pure: no Streamlit, no page, no setting by name. The session holds the values; a widget shows one as its default, under
a key that changes whenever the value comes from elsewhere. See docs/decisions/0013-one-way-a-setting-lives.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqid_ui.settings.setting import NONSENSE, Setting

Values = Mapping[str, Any]
Address = Mapping[str, str]
# More addresses than this are never under way.
_MOST_WRITTEN = 50


class Widgets(Protocol):
    """What the widgets hold, by key: a session, or a dict."""

    def __contains__(self, key: Any, /) -> bool: ...

    def __getitem__(self, key: str, /) -> Any: ...


def _as_they_are(values: Values) -> Values:
    return values


@dataclass(frozen=True)
class Memory:
    """What a visit remembers. Every method takes the widgets as the session has them, by key, and changes nothing.

    page: of the last run, None before the first. table: its settings by name. kept: each value with the bundle that it
    was set in. arrivals, rounds: in the keys of widgets. wish: what the address asks for, until it is
    settled. received: the address that the last run came with; written: those written since that none has come with.
    rejected: parameters of the last wish that were nonsense.
    """

    page: str | None = None
    table: Mapping[str, Setting] = field(default_factory=dict)
    kept: Mapping[tuple[str, str], tuple[str, Any]] = field(default_factory=dict)
    arrivals: int = 0
    rounds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    wish: Address | None = None
    received: Address = field(default_factory=dict)
    written: tuple[Address, ...] = ()
    rejected: tuple[str, ...] = ()

    def key(self, name: str, part: str = "") -> str:
        """The key under which a widget stands now."""
        number = f"{self.arrivals}.{self.rounds.get((name, part), 0)}"
        return " ".join(filter(None, ("setting", name, part, number)))

    def noticed(self, page: str, address: Address, went: bool) -> Memory:
        """A run of a page begins. went: whether by Back or Forward.

        A wish is the first address, one that was gone back to, one that a page is opened with, and one that is unknown
        here. Any other is that of a browser which has not heard yet what was written; an empty one comes with a page
        that is opened without a link.
        """
        arrived, known = page != self.page, address == self.received or address in self.written
        asks = self.page is None or went or (bool(address) if arrived else not known or address == self.wish)
        # The address of before may be the one that is under way again, or not yet: then nothing counts as heard.
        new = address in self.written and address != self.received
        heard = self.written.index(address) + 1 if new else 0
        return replace(
            self,
            page=page,
            arrivals=self.arrivals + arrived,
            rounds={} if arrived else self.rounds,
            table={} if arrived else self.table,
            wish=address if asks else None,
            received=address,
            written=() if asks or arrived else self.written[heard:],
        )

    def settled_ahead(self, setting: Setting, widgets: Widgets, bundle: str = "") -> tuple[Memory, Any]:
        """With one setting settled that the page's others depend on, and its value. bundle: "" where that is what the
        setting names."""
        asked = self._wished((setting,))[0] if self.wish is not None else {}
        value = asked[setting.name] if asked else self._held(setting, bundle or None, widgets)
        memory = replace(self, table={**self.table, setting.name: setting})
        return memory._given(setting, value, bundle, widgets), value

    def settled(
        self,
        settings: Iterable[Setting],
        bundle: str,
        widgets: Widgets,
        coherent: Callable[[Values], Values] = _as_they_are,
    ) -> Memory:
        """With a value for each setting of the page. coherent: makes values that go together of some that need not."""
        table = {setting.name: setting for setting in settings}
        if self.wish is not None:
            asked, rejected = self._wished(table.values())
        else:
            asked, rejected = {s.name: self._held(s, bundle, widgets) for s in table.values()}, self.rejected
        values = coherent(asked)
        if self.wish is not None:
            rejected += tuple(
                s.linked for s in table.values() if s.linked in self.wish and values[s.name] not in (asked[s.name], "")
            )
        elif any(self.kept.get(s.where, ("", values[s.name]))[1] != values[s.name] for s in table.values()):
            rejected = ()
        memory = replace(self, table=table, wish=None, rejected=rejected)
        for setting in table.values():
            memory = memory._given(setting, values[setting.name], bundle, widgets)
        return memory

    def value(self, name: str, widgets: Widgets) -> Any:
        """A setting of the page as it stands now, its widgets included."""
        setting = self.table[name]
        return self._taken(setting, self._known(setting), widgets)

    def changed(self, name: str, value: Any, widgets: Widgets) -> Memory:
        """With another value for a setting of the page."""
        setting = self.table[name]
        same = value == self.value(name, widgets)
        bundle = self.kept[setting.where][0] if setting.where in self.kept else ""
        return replace(self, rejected=self.rejected if same else ())._given(setting, value, bundle, widgets)

    def published(self, widgets: Widgets) -> tuple[Memory, dict[str, str]]:
        """With what the widgets hold now that all are drawn, and the link's parameters."""
        memory, link = self, {}
        for setting in self.table.values():
            value = self.value(setting.name, widgets)
            bundle = self.kept.get(setting.where, ("", None))[0]
            kept = {**memory.kept, setting.where: (bundle, value)}
            if setting.first is not None and setting.write(value) == setting.write(setting.first):
                del kept[setting.where]
            memory = replace(memory, kept=kept)
            if text := setting.text(value):
                link[setting.linked] = text
        return memory, link

    def wrote(self, link: Address) -> Memory:
        """Once a link was written to the address."""
        return replace(self, written=(*self.written, dict(link))[-_MOST_WRITTEN:])

    def elsewhere(self, settings: Iterable[Setting]) -> dict[str, Any]:
        """What some settings are on other pages, by name."""
        return {setting.name: self._held(setting, None, {}) for setting in settings}

    def _wished(self, settings: Iterable[Setting]) -> tuple[dict[str, Any], tuple[str, ...]]:
        values, rejected = {}, []
        for setting in settings:
            values[setting.name] = setting.default
            if self.wish and setting.linked in self.wish:
                try:
                    values[setting.name] = setting.read(self.wish[setting.linked])
                except NONSENSE:
                    rejected.append(setting.linked)
        return values, tuple(rejected)

    def _known(self, setting: Setting) -> Any:
        begins = setting.default if setting.first is None else setting.first
        return self.kept[setting.where][1] if setting.where in self.kept else begins

    def _held(self, setting: Setting, bundle: str | None, widgets: Widgets) -> Any:
        """The value of before, where it makes sense in this bundle."""
        before = self.kept.get(setting.where, (bundle, None))[0]
        if setting.of_bundle and bundle is not None and before != bundle:
            return setting.default
        value = self._taken(setting, self._known(setting), widgets)
        # What was typed for this bundle stays, though no link may name it.
        return value if (setting.of_bundle and bundle is not None) or setting.fits(value) else setting.default

    def _taken(self, setting: Setting, known: Any, widgets: Widgets) -> Any:
        """A value with what its widgets hold instead."""
        parts = setting.split(known)
        keys = {part: self.key(setting.name, part) for part in parts}
        now = {part: widgets[key] if (key := keys[part]) in widgets else parts[part] for part in parts}
        return known if now == parts else setting.join(now)

    def _given(self, setting: Setting, value: Any, bundle: str, widgets: Widgets) -> Memory:
        rounds = dict(self.rounds)
        if self._taken(setting, value, widgets) != value:
            for part, wanted in setting.split(value).items():
                if (key := self.key(setting.name, part)) in widgets and widgets[key] != wanted:
                    rounds[setting.name, part] = rounds.get((setting.name, part), 0) + 1
        return replace(self, rounds=rounds, kept={**self.kept, setting.where: (bundle, value)})
