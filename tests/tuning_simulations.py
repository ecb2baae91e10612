"""No fine-tuned model gains by labels that it must not see: twenty seeds of labels in which there is nothing to learn.

    python -m tests.tuning_simulations [--seeds 20] [--seed 1]

The mean gain out-of-fold over the model as it was must be within three standard errors of 0, those of the seeds' means;
where the labels can be learned it must not be, nor where a model is scored on what it saw: else this would find
nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from adapter_simulations import standard_errors
from fixtures import COLOURS, TYPES
from tiny_rerankers import write_random_cross_encoder

from precompute.demo.training.model_folder import MODEL_FOLDER
from precompute.tuning.pair_reader import PairReader
from precompute.tuning.taught import Taught
from precompute.tuning.training import Tunable, Tuning, train
from precompute.tuning.two_towers import TwoTowers
from sqid_core.encoders.cross_encoder import open_cross_encoder
from sqid_core.encoders.devices import chosen_device
from sqid_core.encoders.families import open_encoder
from sqid_core.evaluation.metrics import ndcg
from sqid_core.learning.listwise import reproducible
from sqid_core.ranking.ranks import ordered

FOLDS, DEPTH = 3, 8
# A cross-encoder of random numbers learns more slowly than the demo's model.
QUICK = {family: Tuning(epochs, 3e-3, 8, DEPTH) for family, epochs in (("encoder", 4), ("cross-encoder", 20))}


def drawn_slates(seed: int, queries: int = 48) -> Taught:
    """Labels that prefer some colours and some types, whatever is asked."""
    rng = np.random.default_rng(seed)
    texts = [f"{colour} {kind}" for colour in COLOURS for kind in TYPES]
    worth = np.add.outer(rng.permutation(len(COLOURS)), rng.permutation(len(TYPES)) / 2).ravel()
    rows = np.stack([rng.permutation(len(texts))[:DEPTH] for _ in range(queries)])
    gains = np.array([1.0, 0.1, 0.01, *[0.0] * (DEPTH - 3)])[np.argsort(np.argsort(-worth[rows], axis=1), axis=1)]
    asked, nothing = [texts[row] for row in rng.permutation(len(texts))[:queries]], [None] * len(texts)
    there = np.ones(rows.shape, dtype=bool)
    return Taught(asked, rows, there, gains, texts, nothing, (np.arange(queries) % FOLDS).astype(np.int8))


def permuted(taught: Taught, seed: int) -> Taught:
    """The same with the labels of each slate in another order: there is nothing to learn."""
    return replace(taught, gains=np.random.default_rng(seed).permuted(taught.gains, axis=1))


def gain(opened: Callable[[], Tunable], taught: Taught, tuning: Tuning, seed: int, leaking: bool = False) -> float:
    """The mean NDCG that fine-tuning adds out-of-fold. leaking: each query by a model that saw it."""
    found = np.full(taught.gains.shape, np.nan)
    before = opened().scores(taught, np.arange(len(taught.queries)))["text"].reshape(found.shape)
    with tempfile.TemporaryDirectory() as folder, reproducible(seed):
        for fold in range(FOLDS):
            model, held_out = opened(), np.flatnonzero(taught.folds == fold)
            queries = taught.without(None if leaking else fold)
            train(model, taught, queries, tuning, (seed, fold), Path(folder) / str(fold), lambda _: None)
            found[held_out] = model.scores(taught, held_out)["text"].reshape(-1, DEPTH)
    return float(np.mean(ndcg(ordered(taught.gains, found)) - ndcg(ordered(taught.gains, before))))


def families(folder: Path, seed: int) -> dict[str, Callable[[], Tunable]]:
    """How a model of each family is opened, before any training."""
    device = chosen_device("cpu")
    model = write_random_cross_encoder(folder / f"cross-{seed}", seed)
    return {
        "encoder": lambda: TwoTowers(open_encoder("open_clip", str(MODEL_FOLDER)), MODEL_FOLDER, device),  # type: ignore[arg-type]
        "cross-encoder": lambda: _smaller(PairReader(open_cross_encoder(str(model)), device)),
    }


def _smaller(model: PairReader) -> PairReader:
    """The same with matrices a tenth as large: as they are drawn, so that outputs differ, they learn nothing."""
    import torch

    with torch.no_grad():
        for weight in model.weights().values():
            if weight.ndim > 1:
                weight.mul_(0.1)
    return model


def main() -> int:
    """A line a family and case; 1 where one is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seeds, failed = range(options.seed, options.seed + options.seeds), 0
    with tempfile.TemporaryDirectory() as folder:
        models = {seed: families(Path(folder), seed) for seed in seeds}
        for family in next(iter(models.values())):
            for name in ("labels permuted", "labels that can be learned", "broken folds"):
                gains = []
                for seed in seeds:
                    taught = drawn_slates(seed)
                    taught = taught if name == "labels that can be learned" else permuted(taught, seed)
                    gains.append(gain(models[seed][family], taught, QUICK[family], seed, name == "broken folds"))
                far = standard_errors(gains)
                as_it_must = abs(far) <= 3 if name == "labels permuted" else far > 3
                failed += not as_it_must
                said = f"mean gain {np.mean(gains):+.4f}, {far:+.1f} standard errors{'' if as_it_must else ': WRONG'}"
                print(f"{family:13} {name:27} {said}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
