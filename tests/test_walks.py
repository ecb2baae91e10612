"""Walks through the source: the rule on a small project, and the journeys of this one."""

from __future__ import annotations

from pathlib import Path

import pytest
import walks
from source_tree import Project, Ref
from walks import JOURNEYS, ROOT, Leg, callers, counted, stays_of, walk

FILES = {
    "ui/__init__.py": "",
    "ui/page.py": """
from sqid_core import asked
from sqid_core.asked import Asked, vector
from ui import board, words

def show(settings: Asked, other: str) -> None:
    words.caption(settings)
    words.told(other)
    if settings.slate:
        rows = words.slate(settings)
    else:
        rows = [asked.scored(each) for each in settings.parts()]
    if not rows:
        raise ValueError(words.sentence(settings))
    found = list(map(vector, rows))
    board.draw(found)
    words.afterwards(found)
""",
    "ui/words.py": "\n".join(
        f"def {name}(given):\n    return given\n" for name in ("caption", "told", "slate", "sentence", "afterwards")
    ),
    "ui/board.py": "from ui.mount import mount\n\ndef draw(data) -> None:\n    mount(data)\n",
    "ui/mount.py": "def mount(data) -> None:\n    ...\n",
    "sqid_core/__init__.py": "",
    "sqid_core/asked.py": """
from sqid_core import deep

class Asked:
    @property
    def slate(self) -> bool:
        return deep.never(self)

    def parts(self) -> list[str]:
        return deep.split(self)

def scored(part: str) -> str:
    return deep.measured(part)

def vector(row):
    return row
""",
    "sqid_core/deep.py": "\n".join(
        f"def {name}(given):\n    return given\n" for name in ("never", "split", "measured")
    ),
}  # fmt: skip
PLACES = {
    "page": ("gone.page:show", "ui.page:show"),
    "mount": ("ui.mount:mount",),
    "scored": ("sqid_core.asked:scored",),
    "caption": ("ui.words:caption",),
    "nowhere": ("ui.page:hide",),
}
LEG = Leg("page", "mount", ("settings",))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(walks, "PLACES", PLACES)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Project(tmp_path)


def test_a_walk_follows_the_datum_alone_and_ends_at_the_sink(small: Project) -> None:
    stays = walk(small, LEG, callers(small))
    assert [f"{ref.module}:{ref.name}" for ref in stays] == [
        "ui.page:show",
        "ui.words:slate",
        "sqid_core.asked:Asked.parts",
        "sqid_core.deep:split",
        "sqid_core.asked:scored",
        "sqid_core.deep:measured",
        "sqid_core.asked:vector",
        "ui.board:draw",
        "ui.mount:mount",
    ]
    files, functions, returns = counted(small, stays)
    assert (len(files), functions, returns) == (6, 9, 3)


def test_facts_decide_a_branch_and_past_is_not_read(small: Project) -> None:
    leg = Leg(LEG.entry, LEG.sink, LEG.holding, {"slate": False}, past=("scored",))
    stays = walk(small, leg, callers(small))
    assert Ref("ui.words", "slate") not in stays
    assert Ref("sqid_core.asked", "scored") in stays
    assert Ref("sqid_core.deep", "measured") not in stays


def test_a_sink_that_is_not_reached_is_an_error(small: Project) -> None:
    with pytest.raises(ValueError, match="does not reach"):
        walk(small, Leg("caption", LEG.sink, ("given",)), callers(small))
    with pytest.raises(ValueError, match="none of"):
        walk(small, Leg("nowhere", LEG.sink, ()), callers(small))


# Files that a walk may open; hostile files, packed tables, honest intervals, mixes, learned signals and other people's
# formats cost thirteen and three of them, vectors of two types one each, texts encoded together and the log two. At
# commit bb4691c this script counts 19, 27 and 22; by hand 19, 26 and 14.
MOST = {
    "a typed query, from the page to the board": 12,
    "a judgement row, from the file to Evaluate": 42,
    "a picture, from its address to the card": 27,
}


def test_no_walk_opens_more_files_than_it_does_now() -> None:
    project = Project(ROOT)
    calling = callers(project)
    found = {name: len(counted(project, stays_of(project, legs, calling))[0]) for name, legs in JOURNEYS.items()}
    assert found.keys() == MOST.keys()
    assert all(found[name] <= most for name, most in MOST.items()), found
