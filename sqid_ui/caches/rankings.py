"""One query's rankings: its vectors, its labels, its candidates; all but the weight, which moves in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image

from sqid_core.bundle.load import Dataset
from sqid_core.encoders.families import reads_pictures
from sqid_core.errors import InputError, ServerError
from sqid_core.evaluation.curves import WeightCurve, judged_curve
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.ranking import candidates
from sqid_core.ranking.candidates import Prepared, prepare_catalogue, prepare_slate
from sqid_core.ranking.filters import ANY_PRODUCT, ProductFilter, by_folded_text
from sqid_core.ranking.found import found_candidates
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.picture_search import QueryVectors, Question, mixed, similar_to
from sqid_core.types import MODALITIES, Bools, Floats, Vectors
from sqid_core.wording import folded
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.encoders import encoded_picture, encoded_text
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.caches.keys import Keyed, cached
from sqid_ui.caches.served import fits_here, is_served, lost, served
from sqid_ui.caches.slates import first_scores

# A prepared catalogue of SQID's size is about 6 MB; a slate is nothing.
_CATALOGUES, _SLATES = 8, 256


@dataclass(frozen=True, eq=False)
class Searched:
    """What was asked, ranked. found: whether a server found the products, which then are not all. trouble: why it did
    not although it should have, "" where all is well."""

    prepared: Prepared
    found: bool = False
    trouble: str = ""


def searched(
    shown: Dataset,
    asked: Question,
    fusion: Fusion,
    picture: Keyed[Image] | None = None,
    only: ProductFilter = ANY_PRODUCT,
) -> Searched:
    """`prepared`, in the server that holds the bundle's vectors where there is one. only: what it shall leave out, as
    everybody who gets all products does for himself. Raises SqidError where it cannot be ranked.
    """
    trouble = ""
    if asked.searches_catalogue and is_served(shown):
        try:
            return Searched(_found(shown, asked, fusion.weightless, picture, only), found=True)
        except ServerError as error:
            trouble = str(error)
            if not fits_here(shown):
                raise ServerError(f"{trouble}, and the vectors do not fit here; try again in a moment") from None
    return Searched(prepared(shown, asked, fusion, picture), trouble=trouble)


@cached(max_entries=_CATALOGUES)
def _found(
    shown: Dataset, asked: Question, fusion: Fusion, picture: Keyed[Image] | None, only: ProductFilter
) -> Prepared:
    labelled = shown.judgements.row_of(asked.labels) if asked.labels else None
    there, vectors = served(shown), _vectors(shown, asked, picture)
    try:
        return Prepared(found_candidates(shown, there, vectors, fusion, labelled, _words(shown, asked), only))
    except ServerError as error:
        raise lost(shown, error) from None


def prepared(shown: Dataset, asked: Question, fusion: Fusion, picture: Keyed[Image] | None = None) -> Prepared:
    """What is asked, ready to be fused at any weight. picture: the uploaded one that the question names.

    Raises SqidError where it cannot be ranked.
    """
    if not asked.searches_catalogue:
        return _slate(shown, asked.query_id, fusion.weightless)
    return _catalogue(shown, asked, fusion.weightless, picture)


@cached(max_entries=_SLATES)
def _slate(shown: Dataset, query_id: str, fusion: Fusion) -> Prepared:
    return prepare_slate(shown, shown.judgements.row_of(query_id), fusion)


@cached(max_entries=_CATALOGUES)
def _catalogue(shown: Dataset, asked: Question, fusion: Fusion, picture: Keyed[Image] | None) -> Prepared:
    labelled = shown.judgements.row_of(asked.labels) if asked.labels else None
    own = _own_cosines(shown) if fusion.needs_own else None
    return prepare_catalogue(shown, _vectors(shown, asked, picture), fusion, labelled, own, _words(shown, asked))


@cached(max_entries=4)
def _own_cosines(shown: Dataset) -> Floats | None:
    """(N,) cosine of each product's own text and picture, which no query changes; None without both."""
    return None if None in map(shown.dense_signal, MODALITIES) else candidates.own_cosines(shown)


def _words(shown: Dataset, asked: Question) -> str:
    """The text that is asked, of a judged query its own; "" where a picture alone is asked."""
    if asked.text or asked.by_picture:
        return asked.text
    return str(shown.queries["query"].iloc[shown.judgements.row_of(asked.query_id)])


def _vectors(shown: Dataset, asked: Question, picture: Keyed[Image] | None) -> QueryVectors:
    words = {name: text_vector(shown, name, asked.text) for name in shown.search_encoders if asked.text}
    if asked.by_picture:
        return mixed(_picture_vectors(shown, asked, picture), words, asked.words)
    return words if asked.text else _stored_vectors(shown, shown.judgements.row_of(asked.query_id))


@cached(max_entries=512, any_order=True)
def text_vector(shown: Dataset, name: str, text: str) -> Vectors:
    """(D,) the vector of a typed text. Raises EncoderError."""
    return encoded_text(shown, name, text)


@cached(max_entries=64, any_order=True)
def picture_vector(shown: Dataset, name: str, picture: Keyed[Image]) -> Vectors:
    """(D,) the vector of an uploaded picture, known by its hash. Raises EncoderError."""
    return np.asarray(encoded_picture(shown, name, picture.value))


def _picture_vectors(shown: Dataset, asked: Question, picture: Keyed[Image] | None) -> QueryVectors:
    if not asked.upload:
        found = similar_to(shown, product_row(shown, asked.like))
        if not found:
            raise InputError(f"the product {asked.like} has neither a picture nor a text vector; pick another")
        return found
    readers = [name for name in shown.search_encoders if reads_pictures(shown.manifest.encoders[name])]
    if picture is None or not readers:
        raise InputError(f"no encoder of {shown.name} reads pictures; encode it with a CLIP model to search by one")
    return {name: picture_vector(shown, name, picture) for name in readers}


def _stored_vectors(shown: Dataset, query: int) -> QueryVectors:
    stored = {name: shown.query_vectors(name) for name in shown.search_encoders}
    return {name: vectors[query] for name, vectors in stored.items() if vectors is not None}


def queries_of_text(shown: Dataset, text: str) -> tuple[str, ...]:
    """The ids of the judged queries with a text, case and spaces folded: the labels of one may hold for it."""
    return _ids_by_text(shown).get(folded(text), ())


@cached(max_entries=4, any_order=True)
def _ids_by_text(shown: Dataset) -> Mapping[str, tuple[str, ...]]:
    names = query_names(shown)
    ids = list(names)
    return {text: tuple(ids[row] for row in rows) for text, rows in by_folded_text(names.values()).items()}


@cached(max_entries=32, any_order=True)
def fitting_products(shown: Dataset, wanted: ProductFilter) -> Bools:
    """(N,) which products a filter leaves."""
    return wanted.mask(shown.products)


def slate_curve(shown: Dataset, query_id: str, fusion: Fusion, gains: str) -> WeightCurve:
    """NDCG of a judged query's slate at every weight."""
    return _slate_curve(shown, query_id, fusion.weightless, gains)


@cached(max_entries=_SLATES)
def _slate_curve(shown: Dataset, query_id: str, fusion: Fusion, gains: str) -> WeightCurve:
    return judged_curve(_slate(shown, query_id, fusion).candidates, shown.scale.gains(gains), fusion)


def everyones_curve(shown: Dataset, fusion: Fusion, gains: str) -> WeightCurve:
    """Mean NDCG of all judged queries at every weight."""
    return _everyones_curve(shown, fusion.weightless, gains)


@cached(max_entries=32, spinner="Measuring all judged queries")
def _everyones_curve(shown: Dataset, fusion: Fusion, gains: str) -> WeightCurve:
    return dataset_curves(shown, fusion, gains, first_scores(shown, fusion)).mean()
