"""A file of rankings in whatever format it is, known by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from precompute.read.json_files import begins_as_json
from precompute.read.packed import head_of, packing_of
from precompute.read.raw_files import column_names
from precompute.read.runs.json_runs import read_json_run
from precompute.read.runs.ranked import Ranked
from precompute.read.runs.table_runs import is_table_run, read_table_run
from precompute.read.runs.text_runs import read_text_run
from precompute.read.text_lines import first_lines, refuse_no_text
from sqid_core.errors import InputError


def read_any_run(
    path: Path,
    queries: Sequence[str],
    is_query: Callable[[str], bool],
    columns: Mapping[str, str],
    told: Callable[[int], None],
) -> Ranked:
    """queries: the bundle's query ids; is_query: whether a word is one of them, or a query's text. columns: theirs:
    ours, for tables. told: gets bytes as they are read. Raises InputError for what is no ranking."""
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file; check the path")
    if begins_as_json(path):
        return read_json_run(path, queries)
    refuse_no_text(path)
    if columns or _is_table(path):
        return read_table_run(path, columns)
    return read_text_run(path, is_query, told)


def _is_table(path: Path) -> bool:
    if head_of(path, packing_of(path)).startswith(b"PAR1"):
        return True
    first = next((line for line in first_lines(path, 3) if not line.startswith("#")), "")
    words = first.replace(",", " ").replace(";", " ").split()
    return is_table_run(words) and is_table_run(column_names(path))
