"""What a model that a bundle brings or names may be: data alone. Nothing of it is run, and nothing leads elsewhere.

Checked before any library reads the files, and told of by `verify`.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..errors import EncoderError
from .clip_config import check_clip_config
from .spec import EncoderSpec

CLIP_CONFIG = "open_clip_config.json"
# A server that shows strangers' bundles sets this to "off": no model is opened then.
SWITCH = "SQID_ENCODERS"
# A name as the libraries' tables and hubs have it, with its owner; it never begins like a path, and where a
# folder is called so, sentence-transformers would take that.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]*")
WEIGHTS = ".safetensors"
# Code, and formats of weights that can hold some (pickles) or that no family here reads.
_REFUSED_SUFFIXES = frozenset(
    ".py .pyc .pyd .so .dll .dylib .sh .bin .pt .pth .ckpt .pkl .pickle .joblib .npz .h5 .msgpack .jit .ts .zip".split()
)
# An adapter names another model, which would be loaded.
_REFUSED_FILES = frozenset({"adapter_config.json"})
# What makes transformers or sentence-transformers fetch or run something else than the files.
_REFUSED_KEYS = frozenset(
    "trust_remote_code auto_map custom_pipelines code_revision attn_implementation _attn_implementation kernel_config "
    "quantization_config base_model_name_or_path use_safetensors".split()
)
_LONGEST_JSON = 64_000_000
_LONGEST_MERGES = 32_000_000
# The modules of sentence-transformers that read weights and settings alone.
_MODULE = re.compile(r"sentence_transformers\.[a-z_.]*\b(Transformer|Pooling|Normalize|Dense|LayerNorm|Dropout)")
# Where such a module may lie: not in a folder that is no part of the model, see `model_files`.
_MODULE_PATH = re.compile(r"|(?!onnx$|openvino$|__)[A-Za-z0-9_][A-Za-z0-9_.-]*")
_ACTIVATION = re.compile(r"torch\.nn\.modules\.(activation\.[A-Za-z]+|linear\.Identity)")


def encoders_allowed() -> bool:
    """Whether models may be opened at all: see SWITCH."""
    return os.environ.get(SWITCH, "").strip().lower() not in ("off", "0", "no", "false")


def is_hub_name(model: str) -> bool:
    """Whether a model's name leads to no path and no address."""
    return bool(_NAME.fullmatch(model)) and not Path(model).exists()


def check_source(spec: EncoderSpec) -> None:
    """Raises EncoderError where the names of a model or its weights lead to a path or an address."""
    if spec.model and not is_hub_name(spec.model):
        raise EncoderError(
            f"encoder {spec.name!r} names the model {spec.model!r}: a model is named as the family's own table has it, "
            "without a path or an address; for any other give its folder to encode"
        )
    if spec.pretrained and not _FILE.fullmatch(spec.pretrained):
        raise EncoderError(
            f"encoder {spec.name!r} names the weights {spec.pretrained!r}, which are neither a tag nor a file beside it"
        )
    if spec.content_sha256 and spec.pretrained:
        _check_weights_name(Path(spec.pretrained))


def check_model_files(folder: Path, files: Sequence[Path]) -> None:
    """Raises EncoderError unless the files of a model in a folder are weights, settings and words that it may have."""
    for path in files:
        if path.suffix.lower() in _REFUSED_SUFFIXES or path.name in _REFUSED_FILES:
            raise EncoderError(
                f"the model folder holds {path.relative_to(folder)}: code and weights that can hold code are never "
                f"opened; keep settings and {WEIGHTS} files only (weights can be converted)"
            )
        if path.suffix == ".json":
            _check_json(path, folder)


def check_clip_folder(folder: Path) -> None:
    """Raises EncoderError where open_clip would read settings that are not known ones, or words without end."""
    if not (folder / CLIP_CONFIG).is_file():
        return
    merges = check_clip_config(_json(folder / CLIP_CONFIG, folder), folder)
    if merges and (folder / merges).is_file():
        _check_packed(folder / merges)


def check_sentence_folder(folder: Path) -> None:
    """Raises EncoderError where sentence-transformers would import another module than its own, or from elsewhere."""
    if not (folder / "modules.json").is_file():
        return
    modules = _json(folder / "modules.json", folder)
    for module in modules if isinstance(modules, list) else [None]:
        if not isinstance(module, dict) or not _MODULE.fullmatch(str(module.get("type", ""))):
            found = module.get("type") if isinstance(module, dict) else module
            raise EncoderError(f"modules.json of the model folder names {found!r}; only the library's own are loaded")
        place = str(module.get("path", ""))
        if not _MODULE_PATH.fullmatch(place):
            raise EncoderError(f"modules.json of the model folder names the folder {place!r}, which is no part of it")
        config = folder / place / "config.json"
        if place and config.is_file():
            settings = _json(config, folder)
            activation = settings.get("activation_function", "") if isinstance(settings, dict) else ""
            if activation and not _ACTIVATION.fullmatch(str(activation)):
                raise EncoderError(f"{place}/config.json of the model folder names {activation!r}, no activation")


def check_weights(path: Path) -> None:
    """Raises EncoderError for weights that are no safetensors file."""
    _check_weights_name(path)
    with path.open("rb") as file:
        if file.read(2) in (b"PK", b"\x80\x02", b"\x80\x04"):
            raise EncoderError(f"{path.name} is a pickle, not a {WEIGHTS} file; convert it")


def _check_weights_name(path: Path) -> None:
    if path.suffix != WEIGHTS:
        raise EncoderError(
            f"the weights {path.name} are no {WEIGHTS} file; other formats can hold code: convert them with "
            "safetensors.torch.save_file"
        )


def _json(path: Path, folder: Path) -> Any:
    name = path.relative_to(folder)
    if path.stat().st_size > _LONGEST_JSON:
        raise EncoderError(f"{name} of the model folder is longer than {_LONGEST_JSON // 10**6} MB")
    try:
        return msgspec.json.decode(path.read_bytes())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise EncoderError(f"{name} of the model folder is no readable JSON ({error})") from None


def _check_json(path: Path, folder: Path) -> None:
    for key in _keys(_json(path, folder)):
        if key in _REFUSED_KEYS:
            raise EncoderError(
                f"{path.relative_to(folder)} of the model folder has the setting {key}, which can run or fetch code; "
                "models here are data alone: take it out, or use another model"
            )


def _keys(value: Any) -> Iterator[str]:
    """Every key with a value at any depth, without recursion: what is nested deeply must not end the program."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            # An empty or missing value sets nothing: many configurations list keys that they do not use.
            yield from (key for key, inner in here.items() if inner not in (None, {}, [], "", "eager", "sdpa"))
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def _check_packed(path: Path) -> None:
    """A few bytes can unpack to gigabytes."""
    try:
        with gzip.open(path) as file:
            long = len(file.read(_LONGEST_MERGES + 1)) > _LONGEST_MERGES
    except (OSError, EOFError, zlib.error) as error:
        raise EncoderError(f"{path.name} of the model folder cannot be unpacked ({error})") from None
    if long:
        raise EncoderError(f"{path.name} of the model folder unpacks to more than {_LONGEST_MERGES // 10**6} MB")
