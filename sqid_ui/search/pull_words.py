"""What is said of a pull: where a product gets to its rank, and what that costs. No Streamlit here."""

from __future__ import annotations

from sqid_core.evaluation.pull import Price, Pull
from sqid_core.wording import counted, short

_MOST_SPANS = 3
# Ends closer than this need more digits than two, or they would read as one number.
_CLOSE = 0.02


def reaches(found: Pull, stop: float | None) -> str:
    """Where it does. stop: the slider's weight to take, None where all of its intervals lie between two of them."""
    spans = [span(*ends) for ends in zip(found.low, found.high, strict=True)]
    if len(spans) > _MOST_SPANS:
        spans = [*spans[:_MOST_SPANS], f"{len(spans) - _MOST_SPANS} more"]
    said = f"Reaches {found.rank} at {' and '.join(filter(None, (', '.join(spans[:-1]), spans[-1])))}"
    said += "" if found.exact else " (sampled)"
    return said if stop is not None else f"{said}, between two stops of the slider"


def costs(cost: Price, stop: float, now: float, walked: str = "") -> str:
    """The price of the slider's weight `stop` against the weight now. walked: the name of the set that it is over."""
    of_set = f" of the set “{short(walked)}”" if walked else ""
    if not cost.n:
        return f"no query{of_set} has an NDCG to lose"
    over = f"over {counted(cost.n, 'query', 'queries')}{of_set}"
    if stop == now:
        return f"the weight is there now ({over} nothing changes)"
    moved = f"{len(cost.losing):,} lose, {len(cost.winning):,} win"
    return f"at {weight(stop)}: {change(cost.change)} {over}, {moved}"


def no_weight(found: Pull) -> str:
    """Why none does."""
    in_both = "in both signals" if found.exact else "at every weight sampled"
    ahead = len(found.ahead)
    if ahead >= found.rank:
        these = "this product is" if ahead == 1 else f"these {ahead:,} products are"
        return f"No weight does: {these} ahead {in_both}"
    best = f"No weight does: its best rank is {found.nearest}, at {span(*found.where)}"
    return f"{best}; {counted(ahead, 'product is', 'products are')} ahead {in_both}" if ahead else best


def span(low: float, high: float) -> str:
    """The ends of an interval of weights."""
    digits = 2 if high - low >= _CLOSE else 4
    return f"{weight(low, digits)} to {weight(high, digits)}"


def weight(value: float, digits: int = 2) -> str:
    """As a label of a run has it: `.64`."""
    return f"{value:.{digits}f}".removeprefix("0") if value < 1 else f"{value:.{digits}f}"


def change(value: float) -> str:
    """A change of NDCG with its sign and four digits."""
    text = f"{abs(value):.4f}"
    return "±0" if float(text) == 0 else ("−" if value < 0 else "+") + text.removeprefix("0")
