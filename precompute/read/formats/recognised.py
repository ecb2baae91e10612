"""The table of formats: how each file of each is known, and read as a plain table under our names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from precompute.read.formats.any_table import any_table
from precompute.read.formats.beir import read_corpus
from precompute.read.formats.column_aliases import NEEDED, Role, has_what_is_needed, in_our_names, our_names
from precompute.read.formats.elastic import is_rank_eval, read_rank_eval
from precompute.read.formats.opensearch import is_judgement_list, read_judgement_list
from precompute.read.formats.qrels_text import is_qrels, is_topics, read_qrels_text, read_topics
from precompute.read.formats.quepid import first_row, is_quepid, read_quepid
from precompute.read.formats.ranx import read_ranx_qrels
from precompute.read.json_files import begins_as_json, first_object
from precompute.read.plain_table import PlainTable
from precompute.read.raw_files import column_names
from precompute.read.text_lines import first_lines
from sqid_core.errors import InputError

WANDS_LABELS = "Exact=1,Partial=0.5,Irrelevant=0"


@dataclass(frozen=True)
class Look:
    """What a file's beginning shows. names: of its columns, or of the fields of its first object. nested: whether each
    of these is an object itself."""

    lines: Sequence[str]
    is_json: bool
    names: Sequence[str]
    nested: bool = False


@dataclass(frozen=True)
class Shape:
    """How the file of a role is in a format. is_it: by its beginning. expected: in words. read: as a plain table with
    our columns, but for those that have a usual other name; None where any table is."""

    is_it: Callable[[Look], bool]
    expected: str
    read: Callable[[Path], PlainTable] | None = None


@dataclass(frozen=True)
class Family:
    """A format. shapes: of the roles that have one of their own; other roles are tables. members: where a folder of it
    keeps the file of a role, the likeliest first. labels: its scale, None where the file's own grades are one."""

    about: str
    shapes: Mapping[Role, Shape]
    members: Mapping[Role, Sequence[str]] = field(default_factory=dict)
    labels: str | None = None


def _with_columns(needed: Collection[str], look: Look) -> bool:
    return {name.lower() for name in look.names} >= set(needed)


def _columns(*needed: str) -> Shape:
    return Shape(partial(_with_columns, needed), f"the columns {', '.join(needed)}")


def _has_texts(look: Look) -> bool:
    """BEIR calls an id _id, newer sets of MTEB call it id."""
    return _with_columns(("text",), look) and ("_id" in look.names or "id" in look.names)


def _read_list(path: Path) -> PlainTable:
    return read_judgement_list(path) if begins_as_json(path) else read_quepid(path)


def _is_list(look: Look) -> bool:
    return is_judgement_list(dict.fromkeys(look.names)) if look.is_json else is_quepid(look.names)


_QRELS = Shape(lambda look: is_qrels(look.lines), "lines of query_id 0 product_id grade", read_qrels_text)
_TOPICS = Shape(lambda look: is_topics(look.lines), "lines of query_id, a tab, and the query's text", read_topics)
_BOOK = Shape(lambda look: not look.is_json and is_quepid(look.names), "CSV with query, docid and ratings", read_quepid)
_LIST = Shape(_is_list, "JSON with judgmentRatings, or CSV with query, docid, rating", _read_list)
_EVALUATION = Shape(
    lambda look: look.is_json and is_rank_eval(dict.fromkeys(look.names)), "JSON with requests", read_rank_eval
)
_GRADES = Shape(lambda look: look.nested, "JSON with an object of grades for each query", read_ranx_qrels)
_QRELS_NAMES = ("query-id", "corpus-id", "score")
FAMILIES: dict[str, Family] = {
    "beir": Family(
        "BEIR or MTEB",
        {
            "products": Shape(_has_texts, "_id and text", read_corpus),
            "queries": Shape(_has_texts, "_id and text"),
            "judgements": _columns(*_QRELS_NAMES),
        },
        {
            "products": ("corpus.jsonl", "corpus.jsonl.gz", "corpus/*", "data/corpus-*", "corpus.parquet"),
            "queries": ("queries.jsonl", "queries.jsonl.gz", "queries/*", "data/queries-*", "queries.parquet"),
            "judgements": ("qrels/test.*", "qrels/dev.*", "qrels/*", "default/test*", "data/default-*", "test.*"),
        },
    ),
    "trec": Family("TREC", {"queries": _TOPICS, "judgements": _QRELS}),
    "quepid": Family("Quepid", {"judgements": _BOOK}),
    "opensearch": Family("OpenSearch", {"judgements": _LIST}),
    "elastic": Family("Elasticsearch", {"judgements": _EVALUATION}),
    "ranx": Family("ranx", {"judgements": _GRADES}),
    "wands": Family(
        "WANDS",
        {
            "products": _columns("product_id", "product_name"),
            "queries": _columns("query_id", "query"),
            "judgements": _columns("query_id", "product_id", "label"),
        },
        {
            "products": ("product.csv", "dataset/product.csv"),
            "queries": ("query.csv", "dataset/query.csv"),
            "judgements": ("label.csv", "dataset/label.csv"),
        },
        labels=WANDS_LABELS,
    ),
}


def read_role(
    path: Path, role: Role, family: str = "", columns: Mapping[str, str] = MappingProxyType({})
) -> PlainTable:
    """A file as a plain table under our names, in the format that is named, else the one that its content shows.

    columns: theirs: ours; a file that has one of them is read as a plain table. Raises InputError.
    """
    is_table = bool(columns) and any(theirs in columns for theirs in names_of(path))
    shape = None if is_table else _shape(path, role, family, _look(path, role))
    if shape is not None and shape.read is not None:
        table = shape.read(path)
    else:
        table = any_table(path, packed=role == "judgements")
    return _checked(in_our_names(table.renamed(columns) if is_table else table, role), role)


def names_of(path: Path) -> Sequence[str]:
    """The columns of a table, or the fields of the first object of JSON. Raises InputError."""
    if begins_as_json(path):
        return list(first_object(path))
    # Quepid's rows may be shorter than the first, which no reader of tables takes.
    head = first_row(first_lines(path, 1))
    return head if is_quepid(head) else column_names(path)


def member(folder: Path, role: Role, family: str) -> Path | None:
    """The file of a role in a folder of a format. Raises InputError where several could be meant."""
    for pattern in FAMILIES[family].members.get(role, ()):
        found = sorted(path for path in folder.glob(pattern) if path.is_file())
        if len(found) > 1:
            raise InputError(
                f"{folder} holds several files of {role} ({', '.join(path.name for path in found[:5])}); name one with "
                f"--{role}"
            )
        if found:
            return found[0]
    return None


def _look(path: Path, role: Role) -> Look:
    lines = first_lines(path)
    is_json = begins_as_json(path)
    is_text = not is_json and (is_qrels(lines) if role == "judgements" else role == "queries" and is_topics(lines))
    return Look(lines, is_json, () if is_text else names_of(path), is_json and _is_nested(path))


def _is_nested(path: Path) -> bool:
    values = first_object(path).values()
    return bool(values) and all(bytes(value).lstrip().startswith(b"{") for value in values)


def _shape(path: Path, role: Role, family: str, look: Look) -> Shape | None:
    """The format's shape of the role; without a format the first that the file's beginning shows. None: a plain table.

    Raises InputError where the file is not as the format has it.
    """
    if family:
        shape = FAMILIES[family].shapes.get(role)
        if shape is None or shape.is_it(look) or (role != "judgements" and _is_usual(look, role)):
            return shape if shape is not None and shape.is_it(look) else None
        raise InputError(
            f"{path} is not as {FAMILIES[family].about} has {role}: expected {shape.expected}; it "
            + ("is of another kind of text" if not look.names else f"has: {', '.join(look.names)[:200]}")
        )
    shapes = (each.shapes[role] for each in FAMILIES.values() if role in each.shapes)
    return next((shape for shape in shapes if shape.is_it(look)), None)


def _is_usual(look: Look, role: Role) -> bool:
    """Whether a table can be read by the usual names of its columns."""
    return has_what_is_needed(our_names(look.names, role), role)


def _checked(table: PlainTable, role: Role) -> PlainTable:
    """Raises InputError for JSON of which nobody knows what it is."""
    if begins_as_json(table.path) and not has_what_is_needed(table.names, role):
        needed = " and ".join("/".join(either) for either in NEEDED[role])
        raise InputError(
            f"{table.path} is JSON of no known format for {role}: it has {', '.join(table.names)[:200] or 'no fields'}"
            f"; expected {needed} in each object, or give --columns theirs=ours"
        )
    return table
