"""Trains the demo's tiny CLIP, an open_clip model of 2.2 million parameters, from drawn pictures and made-up captions.

Three contrastive losses: picture with title, picture with a shopper's wish, and wish with title. A wish
is fulfilled by every product of the batch that has what it asks for, so its target is spread over all of them.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from precompute.demo.training.examples import caption_batches, drawn_examples
from precompute.demo.training.model_folder import (
    CONTEXT_LENGTH,
    MEAN,
    MERGES_FILE,
    STD,
    WEIGHTS_FILE,
    write_descriptions,
)
from precompute.demo.training.start import picture_features, take_over
from precompute.work.progress import Progress, quiet, share

PICTURES = 24_000
# Enough where the picture tower has learned already.
PICTURES_TO_GO_ON = 6_000
BATCH = 128
STEPS = 1_200
RATE = 1.2e-3
WARM_UP = 60
TEXTS_AT_ONCE = 64
TEXT_LOSS = 0.5
DRAWING_SHARE = 0.15


def train(out: Path, steps: int = STEPS, seed: int = 0, progress: Progress = quiet, start: Path | None = None) -> None:
    """Writes a model's folder: weights as float16 safetensors, configuration, merges, vocabulary.

    start: the folder of a trained model whose picture tower is kept, and whose text tower learns on.
    """
    import torch

    write_descriptions(out)
    pictures_wanted = min(PICTURES_TO_GO_ON if start else PICTURES, steps * BATCH)
    traits, pictures = drawn_examples(
        seed, pictures_wanted, lambda drawn: share(progress, DRAWING_SHARE * drawn, "Drawing training pictures")
    )
    torch.manual_seed(seed)
    model, tokenize = _new_model(out, start)
    kept = picture_features(model, pictures) if start else None
    optimizer = _optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate_share(step, steps))
    started = time.monotonic()
    if start is None:
        model.train()
    for step, (rows, titles, wishes, fulfils) in enumerate(caption_batches(traits, seed, steps, BATCH)):
        seen = model.encode_image(_augmented(pictures[rows]), normalize=True) if kept is None else kept[rows]
        loss = _loss(model, seen, tokenize(titles), tokenize(wishes), torch.from_numpy(fulfils))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(100))
        if step % 20 == 0 or step == steps - 1:
            told = f"Training: step {step + 1} of {steps}, loss {loss.item():.3f}, {time.monotonic() - started:.0f} s"
            share(progress, DRAWING_SHARE + (1 - DRAWING_SHARE) * (step + 1) / steps, told)
    _save(model, out / WEIGHTS_FILE)


def _new_model(folder: Path, start: Path | None) -> tuple[Any, Callable[[list[str]], Any]]:
    """A model from the folder's configuration, untrained or with what `start` learned, and its tokenizer: texts to ids,
    cut to the longest text."""
    import open_clip
    import torch

    name = f"local-dir:{folder}"
    model, _, _ = open_clip.create_model_and_transforms(name, load_weights=False)
    model.visual.to(memory_format=torch.channels_last)
    torch.nn.init.constant_(model.logit_scale, math.log(10))
    tokenizer = open_clip.get_tokenizer(name, bpe_path=str((folder / MERGES_FILE).resolve()))
    if start is not None:
        take_over(model, tokenizer, start)
    pieces: dict[str, list[int]] = {}

    def tokenize(texts: list[str]) -> Any:
        # The tokenizer cuts at blanks first, so each word's tokens can be kept: cleaning each text anew takes long.
        for word in {word for text in texts for word in text.split()} - pieces.keys():
            pieces[word] = tokenizer.encode(word)
        rows = [[token for word in text.split() for token in pieces[word]][: CONTEXT_LENGTH - 2] for text in texts]
        ids = torch.zeros(len(rows), max(map(len, rows)) + 2, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row) + 2] = torch.tensor([tokenizer.sot_token_id, *row, tokenizer.eot_token_id])
        return ids

    return model, tokenize


def _optimizer(model: Any) -> Any:
    """AdamW; gains, biases and the scale are not decayed."""
    import torch

    learned = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in learned if p.ndim >= 2]
    other = [p for p in learned if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": other, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))


def _rate_share(step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


def _augmented(pictures: npt.NDArray[np.uint8]) -> Any:
    """(B, 3, H, W) normalised, each picture up to 12 % lighter or darker, the batch's quarters shifted by 2 pixels."""
    import torch

    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255)
    x = (x * torch.empty(len(x), 1, 1, 1).uniform_(0.88, 1.12)).clamp_(0, 1)
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    padded = torch.nn.functional.pad((x - mean) / std, (2, 2, 2, 2), mode="replicate")
    side = x.shape[-1]
    parts = []
    for part in padded.chunk(4):
        dx, dy = (int(shift) for shift in torch.randint(0, 5, (2,)))
        parts.append(part[:, :, dy : dy + side, dx : dx + side])
    return torch.cat(parts).contiguous(memory_format=torch.channels_last)


def _loss(model: Any, seen: Any, titles: Any, wishes: Any, fulfils: Any) -> Any:
    """Mean of picture-title and picture-wish, plus half of wish-title. seen: (B, D) unit rows of the pictures."""
    from torch.nn.functional import normalize

    read = normalize(_text_features(model, titles), dim=-1)
    wished = normalize(_text_features(model, wishes), dim=-1)
    scale = model.logit_scale.exp()
    same = fulfils.new_zeros(len(titles), len(titles))
    same.fill_diagonal_(True)
    with_pictures = _contrast(scale * read @ seen.T, same) + _contrast(scale * wished @ seen.T, fulfils)
    return with_pictures / 2 + TEXT_LOSS * _contrast(scale * wished @ read.T, fulfils)


def _contrast(logits: Any, matches: Any) -> Any:
    """Cross entropy in both directions; a row's (column's) target is spread evenly over its matches."""
    target = matches.float()
    by_row = -(target / target.sum(1, keepdim=True) * logits.log_softmax(1)).sum(1).mean()
    by_column = -(target / target.sum(0, keepdim=True) * logits.log_softmax(0)).sum(0).mean()
    return (by_row + by_column) / 2


def _text_features(model: Any, tokens: Any) -> Any:
    """open_clip's encode_text for texts of similar length together, cut to their longest: it would run the whole
    context."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    ends = tokens.argmax(dim=-1)
    order = ends.argsort(stable=True)
    parts = []
    for rows in order.chunk(max(1, len(tokens) // TEXTS_AT_ONCE)):
        length = int(ends[rows].max()) + 1
        x = model.token_embedding(tokens[rows, :length]) + model.positional_embedding[:length]
        with sdpa_kernel(SDPBackend.MATH):
            x = model.transformer(x, attn_mask=model.attn_mask[:length, :length])
        parts.append(model.ln_final(x[torch.arange(len(rows)), ends[rows]]) @ model.text_projection)
    return torch.cat(parts)[order.argsort()]


def _save(model: Any, path: Path) -> None:
    """Floating-point weights as float16, counters as they are."""
    from safetensors.torch import save_file

    state = model.state_dict().items()
    save_file({name: (t.half() if t.is_floating_point() else t).contiguous() for name, t in state}, str(path))
