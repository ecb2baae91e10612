"""Figures that others published for SQID's test set, and how far ours may differ from them. Data, no code of theirs.

NDCG over all judged products with the gains 1 / 0.1 / 0.01 / 0. "Paper" is SQID's (arXiv 2405.15190) as others quote
it; the re-runs were made on the real data, independently of each other and of this program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..bundle.manifest import Manifest

COUNTS = {"queries": 8_956, "judgements": 181_701, "products": 164_900}
GAINS = "paper"
TOLERANCE = 0.002
SOURCES = ("paper", "re-run 1", "re-run 2")

CLIP_TEXT, CLIP_IMAGE, SBERT_TEXT = "clip_text", "clip_image", "sbert_text"
# The models behind the signals of those names: another model's vectors have other figures.
MODELS = {CLIP_TEXT: "ViT-L-14-quickgelu", CLIP_IMAGE: "ViT-L-14-quickgelu", SBERT_TEXT: "all-MiniLM-L12-v2"}


@dataclass(frozen=True)
class Published:
    """One line of the published tables.

    title: what it is, for reading. method: the name of our method. signals: what it ranks by, text before image; of a
    single signal it is the method's name too. figures: one a source, None where it has none. image_weight: 1 - their
    text weight, None where there is none. remarks: what is to be known of a figure, by source.
    """

    title: str
    method: str
    signals: tuple[str, ...]
    figures: tuple[float | None, ...]
    image_weight: float | None = None
    remarks: Mapping[str, str] = field(default_factory=dict)

    def by_source(self) -> dict[str, float]:
        """The figures that there are."""
        return {source: figure for source, figure in zip(SOURCES, self.figures, strict=True) if figure is not None}

    def shown(self, source: str) -> str:
        """A figure as text, with its remark; a dash where the source has none."""
        figure, remark = self.by_source().get(source), self.remarks.get(source)
        if figure is None:
            return "–"
        return f"{figure:.4f} ({remark})" if remark else f"{figure:.4f}"


MAIN = (
    Published(
        "Random order",
        "random",
        (),
        (0.7483, 0.7465, 0.7467),
        remarks={"re-run 1": "one seed", "re-run 2": "100 seeds"},
    ),
    Published("CLIP, texts", CLIP_TEXT, (CLIP_TEXT,), (0.8107, 0.8106, None)),
    Published("CLIP, pictures", CLIP_IMAGE, (CLIP_IMAGE,), (0.8225, 0.8223, None)),
    Published("Sentence-BERT, titles", SBERT_TEXT, (SBERT_TEXT,), (0.8292, 0.8294, 0.8294)),
    Published(
        "CLIP texts + pictures, best weight",
        "weighted best",
        (CLIP_TEXT, CLIP_IMAGE),
        (0.8300, 0.8296, None),
        remarks={"paper": "about", "re-run 1": "best of five"},
    ),
    Published("ESCI baseline (fine-tuned cross-encoder)", "esci_baseline", ("esci_baseline",), (0.8562, 0.8550, None)),
)

_IMAGE_WEIGHTS = (0.90, 0.75, 0.50, 0.25, 0.10)
# Re-run 1, raw cosines, a missing picture as cosine 0; in its order, text weights .10 to .90.
_WEIGHTED = (
    ("CLIP + CLIP, scores", "weighted", CLIP_TEXT, (0.8296, 0.8289, 0.8212, 0.8153, 0.8124)),
    ("CLIP + CLIP, ranks", "weighted ranks", CLIP_TEXT, (0.8242, 0.8270, 0.8268, 0.8195, 0.8129)),
    ("SBERT + CLIP, scores", "weighted", SBERT_TEXT, (0.8350, 0.8402, 0.8379, 0.8338, 0.8311)),
    ("SBERT + CLIP, ranks", "weighted ranks", SBERT_TEXT, (0.8250, 0.8300, 0.8353, 0.8349, 0.8314)),
)
WEIGHTED = tuple(
    Published(title, f"{method} {weight:g}", (text, CLIP_IMAGE), (None, figure, None), weight)
    for title, method, text, figures in _WEIGHTED
    for weight, figure in zip(_IMAGE_WEIGHTS, figures, strict=True)
)
PUBLISHED = MAIN + WEIGHTED


def is_full_sqid(manifest: Manifest) -> bool:
    """Whether a bundle is the whole of SQID's test set, by its counts and its gain table."""
    return dict(manifest.counts) == COUNTS and GAINS in manifest.label_scale.gain_names


def comparable(manifest: Manifest, fused: tuple[str, ...]) -> list[Published]:
    """The lines that a bundle can be held to: of its own signals, and of the pair that was fused.

    A signal counts by its name, unless its encoder is known to be another model.
    """
    known = {name for name in manifest.signals if _is_their_model(manifest, name)}
    return [
        line
        for line in PUBLISHED
        if known.issuperset(line.signals) and (len(line.signals) < 2 or line.signals == fused)
    ]


def _is_their_model(manifest: Manifest, signal: str) -> bool:
    encoder = manifest.encoders.get(manifest.signals[signal].encoder)
    model = encoder.model.rpartition("/")[2] if encoder else ""
    return not model or MODELS.get(signal, model) == model
