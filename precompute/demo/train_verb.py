"""Train the demo's tiny CLIP again, from drawn pictures and made-up captions: about ten minutes on two cores."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLE = "python -m precompute train-demo --out data/demo-model"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("data/demo-model"), help="the model's folder (%(default)s)")
    parser.add_argument("--steps", type=int, default=None, help="training steps (default: the committed model's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of pictures, captions and weights (%(default)s)")


def run(args: argparse.Namespace) -> int:
    from precompute.demo.train import STEPS, train

    def tell(share: float, text: str) -> None:
        print(f"progress {share:.3f} {text}", flush=True)

    train(args.out, STEPS if args.steps is None else args.steps, args.seed, tell)
    return 0
