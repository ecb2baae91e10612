"""What open_clip leaves to its callers: names that fit, a local merges file, preprocessing as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import EncoderError
from .picture_steps import by_pillow
from .trust import CLIP_CONFIG

_TAGS_SHOWN = 8


def check_names(model: str, pretrained: str) -> None:
    """Refuses what open_clip would run with other weights or another activation than was meant, or with none."""
    import open_clip

    config = open_clip.get_model_config(model)
    if config is None:
        near = get_close_matches(model, open_clip.list_models(), n=3) or ["ViT-B-32", "ViT-L-14-quickgelu"]
        raise EncoderError(f"open_clip has no model {model!r}; did you mean {' or '.join(near)}, or a model folder?")
    weights = open_clip.get_pretrained_cfg(model, pretrained)
    if not weights:
        known = ", ".join(open_clip.list_pretrained_tags_by_model(model)[:_TAGS_SHOWN])
        raise EncoderError(
            f"{model} has no pretrained weights {pretrained!r}; choose one of: {known}; or give a weights file"
        )
    _check_activation(model, pretrained, bool(config.get("quick_gelu")), bool(weights.get("quick_gelu")))


def tokenizer_arguments(folder: Path | None) -> dict[str, Any]:
    """What the tokenizer of a local model needs: its merges file as an absolute path, as open_clip reads it relative to
    the working directory; or, for a tokenizer of transformers, that nothing is fetched or run."""
    if folder is None or not (folder / CLIP_CONFIG).is_file():
        return {}
    text = json.loads((folder / CLIP_CONFIG).read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
    merges = (text.get("tokenizer_kwargs") or {}).get("bpe_path")
    if merges:
        return {"bpe_path": str((folder / Path(merges).name).resolve())}
    return {"trust_remote_code": False, "local_files_only": True} if text.get("hf_tokenizer_name") else {}


def describe_preprocessing(config: Mapping[str, Any]) -> str:
    """open_clip's preprocessing settings as one string: size, mean, std, interpolation, resize mode."""
    size = config["size"]
    height, width = (size, size) if isinstance(size, int) else size
    mean, std = (",".join(f"{value:.6g}" for value in config[key]) for key in ("mean", "std"))
    return f"{height}x{width} {config['interpolation']} {config['resize_mode']} mean={mean} std={std}"


def split(preprocess: Any) -> tuple[tuple[Callable[[Any], Any], ...], Callable[[Any], Any] | None]:
    """open_clip's preprocessing in two: the steps on a picture, and the normalisation, which a whole batch can share.

    Where it does not end with ToTensor and Normalize, the first part is all of it and the second None.
    """
    from torchvision.transforms import Normalize, ToTensor

    steps = tuple(getattr(preprocess, "transforms", (preprocess,)))
    if len(steps) > 2 and isinstance(steps[-2], ToTensor) and isinstance(steps[-1], Normalize):
        return by_pillow(steps[:-2]), steps[-1]
    return steps, None


@contextmanager
def other_activation(model: Any) -> Iterator[Iterator[tuple[str, str]]]:
    """Runs a model with other activations: `with other_activation(model) as swaps: for now, before in swaps: ...`

    Each turn of the loop puts another one in place of all of the model's; afterwards its own are back.
    """
    from open_clip.transformer import QuickGELU
    from torch import nn

    makers = {"QuickGELU": QuickGELU, "GELU": nn.GELU, "tanh GELU": lambda: nn.GELU("tanh")}
    own = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.GELU | QuickGELU)
    ]
    before = {_activation_name(child) for _, _, child in own}

    def swaps() -> Iterator[tuple[str, str]]:
        for now in [name for name in makers if own and before != {name}]:
            for parent, name, _ in own:
                setattr(parent, name, makers[now]())
            yield now, " and ".join(sorted(before))

    try:
        yield swaps()
    finally:
        for parent, name, child in own:
            setattr(parent, name, child)


def _activation_name(module: Any) -> str:
    if type(module).__name__ == "QuickGELU":
        return "QuickGELU"
    return "GELU" if module.approximate == "none" else "tanh GELU"


def _check_activation(model: str, pretrained: str, model_quick: bool, weights_quick: bool) -> None:
    """OpenAI's weights need QuickGELU; open_clip only warns and runs another activation."""
    if model_quick == weights_quick:
        return
    other = f"{model}-quickgelu" if weights_quick else model.removesuffix("-quickgelu")
    needs, has = ("QuickGELU", "GELU") if weights_quick else ("GELU", "QuickGELU")
    raise EncoderError(f"the weights {pretrained} need {needs} but {model} runs {has}; use the model {other} instead")
