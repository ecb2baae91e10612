"""Where the committed model lies, and how a model's folder is written: what open_clip's local-dir: schema reads."""

import json
from pathlib import Path
from typing import Any

from precompute.demo.text.merges import used_merges, vocabulary_size, write_merges
from precompute.demo.text.words import known_words, meant_words

MODEL_FOLDER = Path(__file__).parents[1] / "model"
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILE = "open_clip_model.safetensors"
MERGES_FILE = "merges.txt.gz"
VOCABULARY_FILE = "vocabulary.txt"
CONTEXT_LENGTH = 32
IMAGE_SIZE = 64
# OpenAI's statistics, which open_clip assumes where none are given.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def model_config(tokens: int) -> dict[str, Any]:
    """The model's description in open_clip's format, for a tokenizer of so many tokens."""
    return {
        "model_cfg": {
            "embed_dim": 128,
            "vision_cfg": {
                "image_size": IMAGE_SIZE,
                "layers": [1, 1, 1, 1],
                "width": 16,
                "head_width": 32,
                "patch_size": None,
            },
            "text_cfg": {
                "context_length": CONTEXT_LENGTH,
                "vocab_size": tokens,
                "width": 128,
                "heads": 4,
                "layers": 3,
                "tokenizer_kwargs": {"bpe_path": MERGES_FILE},
            },
        },
        "preprocess_cfg": {
            "size": IMAGE_SIZE,
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }


def write_descriptions(folder: Path) -> None:
    """Everything of a model's folder but the weights: configuration, merges, vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = used_merges(known_words())
    write_merges(folder / MERGES_FILE, merges)
    config = model_config(vocabulary_size(merges))
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / VOCABULARY_FILE).write_text("\n".join(meant_words()) + "\n", encoding="utf-8")
