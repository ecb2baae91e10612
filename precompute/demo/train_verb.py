"""Train the demo's tiny CLIP again, from drawn pictures and made-up captions: about twelve minutes on two cores."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLE = "python -m precompute train-demo --out data/demo-model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--out", type=Path, default=Path("data/demo-model"), help="the model's folder")
    parser.add_argument("--steps", type=int, default=None, help="training steps (default: the committed model's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of pictures, captions and weights (default 0)")


def run(args: argparse.Namespace) -> int:
    """Prints a line of progress every few steps."""
    from precompute.demo.training.train import STEPS, train
    from precompute.demo.verb import tell
    from precompute.work.pool import spare_the_cores

    spare_the_cores()
    train(args.out, STEPS if args.steps is None else args.steps, args.seed, tell)
    return 0
