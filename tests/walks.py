"""How many files somebody opens who follows a datum through the code: counted from the source, without running it.

    python tests/walks.py [--tree FOLDER] [--functions]

The rule. A walk begins in the entry function and reads it from top to bottom. It enters a function of the project where

* it is called, or handed on to be called, with an argument that holds the datum or was made from it (which parameters
  hold it at the entry is said below), and
* what it returns is used, or the sink is reached through it: a call that stands alone for its effect, such as a check
  or a caption, is passed by.

In the function that was entered it goes on in the same way, each function once, and it ends at the sink. Of an `if`
both branches are read, unless the journey's facts decide it; what is raised, and what is done after an error, is not on
the way. Properties are read as values, and a protocol's empty methods hold nothing to read. Functions that are looked
up in a table while the program runs are not followed, so a journey through one, or through a file on disk, has a leg on
each side of it. Types come from annotations; Streamlit and other libraries are no part of the project.

files: distinct files with a function that was entered. functions: those functions. returns: how often the walk comes
back to a file that it had left.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from source_reader import Reader
from source_tree import Project, Ref, is_stub

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Leg:
    """A part of a journey.

    entry, sink: names of places below. holding: the entry's parameters that hold the datum. facts: of a name,
    of a function that is asked, or of a text that something is compared with or asked for, whether it is there on this
    journey. past: functions that
    are entered and not read, as the datum does not go through them.
    """

    entry: str
    sink: str
    holding: tuple[str, ...]
    facts: Mapping[str, bool] = field(default_factory=dict)
    past: tuple[str, ...] = ()


# Where a journey passes: first where that lies now, then where it lay at commit bb4691c.
PLACES: dict[str, tuple[str, ...]] = {
    "search page": ("sqid_ui.search.page:show", "ui.views:show"),
    "board": ("sqid_ui.parts.board:fusion_board", "ui.fusion_board:fusion_board"),
    "import": ("precompute.steps.import_:import_esci", "precompute.import_:run"),
    "tables written": (
        "sqid_core.bundle.write:BundleWriter.write_tables",
        "sqid_core.bundle_writer:BundleWriter.write_tables",
    ),
    "bundle of a page": ("sqid_ui.caches.bundles:dataset", "ui.resources:dataset"),
    "judgements read": ("sqid_core.bundle.judgements:Judgements.from_frame", "sqid_core.judgements:padded_judgements"),
    "Evaluate": ("sqid_ui.analysis.evaluate.methods_table:show_view", "ui.analysis.evaluate.table:show_view"),
    "numbers shown": ("sqid_ui.parts.show:numbers", "ui.analysis.show:numbers"),
    "images": ("precompute.steps.images:store_images", "precompute.images.verb:run"),
    "pictures written": (
        "sqid_core.bundle.write:BundleWriter.write_pictures",
        "sqid_core.bundle_writer:BundleWriter.write_pictures",
    ),
    "bundle read": ("sqid_core.bundle.load:load_bundle", "sqid_core.bundle:load_bundle"),
    "pictures read": ("sqid_core.bundle.shown_pictures:shown_pictures", "sqid_core.pictures:shown_pictures"),
    "board's data": ("sqid_ui.parts.board.data:board_data", "ui.fusion_board.data:board_data"),
    "card": ("sqid_ui.parts.picture_addresses:picture_address", "ui.pictures:picture_address"),
}
# What asks for the one method that also compares a product's own text with its picture: by its properties, and at
# bb4691c by its name.
_OWN = ("needs_own", "needs_one_space", "embedding average")
# A text that nobody judged, fused as usual; no product is pulled or marked.
_TYPED = dict.fromkeys(("text", "searches_catalogue"), True) | dict.fromkeys(
    ("by_picture", "like", "upload", "query_id", "labels", "judging", "pull", "mark", "area", "is_served", *_OWN), False
)
# ESCI's two files alone, without pictures or vectors, and the chosen fusion as usual.
_PLAIN = dict.fromkeys(("image_urls", "categories", "query_features", "features", "sources", "all", *_OWN), False)
JOURNEYS: dict[str, tuple[Leg, ...]] = {
    "a typed query, from the page to the board": (Leg("search page", "board", ("settings",), _TYPED),),
    "a judgement row, from the file to Evaluate": (
        Leg("import", "tables written", ("files", "args"), _PLAIN),
        Leg("bundle of a page", "judgements read", ("folder",)),
        Leg("Evaluate", "numbers shown", ("asked",), _PLAIN),
    ),
    "a picture, from its address to the card": (
        Leg("images", "pictures written", ("bundle", "args"), past=("bundle read",)),
        Leg("bundle of a page", "pictures read", ("folder",)),
        Leg("board's data", "card", ("products", "board")),
    ),
}


def callers(project: Project) -> dict[Ref, set[Ref]]:
    """Who calls or hands on each function, whatever it is given."""
    found: dict[Ref, set[Ref]] = {}
    for module in project.modules.values():
        for name, function in module.functions.items():
            ref = Ref(module.name, name)
            every = [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]

            def note(callee: Ref, _: frozenset[str], ref: Ref = ref) -> None:
                found.setdefault(callee, set()).add(ref)

            Reader(project, ref, every, note, lambda _: True, lambda: False, {})
    return found


def walk(project: Project, leg: Leg, calling: dict[Ref, set[Ref]]) -> list[Ref]:
    """The functions of a leg in the order in which they are entered, its sink last. Raises ValueError where it is not
    reached."""
    entry, sink = _named(project, leg.entry), _named(project, leg.sink)
    leading, todo = {sink}, [sink]
    while todo:
        new = calling.get(todo.pop(), set()) - leading
        leading |= new
        todo += new
    entered: list[Ref] = []
    past = [_named(project, each) for each in leg.past]

    def enter(ref: Ref, holding: frozenset[str]) -> None:
        if ref in entered or sink in entered:
            return
        function = project.function(ref)
        if ref == sink or (function is not None and not is_stub(function)):
            entered.append(ref)
        if ref != sink and ref not in past and function is not None:
            Reader(project, ref, holding, enter, leading.__contains__, lambda: sink in entered, leg.facts)

    enter(entry, frozenset(leg.holding))
    if sink not in entered:
        raise ValueError(f"the walk from {leg.entry} does not reach {leg.sink}")
    return entered


def _named(project: Project, place: str) -> Ref:
    """The function or class, `module:name` or `module:Class.name`, of the first of a place's names that is there."""
    for name in PLACES[place]:
        module, _, inside = name.partition(":")
        ref = Ref(module, inside)
        if module in project.modules and (project.function(ref) or project.klass(ref)):
            return ref
    raise ValueError(f"the tree has none of {', '.join(PLACES[place])}")


def stays_of(project: Project, legs: Iterable[Leg], calling: dict[Ref, set[Ref]]) -> list[Ref]:
    """All legs, one behind the other."""
    return [ref for leg in legs for ref in walk(project, leg, calling)]


def counted(project: Project, stays: Sequence[Ref]) -> tuple[list[str], int, int]:
    """(files in the order in which they are opened, functions, returns)."""
    found = [project.modules[ref.module].path for ref in stays]
    opened = list(dict.fromkeys(found))
    changes = sum(before != after for before, after in pairwise(found))
    return opened, len(set(stays)), changes + 1 - len(opened)


def main() -> None:
    """Prints the journeys of a tree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="FOLDER", help="a checkout (default: this)")
    parser.add_argument("--functions", action="store_true", help="name every function that is entered")
    options = parser.parse_args()
    project = Project(options.tree)
    calling = callers(project)
    for name, legs in JOURNEYS.items():
        stays = stays_of(project, legs, calling)
        opened, functions, returns = counted(project, stays)
        print(f"{name}: {len(opened)} files, {functions} functions, {returns} returns")
        for path in opened:
            inside = dict.fromkeys(ref.name for ref in stays if project.modules[ref.module].path == path)
            print(f"  {path}" + (f": {', '.join(inside)}" if options.functions else ""))


if __name__ == "__main__":
    main()
