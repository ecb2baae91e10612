"""Categories of products from other people's files: ESCI-S's JSON lines, or a table of two columns."""

from __future__ import annotations

import io
import json
import lzma
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from precompute.read.category_paths import category_path
from precompute.read.packed import head_of, packing_of, unpacked
from precompute.read.raw_files import column_names, read_batches, text
from precompute.work.progress import Counter, Progress, quiet
from sqid_core.errors import InputError

# What the fields are called, the likeliest first. ESCI-S: asin, category (a list from wide to narrow), locale.
ID_NAMES = ("product_id", "asin", "id", "item_id")
CATEGORY_NAMES = ("category", "categories", "category_path", "product_category", "breadcrumbs", "department")
# Where ESCI-S has a picture's address; of books in the second.
ADDRESS_NAMES = ("image_url", "image", "img")
_LOCALE_NAMES = ("locale", "product_locale")
_QUOTED_ID = re.compile(rb'"(?:product_id|asin|id|item_id)"\s*:\s*"([^"\\]*)"')
_LINES_A_STEP = 1000
_BOM = b"\xef\xbb\xbf"


def read_categories(
    path: Path, locales: Mapping[str, str | None], names: tuple[str, str] | None, progress: Progress = quiet
) -> dict[str, str]:
    """The category path of each product that the file has one for.

    locales: the wanted product ids with their locale, None where unknown; a record of another locale does not count.
    names: the columns of the id and the category; looked for if None. Raises InputError.
    """
    if not is_json(path):
        return _from_table(path, locales, names)
    ids, fields = ((names[0],), (names[1],)) if names else (ID_NAMES, CATEGORY_NAMES)
    return read_fields(path, locales, fields, category_path, ids, progress)


def is_json(path: Path) -> bool:
    """Whether a file holds JSON lines, packed or not. Raises InputError for no file."""
    return head_of(path, packing_of(path)).removeprefix(_BOM).lstrip().startswith((b"{", b"["))


def _address(value: Any) -> str | None:
    """The first address of one or several."""
    value = value[0] if isinstance(value, list) and value else value
    return value.strip() or None if isinstance(value, str) else None


# --- JSON lines ---


def read_fields(
    path: Path,
    locales: Mapping[str, str | None],
    fields: Sequence[str],
    read: Callable[[Any], str | None] = _address,
    ids: Sequence[str] = ID_NAMES,
    progress: Progress = quiet,
) -> dict[str, str]:
    """What JSON lines say in the first of the fields that says something, by product.

    locales: as for `read_categories`. read: makes a text of a field's value, None of one that says nothing.
    """
    wanted = {product.encode() for product in locales}
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path, packing_of(path), progress), start=1):
        # Nine of ten records of the real file are of other products, and parsing is what takes the time.
        quoted = _QUOTED_ID.findall(line) if ids is ID_NAMES else ()
        if (quoted and wanted.isdisjoint(quoted)) or not line.strip():
            continue
        record = _record(line, number, path)
        product = _first(record, ids)
        locale = locales.get(product) if isinstance(product, str) else None
        if not isinstance(product, str) or product not in locales or product in found:
            continue
        if locale and _first(record, _LOCALE_NAMES) not in (None, locale):
            continue
        text = next((text for name in fields if (text := read(record.get(name))) is not None), None)
        if text is not None:
            found[product] = text
    return found


def _lines(path: Path, packing: str | None, progress: Progress) -> Iterator[bytes]:
    """The lines of a file, unpacked as they are read."""
    size, read = path.stat().st_size, 0
    with Counter(progress, f"reading {path.name}", size, "bytes") as counter:
        try:
            with unpacked(path, packing) as stream:
                for number, line in enumerate(io.BufferedReader(stream, 1 << 20)):
                    if number % _LINES_A_STEP == 0 and packing is None:
                        counter.advance(stream.tell() - read)
                        read = stream.tell()
                    yield line
        except (pa.ArrowException, OSError, EOFError, lzma.LZMAError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"{path} cannot be unpacked ({reason}); fetch it again, or unpack it yourself and give the .json"
            ) from None
        counter.advance(size - read)


def _record(line: bytes, number: int, path: Path) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise InputError(f"line {number} of {path} is no JSON object; expected one product a line, as in ESCI-S")
    return record


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


# --- tables ---


def _from_table(path: Path, locales: Mapping[str, str | None], names: tuple[str, str] | None) -> dict[str, str]:
    product, category = names or _table_columns(path)
    found: dict[str, str] = {}
    for batch in read_batches(path, (product, category)):
        ids = text(batch[product], path, product).to_pylist()
        for one, value in zip(ids, batch[category].to_pylist(), strict=True):
            read = category_path(value) if one in locales else None
            if read is not None and found.setdefault(one, read) != read:
                raise InputError(f"{path} has the product {one} twice, with two categories; keep one row a product")
    return found


def _table_columns(path: Path) -> tuple[str, str]:
    known = column_names(path)
    product = next((name for name in ID_NAMES if name in known), None)
    category = next((name for name in CATEGORY_NAMES if name in known), None)
    if product and category:
        return product, category
    if len(known) == 2:
        return known[0], known[1]
    raise InputError(
        f"{path} has the columns {', '.join(known)}; say with --id-column and --category-column which two to read"
    )
