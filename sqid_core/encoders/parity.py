"""Whether an encoder makes the vectors that a bundle holds, before typed queries or new signals join them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..errors import EncoderError
from ..sampling import even_sample
from ..types import Vectors
from .families import Encoder, OpenClipEncoder

LEAST_COSINE = 0.99
SAMPLE = 20
# One query in ten may differ: libraries clean odd characters differently.
_ALLOWED = 10

# How others word a query before they encode it.
WORDINGS: dict[str, Callable[[str], str]] = {
    "the prompt 'a photo of a ...'": "a photo of a {}".format,
    "the prompt 'a photo of a ....'": "a photo of a {}.".format,
    "the prompt 'a photo of ...'": "a photo of {}".format,
    "the prefix 'query: ...'": "query: {}".format,
    "small letters": str.lower,
}


def agreement(encoder: Encoder, texts: Sequence[str], stored: Vectors) -> float:
    """The cosine of encoded and stored (n, D) unit rows that nine of ten texts reach; 1 without texts."""
    if not len(texts):
        return 1.0
    return _reached(encoder.encode_texts(texts), stored)


def check_parity(encoder: Encoder, texts: Sequence[str], stored: Vectors, where: str) -> float:
    """The agreement over a sample of a bundle's queries. texts: all of them. stored: their vectors (Q, D).

    Raises EncoderError where it is below LEAST_COSINE, with the likely cause: found by trying, where it can be.
    """
    rows = even_sample(len(texts), SAMPLE)
    sample, vectors = [texts[row] for row in rows], np.asarray(stored[rows])
    found = agreement(encoder, sample, vectors)
    if found < LEAST_COSINE:
        raise EncoderError(
            f"{where} holds query vectors that the encoder {encoder.spec.name} does not make: encoded again, the "
            f"cosine is {found:.3f}, expected at least {LEAST_COSINE}; {likely_cause(encoder, sample, vectors, found)}"
        )
    return found


def likely_cause(encoder: Encoder, texts: Sequence[str], stored: Vectors, found: float) -> str:
    """What the stored vectors were made with, as far as another wording or activation explains them; and what to do."""
    advice = next(_explanations(encoder, texts, stored), "")
    if advice:
        return advice
    if found < 0.5:
        return "another model or other weights made them: name the model that did, or encode again with this one"
    return (
        "the likely cause is another preprocessing of the text (prompt, cut, tokenizer) or weights of another training "
        "of the same model: name the model that made them, or encode again with this one"
    )


def _explanations(encoder: Encoder, texts: Sequence[str], stored: Vectors) -> Iterator[str]:
    for name, worded in WORDINGS.items():
        if agreement(encoder, [worded(text) for text in texts], stored) >= LEAST_COSINE:
            yield (
                f"the likely cause is the preprocessing: they were made with {name}, and typed queries are encoded as "
                "they are; encode again"
            )
    if isinstance(encoder, OpenClipEncoder):
        with encoder.other_activations() as swaps:
            for other, own in swaps:
                if agreement(encoder, texts, stored) >= LEAST_COSINE:
                    yield (
                        f"the likely cause is the activation: they were made with {other} and this model runs {own}; "
                        "use the model's other form (its name with or without -quickgelu)"
                    )


def _reached(vectors: Vectors, stored: Vectors) -> float:
    cosines = np.sort(np.vecdot(vectors, stored))
    return float(cosines[(len(cosines) - 1) // _ALLOWED])
