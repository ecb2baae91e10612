"""The settings of an open_clip model in a folder, as far as they describe the model and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec

from ..errors import EncoderError

Count = Annotated[int, msgspec.Meta(ge=0, le=4_096)]
Width = Annotated[int, msgspec.Meta(ge=1, le=16_384)]
Words = Annotated[int, msgspec.Meta(ge=1, le=2_000_000)]
Number = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] | float
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{0,80}$")]
Side = Count | Annotated[list[Count], msgspec.Meta(max_length=2)]
# 2 bytes a number are the least that weights take here.
_BYTES_A_NUMBER = 2
# An estimate is no count: a model may have so many times fewer numbers than it.
_LEEWAY = 4


class _Known(msgspec.Struct, forbid_unknown_fields=True):
    """Settings that are not named are refused."""


class _Norm(_Known):
    eps: float | None = None
    elementwise_affine: bool | None = None


class _Activation(_Known):
    approximate: Word | None = None


class _Tokenizer(_Known):
    bpe_path: Word | None = None
    clean: Word | None = None
    strip_sep_token: bool | None = None
    language: Word | None = None
    reduction_mask: Word | None = None


class _Tower(_Known):
    """What both towers have. Neither a model of another hub nor a path can be named."""

    width: Width = 768
    mlp_ratio: Annotated[float, msgspec.Meta(ge=0, le=64)] = 4.0
    ls_init_value: Number | None = None
    final_ln_after_pool: bool = False
    pool_type: Word = "tok"
    output_tokens: bool = False
    act_kwargs: _Activation | None = None
    norm_kwargs: _Norm | None = None
    block_type: Word | None = None
    qk_norm: bool = False
    scaled_cosine_attn: bool = False
    scale_heads: bool = False
    scale_attn_inner: bool = False
    scale_attn: bool = False
    scale_fc: bool = False


class _Vision(_Tower):
    layers: Count | Annotated[list[Count], msgspec.Meta(min_length=4, max_length=4)] = 12
    head_width: Width = 64
    patch_size: Count | None = 16
    image_size: Side = 224
    patch_dropout: Number = 0.0
    attentional_pool: bool = False
    attn_pooler_queries: Count = 256
    attn_pooler_heads: Count = 8
    no_ln_pre: bool = False
    pos_embed_type: Word = "learnable"
    timm_model_name: Word | None = None
    timm_model_pretrained: bool = False
    timm_pool: Word | None = "avg"
    timm_proj: Word | None = "linear"
    timm_proj_bias: bool = False
    timm_drop: Number = 0.0
    timm_drop_path: Number | None = None


class _Text(_Tower):
    width: Width = 512
    layers: Count = 12
    heads: Count = 8
    context_length: Count = 77
    vocab_size: Words = 49_408
    # The name of a tokenizer; it is read from the folder whatever it says.
    hf_tokenizer_name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    tokenizer_mode: Word | None = None
    tokenizer_kwargs: _Tokenizer | None = None
    embed_cls: bool = False
    pad_id: Number = 0
    eos_id: Number = 2
    no_causal_mask: bool = False
    proj_bias: bool = False
    proj_type: Word | None = "linear"


class _Model(_Known):
    embed_dim: Width
    vision_cfg: _Vision
    text_cfg: _Text
    quick_gelu: bool = False
    custom_text: bool = False
    init_logit_scale: Number | None = None
    init_logit_bias: Number | None = None
    nonscalar_logit_scale: bool = False


class _Preprocessing(_Known):
    size: Side = 224
    mode: Word = "RGB"
    mean: Annotated[list[float], msgspec.Meta(max_length=4)] = []
    std: Annotated[list[float], msgspec.Meta(max_length=4)] = []
    interpolation: Word = "bicubic"
    resize_mode: Word = "shortest"
    fill_color: Number = 0


class _Folder(_Known):
    model_cfg: _Model
    preprocess_cfg: _Preprocessing | None = None


def check_clip_config(config: Any, folder: Path) -> str:
    """The name of the tokenizer's merges file, "" where there is none.

    Raises EncoderError for a setting that is not known, of another type, or of a model beyond its own weights.
    """
    try:
        known = msgspec.convert(config, _Folder)
    except msgspec.ValidationError as error:
        raise EncoderError(
            f"open_clip_config.json of the model folder is not read ({error}): only settings that describe the model "
            "are known, no other code, model or path"
        ) from None
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    if not weights:
        raise EncoderError("the model folder could not be loaded by open_clip: it has no .safetensors weights")
    if _least_numbers(known.model_cfg) * _BYTES_A_NUMBER > weights * _LEEWAY:
        raise EncoderError("open_clip_config.json of the model folder describes a larger model than its weights are")
    tokenizer = known.model_cfg.text_cfg.tokenizer_kwargs
    return (tokenizer.bpe_path or "") if tokenizer else ""


def _least_numbers(model: _Model) -> int:
    """About how many numbers the towers hold: transformers have 12 width² a layer, and a vector a word."""
    text, vision = model.text_cfg, model.vision_cfg
    found = text.layers * 12 * text.width**2 + (text.vocab_size + text.context_length) * text.width
    if isinstance(vision.layers, int) and not vision.timm_model_name:
        side = max(vision.image_size) if isinstance(vision.image_size, list) else vision.image_size
        found += vision.layers * 12 * vision.width**2 + (side // (vision.patch_size or 1)) ** 2 * vision.width
    elif isinstance(vision.layers, list):
        found += sum(layers * 9 * vision.width**2 for layers in vision.layers)
    return found
