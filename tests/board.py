"""What the fusion board was given, and what it makes of it, by the core's own functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from sqid_core.evaluation.metrics import ndcg
from sqid_core.ranking.methods import COMBINERS
from sqid_core.ranking.ranks import order


def board(at: AppTest, key: str = "board") -> dict[str, Any]:
    """The data of the board on a page."""
    return dict(json.loads(at.get_by_key(key).proto.bytes))


def ranked(data: Mapping[str, Any], key: str) -> np.ndarray:
    """Positions of a list's products, best first, all of them."""
    listed = next(one for one in data["lists"] if one["key"] == key)
    if "ranks" in listed:
        return np.argsort(listed["ranks"])
    a, b, c = (None if data["columns"][name] is None else np.array(data["columns"][name]) for name in "abc")
    return order(COMBINERS[data["columns"]["combiner"]](a, b, c, data["weight"]))


def shown_ids(data: Mapping[str, Any], key: str) -> list[str]:
    """The ids of the cards of a list."""
    return [data["products"]["id"][position] for position in ranked(data, key)[: data["shown"]]]


def slate_ndcg(data: Mapping[str, Any], key: str) -> float:
    """NDCG of a list whose products were all judged."""
    judging = data["judging"]
    gains = np.array(judging["gains"])[np.array(data["products"]["label"])[ranked(data, key)]]
    return float(ndcg(gains, np.array(judging["judged"])))
