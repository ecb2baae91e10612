"""Makes pytrec_eval.json: random rankings and what trec_eval says of them. Run: python tests/golden/make_golden.py

pytrec_eval compares scores as float32 and breaks ties by name, so it is fed whole numbers that fall in the order which
the ranking is meant to have: by score, ties by position. It takes whole gains only: 1, .1, .01, 0 become 100, 10, 1, 0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytrec_eval

OUT = Path(__file__).with_name("pytrec_eval.json")
SLATES, SEED, LONGEST = 500, 20240527, 24
GAINS = {"paper": {"E": 100, "S": 10, "C": 1, "I": 0}, "esci-script": {"E": 100, "S": 1, "C": 10, "I": 0}}
GRADED = {"ndcg", "ndcg_cut_5", "ndcg_cut_10"}
BINARY = {"recip_rank", "P_10", "recall_10"}
UNJUDGED = "-"


def random_slate(rng: np.random.Generator) -> dict[str, Any]:
    """Scores and labels of one ranking: a third of the slates has ties, some have unjudged products or one product."""
    length = int(rng.choice([1, 2, int(rng.integers(3, LONGEST + 1))], p=[0.06, 0.04, 0.9]))
    scores = rng.uniform(-1, 1, length).round(4)
    if rng.random() < 1 / 3:
        scores = (scores * 2).round() / 2
    letters = list("ESCI" + (UNJUDGED if rng.random() < 0.4 else ""))
    labels = "".join(rng.choice(letters, length)) if rng.random() < 0.9 else "I" * length
    return {"scores": scores.tolist(), "labels": labels}


def reference(slate: dict[str, Any], gains: dict[str, int], measures: set[str]) -> dict[str, float]:
    """What pytrec_eval says of one ranking. A product without a label is ranked but not judged."""
    positions = sorted(range(len(slate["labels"])), key=lambda i: (-slate["scores"][i], i))
    run = {f"p{i}": len(positions) - rank for rank, i in enumerate(positions)}
    qrels = {f"p{i}": gains[label] for i, label in enumerate(slate["labels"]) if label != UNJUDGED}
    if not qrels:
        return {}
    return dict(pytrec_eval.RelevanceEvaluator({"q": qrels}, measures).evaluate({"q": run})["q"])


def golden(slate: dict[str, Any]) -> dict[str, Any]:
    """The slate with its reference values, by gain table; the binary measures take E alone as relevant."""
    values: dict[str, Any] = {name: reference(slate, gains, GRADED) for name, gains in GAINS.items()}
    return slate | values | {"binary": reference(slate, {"E": 1, "S": 0, "C": 0, "I": 0}, BINARY)}


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    lines = [json.dumps(golden(random_slate(rng))) for _ in range(SLATES)]
    OUT.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
