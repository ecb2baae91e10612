"""README's table of receipts, from docs/receipts: `python tests/receipts_table.py` writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from places import ROOT

# It runs where the package is not installed, and so names it again.
FORMAT = "sqid-receipt/1"
_README, _FOLDER = ROOT / "README.md", ROOT / "docs" / "receipts"
_BEGIN, _END = "<!-- receipts: python tests/receipts_table.py -->", "<!-- /receipts -->"
_NONE = (
    "**Receipts: none yet.** Nobody has run this on the real files: it was built without a network. The workflow\n"
    "[receipts](.github/workflows/receipts.yml) does, and each run of it becomes a row here, written from\n"
    "`docs/receipts`."
)
_HEAD = ("day", "commit", "machine", "all of SQID", "seconds", "figures that agree", "farthest apart")


def receipts() -> list[dict[str, Any]]:
    """All receipts, the latest first. Raises ValueError for a file that is none."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.json"))]
    if strange := [each.get("format") for each in found if each.get("format") != FORMAT]:
        raise ValueError(f"a file of {_FOLDER} has the format {strange[0]!r}, expected {FORMAT}")
    return sorted(found, key=lambda each: str(each["made"]), reverse=True)


def table(found: Sequence[dict[str, Any]]) -> str:
    """A row a receipt and, of the latest of the whole of SQID, every published row beside ours."""
    if not found:
        return _NONE
    text = "\n".join([_line(_HEAD), "|---" * len(_HEAD) + "|", *(_line(_row(each)) for each in found)])
    whole = next((each for each in found if each["whole"]), None)
    return text if whole is None else f"{text}\n\n{_figures(whole)}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(each: dict[str, Any]) -> Sequence[str]:
    machine, seconds = each["machine"], each["seconds"]
    compared = [row for row in each["rows"] if row["agrees"] is not None]
    agree = f"{sum(row['agrees'] for row in compared)} of {len(compared)} within {each['tolerance']:g}"
    apart = [_apart(row) for row in compared if row["ours"] is not None]
    changed = "" if each["clean"] else " (changed)"
    return (
        each["made"][:10],
        (each["commit"][:8] or "unknown") + changed,
        f"{machine['system']} {machine['kind']}, {machine['cores']} cores",
        "yes" if each["whole"] else "no, {queries:,} queries and {products:,} products".format(**each["bundle"]),
        ", ".join(f"{step} {spent:,.0f}" for step, spent in seconds.items()),
        agree if compared else "none compared",
        f"{max(apart):.4f}" if apart else "",
    )


def _apart(row: dict[str, Any]) -> float:
    return max(abs(row["ours"] - figure) for figure in row["published"].values())


def _figures(each: dict[str, Any]) -> str:
    sources = list(dict.fromkeys(source for row in each["rows"] for source in row["published"]))
    lines = [_line(("NDCG", *sources, f"ours, {each['made'][:10]}")), "|---" * (len(sources) + 2) + "|"]
    for row in each["rows"]:
        theirs = [f"{row['published'][source]:.4f}" if source in row["published"] else "" for source in sources]
        ours = "not run" if row["ours"] is None else f"{row['ours']:.4f}{'' if row['agrees'] else ' **too far**'}"
        weight = "" if row["image_weight"] is None else f", image weight {row['image_weight']:.2f}"
        lines.append(_line((row["title"] + weight, *theirs, ours)))
    return "\n".join(lines)


def written(text: str) -> str:
    """README with the table as it must be."""
    before, _, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"README lacks {_BEGIN} … {_END}")
    return f"{before}{_BEGIN}\n{table(receipts())}\n{end}{after}"


if __name__ == "__main__":
    _README.write_text(written(_README.read_text(encoding="utf-8")), encoding="utf-8")
