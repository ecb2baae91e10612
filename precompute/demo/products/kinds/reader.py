"""One kind of product, its words, its attributes and how shoppers ask for it; and the TOML files that describe kinds.

A file has a table a kind, `[kinds.mug]`, whose keys are the fields of `Kind`; one with a default may be left out. What
stands above the first kind holds for every kind of the file that does not say otherwise.
"""

import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERNS
from sqid_core.errors import InputError


@dataclass(frozen=True)
class Kind:
    """One kind of product.

    nouns: what sellers and most shoppers call it, the plainest first.
    related: other words that lead here: near synonyms, things done with it, parts of it.
    uses: phrases that ask for it without naming it.
    variants: shape variant -> the words for it; visible in the picture unless the drawing says otherwise.
    details: further things that titles tell; of each group one at most (there is one size only).
    goes_with: the kinds that shoppers buy beside it: its complements.
    facet_words: value of the kind's own attribute -> the words for it (a book's genre, a poster's subject).
    facet_preposition: what joins the noun and such a word: a book about sailing, a poster of mountains.
    visible_facet: whether the picture shows it, as the drawing's tests ask.
    asked: attribute -> how often a shopper's query mentions it.
    omitted: how often a title leaves out a visible attribute.
    """

    name: str
    category: str
    nouns: tuple[str, ...]
    related: tuple[str, ...]
    uses: tuple[str, ...]
    variants: dict[str, tuple[str, ...]]
    materials: dict[str, tuple[str, ...]]
    brands: tuple[str, ...]
    details: tuple[tuple[str, ...], ...]
    price: tuple[float, float]
    patterns: tuple[str, ...] = PATTERNS
    colours: tuple[str, ...] = tuple(COLOUR_WORDS)
    goes_with: tuple[str, ...] = ()
    facet_name: str = ""
    facet_preposition: str = "about"
    facet_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    visible_facet: bool = False
    asked: dict[str, float] = field(
        default_factory=lambda: {"variant": 0.28, "colour": 0.42, "pattern": 0.32, "material": 0.42, "brand": 0.36}
    )
    omitted: float = 0.6

    @property
    def facets(self) -> tuple[str, ...]:
        """The values of the kind's own attribute; one empty value where it has none."""
        return tuple(self.facet_words) or ("",)


TABLES = dict[str, dict[str, Any]]
TYPES = {name: expected for name, expected in get_type_hints(Kind).items() if name != "name"}
NEEDED = [f.name for f in fields(Kind) if f.name in TYPES and f.default is MISSING and f.default_factory is MISSING]


def read_kinds(path: Path) -> list[Kind]:
    """The kinds of a file, in its order. Raises InputError, a sentence that tells where, what and what is expected."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is no TOML file ({error})") from None
    if "kinds" not in content:
        raise InputError(f"{path.name} lacks 'kinds', expected {_told(TABLES)}")
    tables = _checked(content.pop("kinds"), TABLES, f"{path.name}: kinds")
    return [_kind(name, content | table, f"{path.name}: {name}") for name, table in tables.items()]


def _kind(name: str, table: dict[str, Any], where: str) -> Kind:
    for key in sorted(table.keys() - TYPES.keys()):
        raise InputError(f"{where} has the unknown key {key!r}, expected some of {', '.join(TYPES)}")
    for key in NEEDED:
        if key not in table:
            raise InputError(f"{where} lacks {key!r}, expected {_told(TYPES[key])}")
    return Kind(name, **{key: _checked(value, TYPES[key], f"{where}.{key}") for key, value in table.items()})


def _checked(value: Any, expected: Any, where: str) -> Any:
    """The value, its lists as tuples. expected: a type of Kind's fields. Raises InputError where it is of another."""
    outer, inner = get_origin(expected), get_args(expected)
    if outer is tuple and isinstance(value, list):
        types = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(types) == len(value):
            return tuple(_checked(value[i], one, f"{where}[{i}]") for i, one in enumerate(types))
    elif outer is dict and isinstance(value, dict):
        return {key: _checked(part, inner[1], f"{where}.{key}") for key, part in value.items()}
    elif expected is Any or type(value) in ((int, float) if expected is float else (expected,)):
        return value
    raise InputError(f"{where} is {value!r}, expected {_told(expected)}")


def _told(expected: Any, many: bool = False) -> str:
    """The type in words: "a list of texts"; many: "lists of texts"."""
    names = {str: ("a text", "texts"), float: ("a number", "numbers"), bool: ("true or false", ""), Any: ("", "values")}
    inner = get_args(expected)
    if not inner:
        return names[expected][many]
    if get_origin(expected) is dict:
        return f"{'tables' if many else 'a table'} of {_told(inner[1], many=True)}"
    count = "" if inner[-1] is Ellipsis else f"{len(inner)} "
    return f"{'lists' if many else 'a list'} of {count}{_told(inner[0], many=True)}"
