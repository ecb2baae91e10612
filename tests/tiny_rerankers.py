"""Random models of two layers in a folder: a cross-encoder, as sentence-transformers' CrossEncoder opens one, and what
the library makes vectors with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fixtures import COLOURS, TYPES


def write_random_cross_encoder(folder: Path, seed: int = 0, labels: int = 1) -> Path:
    """It knows the words of the tiny bundle. labels: how many numbers it gives a pair."""
    pytest.importorskip("sentence_transformers", reason="the extra rankers is not installed")
    from transformers import BertForSequenceClassification

    return _written(folder, seed, BertForSequenceClassification, num_labels=labels)


def write_random_sentence_encoder(folder: Path, seed: int = 0) -> Path:
    """The same without a head."""
    pytest.importorskip("sentence_transformers", reason="the extra rankers is not installed")
    from transformers import BertModel

    return _written(folder, seed, BertModel)


def _written(folder: Path, seed: int, model: Any, **options: int) -> Path:
    import torch
    from transformers import BertConfig, BertTokenizerFast

    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *COLOURS, *TYPES, "oz", ",", *map(str, range(30))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=1.0,
        **options,
    )
    model(config).save_pretrained(folder)
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=32).save_pretrained(folder)
    return folder
