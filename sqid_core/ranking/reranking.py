"""Re-ranking: a model that reads the query with each of a few products orders them anew."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from ..bundle.content import joined_texts
from ..bundle.learned_signal import LearnedSignal
from ..bundle.load import Dataset
from ..bundle.plain_files import told
from ..bundle.reranked import RerankedSignal
from ..encoders.cross_encoder import CrossEncoder
from ..errors import InputError
from ..types import Floats, Rows


def rerankers(dataset: Dataset) -> tuple[str, ...]:
    """The signals whose model, a cross-encoder or a learned one, can be asked about other pairs."""
    return tuple(name for name, signal in dataset.signals.items() if isinstance(signal, RerankedSignal | LearnedSignal))


def texts_of(dataset: Dataset, rows: Rows, fields: Sequence[str]) -> list[str]:
    """(n,) the fields of some products, as `rerank` hands them to the model: some are left on disk, and a category may
    have come later. Raises InputError where the bundle's products cannot be read any more."""
    path = dataset.folder / "products.parquet"
    try:
        table = pq.read_table(path, columns=list(fields)).take(pa.array(rows))
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} cannot be read ({told(error)}); open the bundle again") from None
    return joined_texts([table[name] for name in fields])


def reranking_scores(dataset: Dataset, signal: RerankedSignal, model: CrossEncoder, text: str, rows: Rows) -> Floats:
    """(n,) what the signal's cross-encoder says of a text and each of some products; they are no cosines. Raises
    EncoderError."""
    return model.scores([(text, product) for product in texts_of(dataset, rows, signal.fields)])
