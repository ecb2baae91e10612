"""The files that describe the demo's kinds: what the reader makes of one, and what it says of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.demo.products.kinds import DEPARTMENTS, KINDS, reader
from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERNS
from precompute.demo.products.kinds.reader import read_kinds
from sqid_core.errors import InputError

SPOONS = """
brands = ["Emberly", "Verano"]

[kinds.spoon]
category = "Kitchen > Spoons"
nouns = ["spoon", "tea spoon"]
related = ["cutlery"]
uses = ["to stir"]
details = [["small", "large"], ["set of 2"]]
price = [3, 9.5]

[kinds.spoon.variants]
flat = ["flat", "shallow"]

[kinds.spoon.materials]
steel = ["steel"]

[kinds."soup ladle"]
category = "Kitchen > Ladles"
nouns = ["ladle"]
related = ["cutlery"]
uses = ["to serve soup"]
brands = ["Kilnhaus"]
patterns = ["plain"]
details = [["large"]]
price = [5, 20]
asked = { colour = 0.5 }
variants = { deep = ["deep"] }
materials = { steel = ["steel"] }
"""


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        path = tmp_path / "spoons.toml"
        path.write_text(text, encoding="utf-8")
        return read_kinds(path)

    return read


def test_kinds_come_as_they_stand_with_the_files_own_values_and_the_defaults(read):
    spoon, ladle = read(SPOONS)
    assert (spoon.name, ladle.name) == ("spoon", "soup ladle")
    assert spoon.details == (("small", "large"), ("set of 2",))
    assert spoon.variants == {"flat": ("flat", "shallow")}
    assert spoon.price == (3, 9.5)
    assert (spoon.brands, ladle.brands) == (("Emberly", "Verano"), ("Kilnhaus",))
    assert (spoon.patterns, ladle.patterns) == (PATTERNS, ("plain",))
    assert spoon.colours == tuple(COLOUR_WORDS)
    assert spoon.facets == ("",)
    assert ladle.asked == {"colour": 0.5}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('related = ["cutlery"]\nuses = ["to stir"]', "uses = []", "spoon lacks 'related', expected a list of texts"),
        ("[kinds.spoon.materials]", "[kinds.spoon.stuff]", "spoon has the unknown key 'stuff', expected some of cate"),
        ('brands = ["Emberly", "Verano"]', 'brand = ["Emberly"]', "spoon has the unknown key 'brand', expected some"),
        ('["spoon", "tea spoon"]', '"spoon"', "spoon.nouns is 'spoon', expected a list of texts"),
        ('["spoon", "tea spoon"]', '["spoon", 7]', r"spoon.nouns\[1\] is 7, expected a text"),
        ('[["small", "large"], ["set of 2"]]', '["small"]', r"spoon.details\[0\] is 'small', expected a list of texts"),
        ('[["small", "large"], ["set of 2"]]', "{}", "spoon.details is {}, expected a list of lists of texts"),
        ("[3, 9.5]", "[3]", r"spoon.price is \[3\], expected a list of 2 numbers"),
        ("[3, 9.5]", "[3, true]", r"spoon.price\[1\] is True, expected a number"),
        ('flat = ["flat", "shallow"]', 'flat = "flat"', "spoon.variants.flat is 'flat', expected a list of texts"),
        ('{ deep = ["deep"] }', '["deep"]', r"ladle.variants is \['deep'\], expected a table of lists of texts"),
        ("{ colour = 0.5 }", '{ colour = "often" }', "ladle.asked.colour is 'often', expected a number"),
        ("price = [5, 20]", "price = [5, 20]\nvisible_facet = 1", "visible_facet is 1, expected true or false"),
        (SPOONS, "[kind.spoon]", "lacks 'kinds', expected a table of tables"),
        (SPOONS, "kinds = 3", "kinds is 3, expected a table of tables"),
        (SPOONS, "[kinds", " is no TOML file"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_what_is_expected(read, right, wrong, said):
    assert right in SPOONS
    with pytest.raises(InputError, match=rf"^spoons\.toml.*{said}") as error:
        read(SPOONS.replace(right, wrong))
    assert "\n" not in str(error.value)


def test_every_department_beside_the_reader_is_read():
    folder = Path(reader.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} == set(DEPARTMENTS)
    names = [kind.name for department in DEPARTMENTS for kind in read_kinds(folder / f"{department}.toml")]
    assert list(KINDS) == names
    assert len(set(names)) == len(names)
