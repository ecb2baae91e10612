"""From settings to what is asked: which signals rank, the query's vectors, whose labels it has, what may be shown."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.ranking.filters import folded
from sqid_core.ranking.picture_search import QueryVectors, mixed, reads_pictures, similar_to
from sqid_ui.caches import shared as resources
from sqid_ui.search import rankings, uploads
from sqid_ui.search.state import SearchSettings


def with_signals(dataset: Dataset, settings: SearchSettings) -> Dataset:
    """The data set with the chosen signals as the first of their modality."""
    return dataset.preferring(*filter(None, (settings.text_signal, settings.image_signal)))


def prepared(dataset: Dataset, settings: SearchSettings) -> rankings.Prepared:
    """What the settings ask to be ranked, ready to be fused at any weight. Raises SqidError where that cannot be."""
    if not settings.searches_catalogue:
        return resources.prepared_slate(dataset, settings.query_id, settings.fusion)
    judged = labelled_query(dataset, settings)
    return resources.prepared_catalogue(
        dataset, _asked(settings), lambda: _vectors(dataset, settings), judged, settings.fusion
    )


def labelled_query(dataset: Dataset, settings: SearchSettings) -> str:
    """The judged query whose labels hold: the one that is open, or one with the text that was typed; "" for none."""
    if settings.by_picture:
        return ""
    if settings.text:
        return resources.judged_texts(dataset.fingerprint, dataset).get(folded(settings.text), "")
    return settings.query_id


def shown_products(dataset: Dataset, settings: SearchSettings) -> npt.NDArray[np.bool_] | None:
    """(N,) the products that may be shown, None for all: the filter's, less the one that is searched like."""
    wanted = settings.filter
    mask = resources.fitting_products(dataset.fingerprint, wanted, dataset) if wanted else None
    if not settings.like or settings.upload:
        return mask
    others = np.ones(len(dataset.products), dtype=bool) if mask is None else mask.copy()
    others[product_row(dataset, settings.like)] = False
    return others


def product_row(dataset: Dataset, product_id: str) -> int:
    """The row of a product's id."""
    return int(resources.product_index(dataset.fingerprint, dataset).get_indexer(pd.Index([product_id]))[0])


def lists_without_picture(dataset: Dataset, settings: SearchSettings) -> str:
    """The text signal whose encoder knows no pictures, where a picture alone is asked; "" where there is none."""
    signal = dataset.dense_signal("text")
    if not settings.by_picture or settings.text or signal is None:
        return ""
    if settings.upload:
        return "" if reads_pictures(dataset.manifest.encoders[signal.encoder]) else signal.name
    return "" if signal.encoder in similar_to(dataset, product_row(dataset, settings.like)) else signal.name


def _asked(settings: SearchSettings) -> Hashable:
    """What the vectors stand for. The share of the words matters only where there is a picture too."""
    share = settings.words if settings.text and settings.by_picture else None
    return settings.text, settings.query_id, settings.upload or settings.like, share


def _vectors(dataset: Dataset, settings: SearchSettings) -> QueryVectors:
    words = {
        name: resources.text_vector(dataset.fingerprint, name, settings.text, dataset)
        for name in resources.dense_encoders(dataset)
        if settings.text
    }
    if settings.by_picture:
        return mixed(_picture_vectors(dataset, settings), words, settings.words)
    return words if settings.text else _stored_vectors(dataset, rankings.query_row(dataset, settings.query_id))


def _picture_vectors(dataset: Dataset, settings: SearchSettings) -> QueryVectors:
    if not settings.upload:
        found = similar_to(dataset, product_row(dataset, settings.like))
        if not found:
            raise InputError(f"the product {settings.like} has neither a picture nor a text vector; pick another")
        return found
    picture = uploads.kept()
    readers = [name for name in resources.dense_encoders(dataset) if reads_pictures(dataset.manifest.encoders[name])]
    if picture is None or not readers:
        raise InputError(f"no encoder of {dataset.name} reads pictures; encode it with a CLIP model to search by one")
    return {
        name: resources.picture_vector(dataset.fingerprint, name, picture.digest, picture.image, dataset)
        for name in readers
    }


def _stored_vectors(dataset: Dataset, query: int) -> QueryVectors:
    dense = [signal for signal in map(dataset.dense_signal, rankings.MODALITIES) if signal is not None]
    return {signal.encoder: signal.queries[query] for signal in dense}
