"""Hostile manifests: see `hostile`."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
Change = Callable[[Path], None]


# --- the manifest, with a fingerprint that is right for whatever it holds ---


def manifest_of(bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    return found


def write_manifest(bundle: Path, data: dict[str, Any]) -> None:
    """With the fingerprint of its content, as far as one can be made, as `Manifest.fingerprint` does it."""
    content = {name: value for name, value in data.items() if name != "fingerprint"}
    if isinstance(content.get("files"), dict):
        content["files"] = dict(sorted(content["files"].items()))
    if isinstance(content.get("encoders"), dict):
        content["encoders"] = dict(sorted(content["encoders"].items()))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    (bundle / MANIFEST).write_text(json.dumps(content | {"fingerprint": digest}), encoding="utf-8")


def true_hashes(bundle: Path) -> None:
    data = manifest_of(bundle)
    for name in data["files"]:
        if (bundle / name).is_file():
            data["files"][name] = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    write_manifest(bundle, data)


def setting(*place: str | int, value: Any) -> Change:
    def change(bundle: Path) -> None:
        data = manifest_of(bundle)
        here: Any = data
        for key in place[:-1]:
            here = here[key]
        here[place[-1]] = value
        write_manifest(bundle, data)

    return change


def edited(edit: Callable[[dict[str, Any]], None]) -> Change:
    def change(bundle: Path) -> None:
        data = manifest_of(bundle)
        edit(data)
        write_manifest(bundle, data)

    return change


OTHER_TYPES = {"none": None, "number": 7, "words": "x", "list": [1], "object": {"a": {}}, "truth": True, "minus": -1.5}
SCALE = ("label_scale",)
SIGNAL = ("signals", "words_text")
ENCODER = ("encoders", "words")
INDEX = {"spec": {"kind": "hnsw", "dim": 24, "count": 60, "m": 16, "ef_construction": 200, "ef": 64}, "measured": {}}


def other_types() -> Iterator[tuple[str, Change]]:
    """Each part of the manifest, of each other type; those that would be right are left out."""
    places: dict[tuple[str | int, ...], set[str]] = {
        ("name",): {"words"},
        ("about",): set(),
        ("about", "title"): {"words"},
        ("counts",): set(),
        ("counts", "products"): set(),
        ("files",): set(),
        ("files", "products.parquet"): set(),
        ("encoders",): set(),
        (*ENCODER,): set(),
        (*ENCODER, "dim"): set(),
        (*ENCODER, "family"): set(),
        ("signals",): set(),
        (*SIGNAL,): set(),
        (*SIGNAL, "modality"): set(),
        (*SIGNAL, "text_fields"): set(),
        (*SIGNAL, "index"): {"none"},
        (*SCALE,): set(),
        (*SCALE, "names"): set(),
        (*SCALE, "colors", 0): {"words"},
        (*SCALE, "gain_tables"): set(),
        (*SCALE, "gain_tables", 0, 1): set(),
        (*SCALE, "gain_tables", 0, 1, 0): {"number"},
        (*SCALE, "relevant_from"): set(),
        ("format_version",): {"number"},
    }
    for place, right in places.items():
        for kind, value in OTHER_TYPES.items():
            if kind not in right:
                yield f"{'.'.join(map(str, place))} is {kind}", setting(*place, value=value)


def index_spec(**changes: Any) -> Change:
    index = copy.deepcopy(INDEX)
    index["spec"].update(changes)
    return setting(*SIGNAL, "index", value=index)


def many_files(count: int) -> Change:
    return edited(lambda data: data["files"].update({f"x/{i}": "0" * 64 for i in range(count)}))


def many_tables(data: dict[str, Any]) -> None:
    gains = data["label_scale"]["gain_tables"][0][1]
    data["label_scale"]["gain_tables"] = [[f"table {i}", gains] for i in range(10_000)]


def renamed(part: str, old: str, new: str) -> Change:
    return edited(lambda data: data[part].update({new: data[part].pop(old)}))


MANIFESTS: dict[str, Change] = {
    **dict(other_types()),
    "a hundred thousand files": many_files(100_000),
    "twenty thousand files": many_files(20_000),
    "ten thousand gain tables": edited(many_tables),
    "gain without end": setting(*SCALE, "gain_tables", 0, 1, value=[1e308, 0, 0, 0]),
    "label name without end": setting(*SCALE, "names", 0, value="x" * 100_000),
    "label name of a control letter": setting(*SCALE, "names", 0, value="\x07"),
    "empty label": setting(*SCALE, "letters", 0, value=""),
    "colour that is an address": setting(*SCALE, "colors", 0, value="url(https://example.com/x)"),
    "colour with more style": setting(*SCALE, "colors", 0, value="red;background:url(//x)"),
    "name without end": setting("name", value="x" * 10_000),
    "title without end": setting("about", "title", value="x" * 1_000_000),
    "file name without end": edited(lambda data: data["files"].update({"x" * 5_000: "0" * 64})),
    "file name with a null": edited(lambda data: data["files"].update({"a\0b": "0" * 64})),
    "file outside": edited(lambda data: data["files"].update({"/etc/passwd": "0" * 64})),
    "file above": edited(lambda data: data["files"].update({"signals/../../x": "0" * 64})),
    "encoder above": renamed("encoders", "words", "../../words"),
    "encoder called otherwise inside": setting(*ENCODER, "name", value="../../../etc"),
    "signal above": renamed("signals", "words_text", "../words_text"),
    "signal name without end": renamed("signals", "words_text", "x" * 5_000),
    "signal of a folder": renamed("signals", "words_text", "a/b"),
    "signal of no encoder": setting(*SIGNAL, "encoder", value="nobody"),
    "signal of an unknown kind": setting(*SIGNAL, "kind", value="plugin"),
    "index without a spec": setting(*SIGNAL, "index", value={}),
    "index of a negative width": index_spec(dim=-1),
    "index of words": index_spec(count="many"),
    "index of a fraction": index_spec(m=1.5),
    "index that searches without end": index_spec(ef=10**12),
    "index with an unknown setting": setting(*SIGNAL, "index", value={"spec": {"run": "x"}, "measured": {}}),
    "index measured in words": setting(*SIGNAL, "index", value={**INDEX, "measured": {"recall@10": "good"}}),
    "more dimensions than memory": setting(*ENCODER, "dim", value=10**15),
    "more products than memory": setting("counts", "products", value=10**18),
    "fewer products than none": setting("counts", "products", value=-1),
    "a lone surrogate": lambda b: _text(b, (b / MANIFEST).read_text().replace('"name": "tiny"', '"name": "\\ud800"')),
    "not UTF-8": lambda b: (b / MANIFEST).write_bytes(b'{"name": "\xff"}'),
    "nested without end": lambda b: _text(b, "[" * 1_000_000),
    "nan in it": lambda b: _text(b, '{"format_version": NaN}'),
    "empty": lambda b: _text(b, ""),
    "longer than is read": lambda b: _text(b, " " * 9_000_000 + "{}"),
}


def _text(bundle: Path, text: str) -> None:
    (bundle / MANIFEST).write_text(text, encoding="utf-8")
