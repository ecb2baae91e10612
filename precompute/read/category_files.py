"""Categories of products from other people's files: ESCI-S's JSON lines, or a table of two columns."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from precompute.read.raw_files import column_names, read_batches, text
from precompute.work.progress import Counter, Progress, quiet
from sqid_core.bundle.departments import SEPARATOR
from sqid_core.errors import InputError

# What the fields are called, the likeliest first. ESCI-S: asin, category (a list from wide to narrow), locale.
ID_NAMES = ("product_id", "asin", "id", "item_id")
CATEGORY_NAMES = ("category", "categories", "category_path", "product_category", "breadcrumbs", "department")
_LOCALE_NAMES = ("locale", "product_locale")
_PART_NAMES = ("name", "title", "category")
_MAGIC = {b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x8b": "gzip"}
_SEPARATORS = re.compile(r"\s*[>›»|]\s*")
_QUOTED_ID = re.compile(rb'"(?:product_id|asin|id|item_id)"\s*:\s*"([^"\\]*)"')
_LINES_A_STEP = 1000


def read_categories(
    path: Path, locales: Mapping[str, str | None], names: tuple[str, str] | None, progress: Progress = quiet
) -> dict[str, str]:
    """The category path of each product that the file has one for.

    locales: the wanted product ids with their locale, None where unknown; a record of another locale does not count.
    names: the columns of the id and the category; looked for if None. Raises InputError.
    """
    packing = _packing(path)
    if packing is None and not _starts_like_json(path):
        return _from_table(path, locales, names)
    return _from_json_lines(path, packing, locales, names, progress)


def category_path(value: Any) -> str | None:
    """A category as a path from wide to narrow, whatever it was written as: a text with > between the levels, a list of
    names, a list of such lists (the first counts), or objects with a name. None where nothing is left."""
    parts = [html.unescape(part).strip() for part in _parts(value)]
    return SEPARATOR.join(part for part in parts if part) or None


def _parts(value: Any) -> list[str]:
    if isinstance(value, str):
        # JSON can hold half of a character that needs two, as in a text that was cut off; Parquet cannot.
        return _SEPARATORS.split(value.encode("utf-8", "replace").decode())
    if isinstance(value, Mapping):
        return _parts(next((value[name] for name in _PART_NAMES if name in value), None))
    if isinstance(value, list) and value:
        if isinstance(value[0], list):
            return _parts(value[0])
        return [part for item in value for part in _parts(item)]
    return []


# --- JSON lines ---


def _from_json_lines(
    path: Path,
    packing: str | None,
    locales: Mapping[str, str | None],
    names: tuple[str, str] | None,
    progress: Progress,
) -> dict[str, str]:
    ids, categories = ((names[0],), (names[1],)) if names else (ID_NAMES, CATEGORY_NAMES)
    wanted = {product.encode() for product in locales}
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path, packing, progress), start=1):
        # Nine of ten records of the real file are of other products, and parsing is what takes the time.
        quoted = () if names else _QUOTED_ID.findall(line)
        if (quoted and wanted.isdisjoint(quoted)) or not line.strip():
            continue
        record = _record(line, number, path)
        product = _first(record, ids)
        locale = locales.get(product) if isinstance(product, str) else None
        if not isinstance(product, str) or product not in locales or product in found:
            continue
        if locale and _first(record, _LOCALE_NAMES) not in (None, locale):
            continue
        category = category_path(_first(record, categories))
        if category is not None:
            found[product] = category
    return found


def _lines(path: Path, packing: str | None, progress: Progress) -> Iterator[bytes]:
    """The lines of a file, unpacked as they are read."""
    size, read = path.stat().st_size, 0
    with pa.OSFile(str(path)) as raw, Counter(progress, f"reading {path.name}", size, "bytes") as counter:
        try:
            stream = raw if packing is None else pa.CompressedInputStream(raw, packing)
            for number, line in enumerate(io.BufferedReader(stream, 1 << 20)):
                if number % _LINES_A_STEP == 0:
                    counter.advance(raw.tell() - read)
                    read = raw.tell()
                yield line
        except (pa.ArrowException, OSError) as error:
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


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _packing(path: Path) -> str | None:
    """How the file is compressed, by its first bytes. Raises InputError for no file, and where nothing unpacks it."""
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file; check the path")
    with path.open("rb") as file:
        start = file.read(4)
    packing = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
    if packing is not None and not pa.Codec.is_available(packing):
        raise InputError(f"{path} is packed with {packing}, which this pyarrow cannot read; unpack it and try again")
    return packing


def _starts_like_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


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
