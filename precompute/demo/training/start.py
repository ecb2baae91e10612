"""Starting from a trained model: its picture tower stays as it is, its text tower learns on with other words."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from precompute.demo.training.model_folder import MEAN, MERGES_FILE, STD, WEIGHTS_FILE

SEEN_AT_ONCE = 256


def take_over(model: Any, tokenizer: Any, folder: Path) -> None:
    """Sets the model's weights to those of the model in `folder`, a token's embedding by its text: the new tokenizer
    may know more words. Its picture tower learns no more."""
    import open_clip
    import torch
    from safetensors.torch import load_file

    weights = {name: tensor.float() for name, tensor in load_file(str(folder / WEIGHTS_FILE)).items()}
    before = open_clip.get_tokenizer(f"local-dir:{folder.resolve()}", bpe_path=str((folder / MERGES_FILE).resolve()))
    embeddings = weights.pop("token_embedding.weight")
    model.load_state_dict(weights, strict=False)
    shared = [token for token in tokenizer.encoder if token in before.encoder]
    with torch.no_grad():
        rows = embeddings[[before.encoder[token] for token in shared]]
        model.token_embedding.weight[[tokenizer.encoder[token] for token in shared]] = rows
    model.visual.requires_grad_(False)


def picture_features(model: Any, pictures: npt.NDArray[np.uint8]) -> Any:
    """(N, D) unit rows of the pictures (N, H, W, 3), as the model sees them."""
    import torch

    model.visual.eval()
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    parts = []
    with torch.no_grad():
        for some in torch.from_numpy(pictures).split(SEEN_AT_ONCE):
            x = (some.permute(0, 3, 1, 2).float().div_(255) - mean) / std
            parts.append(model.encode_image(x, normalize=True))
    return torch.cat(parts)
