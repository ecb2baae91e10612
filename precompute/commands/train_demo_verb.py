"""Train the demo's tiny CLIP again, from drawn pictures and made-up captions: about fifteen minutes on two cores."""

from __future__ import annotations

from pathlib import Path

import click

from precompute.commands.events import as_text
from precompute.commands.verb import FILE, Whole, verb


@verb("train-demo", __doc__, "python -m precompute train-demo --out data/demo-model")
@click.option("--out", type=FILE, default=Path("data/demo-model"), help="the model's folder")
@click.option("--steps", type=Whole(1), help="training steps (default: the committed model's)")
@click.option("--seed", type=int, default=0, help="seed of pictures, captions and weights")
@click.option("--start", type=FILE, help="a trained model whose picture tower is kept and whose text tower learns on")
def command(out: Path, steps: int | None, seed: int, start: Path | None) -> None:
    """Trains; a line of progress every few steps."""
    from precompute.demo.training.train import STEPS, train
    from precompute.work.pool import spare_the_cores

    spare_the_cores()
    train(out, STEPS if steps is None else steps, seed, as_text, start)
