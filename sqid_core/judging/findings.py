"""What error analysis found: tags and notes on queries, counted by what the queries have in common.

A query has a tag once, however many judges gave it, and however many of its products they gave it to. A query with
several tags counts for each of them; where shares must add up, each of its n tags takes 1/n of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..analysis.groupings import Groups
from ..bundle.load import Dataset
from ..evaluation.metrics import defined_mean
from ..evaluation.significance import TIE
from ..types import Floats, Positions
from .acts import live

NO_TAG = "no tag"
_ON_A_QUERY = ["query_id", "tag"]
# How far apart two runs are on a query, in NDCG, either way.
_EDGES = (TIE, 0.1, 0.3)
_LOST = ("B loses over .3", "B loses .1 to .3", "B loses up to .1")
_WON = ("B wins up to .1", "B wins .1 to .3", "B wins over .3")


def findings(acts: pd.DataFrame) -> pd.DataFrame:
    """What was found and not taken back, the latest first: seq, time, judge, query_id, product_id ("" for the query),
    kind ("tag" or "note"), value, link (where it was found). A judge's tag stands once for a query or product; of notes
    each judge's last, and none where that is empty.

    acts: columns of `acts.COLUMNS`, of one book or of a whole bundle.
    """
    kept = live(acts).sort_values(["number", "seq"], kind="stable")
    kept = kept.assign(value=kept["value"].str.strip())
    same = ["judge", "query_id", "product_id"]
    tags = kept[kept["kind"] == "tag"].drop_duplicates([*same, "value"], keep="last")
    notes = kept[kept["kind"] == "note"].drop_duplicates(same, keep="last")
    columns = ["seq", "time", "judge", "query_id", "product_id", "kind", "value", "link"]
    both = pd.concat([tags, notes])[columns]
    return both[both["value"] != ""].sort_values("seq", ascending=False, ignore_index=True)


def own_findings(acts: pd.DataFrame, query_id: str) -> tuple[list[tuple[str, str]], str]:
    """One judge's tags on a query as a whole, (key of the act, tag), and the last note, "" where there is none.

    acts: columns of `acts.COLUMNS`, of this judge alone.
    """
    kept = live(acts).sort_values(["number", "seq"], kind="stable")
    about = kept[(kept["query_id"] == query_id) & (kept["product_id"] == "")]
    tags = about[about["kind"] == "tag"].drop_duplicates("value", keep="last")
    notes = about.loc[about["kind"] == "note", "value"]
    return list(zip(tags["key"], tags["value"], strict=True)), notes.iloc[-1] if len(notes) else ""


def query_tags(found: pd.DataFrame) -> pd.DataFrame:
    """Each query's tags: query_id, tag, judges (who gave it). found: of `findings`."""
    tags = found[found["kind"] == "tag"].rename(columns={"value": "tag"})
    counts = tags.groupby(_ON_A_QUERY, sort=False)["judge"].nunique().rename("judges").reset_index()
    return counts.astype({"query_id": object, "tag": object, "judges": np.int64})


def tag_groups(dataset: Dataset, tags: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """One row a tag and group that meet: tag, group, queries (with both), of_tag (their share of the tag's queries),
    of_group (of the group's queries). The most frequent tags first, groups as they come; tags of queries that are gone,
    or in no group, are not counted."""
    rows = _rows(dataset, tags)
    group = np.append(groups.of_query, -1)[rows]
    inside = pd.DataFrame({"tag": tags["tag"], "group": group})[group >= 0]
    cells = inside.groupby(["tag", "group"], sort=False).size().rename("queries").reset_index()
    sizes = np.bincount(groups.of_query[groups.of_query >= 0], minlength=len(groups.names))
    totals = inside["tag"].value_counts()
    cells["of_tag"] = cells["queries"] / cells["tag"].map(totals)
    cells["of_group"] = cells["queries"] / sizes[cells["group"].to_numpy(np.int64)]
    cells["order"] = -cells["tag"].map(totals)
    cells = cells.sort_values(["order", "tag", "group"], kind="stable", ignore_index=True)
    cells["group"] = [groups.names[code] for code in cells["group"]]
    return cells.drop(columns="order")


def winners(text: Floats, image: Floats) -> Groups:
    """Queries (Q,) by which modality has the higher NDCG; without one in none."""
    gap = text - image
    won = np.select([np.abs(gap) <= TIE, gap > 0, gap < 0], [1, 0, 2], -1)
    return Groups(("text wins", "equal", "image wins"), won.astype(np.int64))


def loss_steps(a: Floats, b: Floats) -> Groups:
    """Queries (Q,) by how much B loses or wins against A; without a difference that is defined in none."""
    change = b - a
    steps = np.searchsorted(_EDGES, np.abs(np.nan_to_num(change)), side="left")
    code = len(_LOST) + np.sign(np.nan_to_num(change)).astype(np.int64) * steps
    return Groups((*_LOST, "equal", *_WON), np.where(np.isnan(change), -1, code))


def loss_shares(
    dataset: Dataset, tags: pd.DataFrame, a: Floats, b: Floats, traffic: Floats | None = None
) -> pd.DataFrame:
    """Which tags carry what B loses against A, one row a tag and a last one for the queries without: tag, queries (with
    the tag and a defined difference), losing (of these), mean (difference), loss (their losses, summed), share (of all
    losses; a query with several tags counts for each, so that these may add up to more than all), split (the same with
    each query's loss split evenly among its tags: these add up to all), wins and win share likewise.

    a, b: (Q,) NDCG of the two runs, nan where undefined. traffic: (Q,) how much each query counts; all alike if None.
    """
    change = b - a
    weights = np.ones(len(change)) if traffic is None else traffic
    losses, wins = (np.nan_to_num(weights * np.maximum(side * change, 0.0)) for side in (-1, 1))
    rows = _rows(dataset, tags)
    known = rows >= 0
    rows, names = rows[known], tags["tag"].to_numpy(dtype=object)[known]
    each = np.bincount(rows, minlength=len(change))
    untagged = np.flatnonzero((each == 0) & (dataset.judgements.lengths > 0))
    by_tag = {str(tag): rows[names == tag] for tag in pd.unique(names)}
    lines = [_line(tag, held, change, losses, wins, each, traffic) for tag, held in by_tag.items()]
    last = pd.DataFrame([_line(NO_TAG, untagged, change, losses, wins, np.maximum(each, 1), traffic)])
    if not lines:
        return last
    ordered = pd.DataFrame(lines).sort_values(["loss", "queries"], ascending=False, kind="stable")
    return pd.concat([ordered, last], ignore_index=True)


def _line(
    tag: str,
    rows: Positions,
    change: Floats,
    losses: Floats,
    wins: Floats,
    each: Positions,
    traffic: Floats | None,
) -> dict[str, float | str]:
    here = change[rows]
    lost, won = losses.sum(), wins.sum()
    nothing = float("nan")
    return {
        "tag": tag,
        "queries": int((~np.isnan(here)).sum()),
        "losing": int((here < -TIE).sum()),
        "mean": defined_mean(here, None if traffic is None else traffic[rows]),
        "loss": float(losses[rows].sum()),
        "share": float(losses[rows].sum() / lost) if lost > 0 else nothing,
        "split": float((losses[rows] / each[rows]).sum() / lost) if lost > 0 else nothing,
        "wins": float(wins[rows].sum()),
        "win share": float(wins[rows].sum() / won) if won > 0 else nothing,
    }


def _rows(dataset: Dataset, tags: pd.DataFrame) -> Positions:
    """(T,) the row of each tag's query, -1 for one that is gone."""
    return pd.Index(dataset.judgements.query_ids).get_indexer(pd.Index(tags["query_id"]))


def findings_table(
    dataset: Dataset, found: pd.DataFrame, names: Mapping[str, str], columns: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What is exported, one row a finding: query_id, query, further columns, product_id, tag, note, judge, time (UTC),
    link.

    names: of the judges, as they may be shown; a judge without one is "". columns: further facts by query id, such as
    category and NDCG.
    """
    texts = pd.Series(dataset.queries["query"].astype(str).to_numpy(), dataset.judgements.query_ids)
    facts = {} if columns is None else {str(name): found["query_id"].map(columns[name]) for name in columns}
    return pd.DataFrame(
        {
            "query_id": found["query_id"],
            "query": found["query_id"].map(texts).fillna(""),
            **facts,
            "product_id": found["product_id"],
            "tag": found["value"].where(found["kind"] == "tag", ""),
            "note": found["value"].where(found["kind"] == "note", ""),
            "judge": [names.get(judge, "") for judge in found["judge"]],
            "time": found["time"],
            "link": found["link"],
        }
    )
