"""What python -m precompute evaluate prints, and the TREC files that it writes, read again."""

from __future__ import annotations

import json

from precompute.__main__ import main


def as_json(capsys, *words):
    assert main(["evaluate", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def read_run(path):
    run: dict[str, dict[str, int]] = {}
    for line in path.read_text().splitlines():
        query, q0, product, rank, score, tag = line.split(" ")
        assert (q0, tag) == ("Q0", path.stem)
        assert int(rank) == len(run.setdefault(query, {})) + 1
        run[query][product] = int(score)
    return run


def read_qrels(path):
    qrels: dict[str, dict[str, int]] = {}
    for query, _, product, gain in (line.split(" ") for line in path.read_text().splitlines()):
        qrels.setdefault(query, {})[product] = int(gain)
    return qrels
