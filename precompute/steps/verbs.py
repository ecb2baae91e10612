"""Running one verb from inside another."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence


def run_verb(verb: str, words: Sequence[str]) -> int:
    """Runs a verb in this process, as the command line would. Its errors are the caller's. Returns its exit code."""
    from precompute.__main__ import VERBS

    print(f"\n{verb} {' '.join(words)}", flush=True)
    module = importlib.import_module(VERBS[verb][0])
    parser = argparse.ArgumentParser(prog=verb)
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(words)))
