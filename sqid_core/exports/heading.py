"""What a file says of itself: of which bundle, gains, labels and ranking its numbers are, and where they stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from ..bundle.labels import LabelScale
from ..bundle.load import Dataset
from ..ranking.fusion import Fusion
from ..ranking.missing import MISSING_IMAGE
from ..ranking.norms import NORMS

NONE = "none"
_LONGEST_NAME, _LONGEST_PART = 120, 32


@dataclass(frozen=True)
class Heading:
    """The head of a file that somebody takes along. Each field is one line of it, in this order.

    n: of what, and how many: `8,956 queries`. date: ISO. link: back to the page as it was. note: what else the caption
    under the figure says. "none" stands where the numbers rest on nothing of the kind.
    """

    title: str
    bundle: str
    gains: str = NONE
    labels: str = NONE
    method: str = NONE
    weight: str = NONE
    norm: str = NONE
    missing: str = NONE
    n: str = NONE
    date: str = NONE
    link: str = NONE
    note: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """`bundle: …` and so on, each in one line without control characters."""
        names = {"missing": "missing pictures"}
        told = ((names.get(each.name, each.name), one_line(getattr(self, each.name))) for each in fields(self))
        return tuple(f"{name}: {text}" for name, text in told if text)

    def file_name(self, name: str) -> str:
        """A file's name without its ending: bundle, name, method, weight, gains and date, as far as they are known."""
        weight = f"w{self.weight}" if self.weight != NONE else ""
        parts = (self.bundle.partition(" (")[0], name, self.method, weight, self.gains, self.date)
        kept = [_slug(part)[:_LONGEST_PART].strip("-") for part in parts if part != NONE]
        return "_".join(filter(None, kept))[:_LONGEST_NAME] or "sqid"


def bundle_line(dataset: Dataset) -> str:
    """The bundle's title, the fingerprint by which it is found again, and whether it is not for everybody."""
    private = ", private: not for everybody" if dataset.manifest.visible_to else ""
    return f"{dataset.manifest.about.get('title') or dataset.name} ({dataset.fingerprint[:12]}{private})"


def gains_line(scale: LabelScale, table: str) -> str:
    """The gain table's name, and what each label is worth under it."""
    worth = " / ".join(f"{gain:g}" for gain in scale.gains(table))
    return f"{table} ({worth})"


def labels_line(dataset: Dataset, whole_catalogue: bool = False) -> str:
    """The labels, best first, whose they are, and which count as relevant where somebody chose that."""
    whose = "of every product of the catalogue" if whole_catalogue else "of the judged products"
    relevant = "" if dataset.relevant_from is None else f"; relevant: {', '.join(dataset.scale.relevant_names)}"
    return f"{', '.join(dataset.scale.names)}; {whose}{relevant}"


def ranking_lines(rankings: Mapping[str, tuple[str, Fusion | None]]) -> dict[str, str]:
    """The lines method, weight, norm and missing. rankings: by a name that tells them apart, "" for a single one, the
    ranking's title and how it is fused, None where it is not."""
    found: dict[str, list[str]] = {"method": [], "weight": [], "norm": [], "missing": []}
    for name, (title, fusion) in rankings.items():
        told = {"method": title} | ({} if fusion is None else _fusion_lines(fusion))
        for line, texts in found.items():
            texts.append(f"{name}: {told.get(line, NONE)}" if name else told.get(line, NONE))
    return {line: "; ".join(texts) if texts else NONE for line, texts in found.items()}


def _fusion_lines(fusion: Fusion) -> dict[str, str]:
    rule = fusion.rule
    policy = MISSING_IMAGE[fusion.missing_image].label if rule.reads_missing else rule.without_picture
    return {
        "weight": f"{fusion.image_weight:.2f}",
        "norm": NORMS[fusion.norm_read].label if fusion.norm_read else NONE,
        "missing": policy,
    }


def one_line(text: str) -> str:
    """Text in one line: blanks joined, no control characters, no halves of surrogate pairs."""
    seen = "".join(" " if letter.isspace() else letter for letter in str(text))
    return " ".join("".join(letter for letter in seen if unicodedata.category(letter) not in ("Cc", "Cs")).split())


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"(?:[^a-z0-9.]|(?<!\d)\.|\.(?!\d))+", "-", plain.lower()).strip("-")
