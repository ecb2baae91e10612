"""What the signals say of every judged pair: scored once, then ranked, mixed and measured as often as one likes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ..bundle.judgements import Judgements
from ..bundle.signals import Signal, text_image_cosines
from ..ranking.fusion import Columns, Fusion, columns
from ..ranking.mixes import are_mixes
from ..types import Bools, Floats, Modality


@dataclass(frozen=True, eq=False)
class SlateScores:
    """A text and an image signal on the judged slates, in the judgements' layout.

    text, image: (Q, C) raw scores, nan at padding and where a product lacks the signal; None where there is no such
    signal. own: (Q, C) cosine of each product's own text and picture, which the embedding average takes; None where the
    signals are not of one space, or where nothing asked for it. runs: whether text and image are rankings, whose
    unranked products stand last (`Signal.is_run`). mixes: whether they are mixes, which are normed already.
    """

    text: Floats | None = field(default=None, repr=False)
    image: Floats | None = field(default=None, repr=False)
    own: Floats | None = field(default=None, repr=False)
    runs: tuple[bool, bool] = (False, False)
    mixes: tuple[bool, bool] = (False, False)

    def of(self, modality: Modality) -> Floats | None:
        """(Q, C) the scores of one modality, None where it has none."""
        return self.text if modality == "text" else self.image

    @property
    def both(self) -> tuple[Floats, Floats]:
        """Text and image. Raises ValueError where one is not there."""
        if self.text is None or self.image is None:
            raise ValueError("this needs the scores of a text and an image signal")
        return self.text, self.image

    def take(self, queries: slice) -> SlateScores:
        """Those of some queries. As wide as before, so that sums round as they do over all queries."""
        text, image, own = (None if each is None else each[queries] for each in (self.text, self.image, self.own))
        return SlateScores(text, image, own, self.runs, self.mixes)

    def columns(self, fusion: Fusion, mask: Bools) -> Columns:
        """The prepared columns (Q, C) of every slate. mask: (Q, C) False at padding.

        Raises ValueError where the fusion reads what is not here.
        """
        return columns(fusion, *self.both, mask, self.own, self.runs, self.mixes)


def slate_scores(judgements: Judgements, text: Signal | None, image: Signal | None, own: bool = False) -> SlateScores:
    """Of a text and an image signal. own: with each product's cosine of text and picture, see `own_cosines`."""
    cosines = None if text is None or image is None or not own else own_cosines(judgements, text, image)

    def scored(signal: Signal | None) -> Floats | None:
        return None if signal is None else signal.slate_scores(judgements)

    # Gathering vectors waits for memory more than it computes: two signals at once take half the time.
    with ThreadPoolExecutor(2) as pool:
        of_text, of_image = pool.map(scored, (text, image))
    return SlateScores(of_text, of_image, cosines, runs(text, image), are_mixes(text, image))


def runs(text: Signal | None, image: Signal | None) -> tuple[bool, bool]:
    """Which of the two are rankings."""
    return text is not None and text.is_run, image is not None and image.is_run


def own_cosines(judgements: Judgements, text: Signal, image: Signal) -> Floats:
    """(Q, C) cosine of each judged product's own text and picture; nan at padding and where one is absent.

    Raises InputError unless both signals hold vectors of one encoder.
    """
    cosines = np.full(judgements.rows.shape, np.nan)
    cosines[judgements.mask] = text_image_cosines(text, image, judgements.rows[judgements.mask])
    return cosines
