"""Features of the words: what a query asks for, and what of it the product's texts say. Unknown is nan, never 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..bundle.departments import SEPARATOR, TYPED_HITS, departments, typed_category
from ..ranking.ranks import order
from ..types import Floats, Names
from .slate_texts import SlateTexts, Text
from .slates import Slates

NAN = float("nan")


def _pairwise(
    texts: SlateTexts, column: str, names: tuple[str, ...], of: Callable[[Text, Text], tuple[float, ...]]
) -> dict[str, Floats]:
    """(P,) each of what a function says of every query with a text of each of its products, by name."""
    found = texts.column(column)
    pairs = zip(texts.slates.queries.tolist(), texts.place.tolist(), strict=True)
    said = np.array([of(texts.asked[query], found[place]) for query, place in pairs], dtype=np.float64)
    return dict(zip(names, said.reshape(-1, len(names)).T, strict=True))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NAN


def title(texts: SlateTexts) -> dict[str, Floats]:
    """How query and title overlap: shares of the words of either, of words that stand together, of letters; how far in
    front the first common word stands."""

    def of(query: Text, title: Text) -> tuple[float, ...]:
        asked, said = set(query.words), set(title.words)
        common, spaced = len(asked & said), title.spaced
        pairs = list(zip(query.words, query.words[1:], strict=False))
        together = sum(f" {first} {second} " in spaced for first, second in pairs)
        first = next((i for i, word in enumerate(title.words) if word in asked), None)
        letters = sum(gram in spaced for gram in query.trigrams)
        return (
            _share(common, len(asked)),
            _share(common, len(said)),
            _share(together, len(pairs)),
            NAN if first is None else first / len(title.words),
            _share(letters, len(query.trigrams)),
        )

    names = (
        "share of the query's words in the title",
        "share of the title's words in the query",
        "share of the query's word pairs in the title",
        "place of the first common word in the title",
        "share of the query's letters in the title",
    )
    return _pairwise(texts, "title", names, of)


def brand(texts: SlateTexts) -> dict[str, Floats]:
    """Whether the query names the product's brand, or that of another product of the slate. nan without a brand."""

    def named(query: Text, brand: Text) -> tuple[float, ...]:
        return (float(brand.spaced in query.spaced) if brand.words else NAN,)

    name = "the query names the brand"
    own = _pairwise(texts, "brand", (name,), named)[name]
    asked = np.zeros(len(texts.asked), dtype=bool)
    np.logical_or.at(asked, texts.slates.queries, own == 1)
    another = np.where(np.isnan(own), np.nan, asked[texts.slates.queries] & (own == 0))
    return {name: own, "the query names another brand": another}


def colour(texts: SlateTexts) -> dict[str, Floats]:
    """Share of the query's colour words that the product's colour, or its title, has. nan where the query names none,
    or the product's colour is not known."""

    def of(query: Text, product: Text) -> tuple[float, ...]:
        known = query.colours and product.words
        return (_share(len(query.colours.intersection(product.words)), len(query.colours)) if known else NAN,)

    def of_title(query: Text, title: Text) -> tuple[float, ...]:
        return (_share(len(query.colours & title.colours), len(query.colours)) if title.colours else NAN,)

    of_colour = _pairwise(texts, "color", ("share of the query's colours in the colour",), of)
    return of_colour | _pairwise(texts, "title", ("share of the query's colours in the title",), of_title)


def numbers(texts: SlateTexts) -> dict[str, Floats]:
    """Share of the query's numbers in the title; nan where it has none."""

    def of(query: Text, title: Text) -> tuple[float, ...]:
        return (_share(len(query.numbers & title.numbers), len(query.numbers)) if query.numbers else NAN,)

    names = ("share of the query's numbers in the title",)
    return _pairwise(texts, "title", names, of)


def sizes(texts: SlateTexts) -> dict[str, Floats]:
    """Of the units in which the query measures something: the share of which the title has the same number, and of
    which it has another. nan where the query has none, or the title none of them."""

    def of(query: Text, title: Text) -> tuple[float, ...]:
        if not query.measures:
            return NAN, NAN
        shared = query.measures.keys() & title.measures.keys()
        same = sum(bool(query.measures[unit] & title.measures[unit]) for unit in shared)
        return _share(same, len(shared)), _share(len(shared) - same, len(shared))

    names = "share of the query's sizes in the title", "share of the query's sizes that are others in the title"
    return _pairwise(texts, "title", names, of)


def lengths(texts: SlateTexts) -> dict[str, Floats]:
    """Words and letters of query and title."""

    def counts(column: Sequence[Text]) -> Floats:
        return np.array([(len(text.words), len(text.plain)) for text in column], dtype=np.float64).reshape(-1, 2)

    asked = counts(texts.asked)[texts.slates.queries].T
    titles = counts(texts.column("title"))[texts.place].T
    names = "words of the query", "letters of the query", "words of the title", "letters of the title"
    return dict(zip(names, (*asked, *titles), strict=True))


def category(texts: SlateTexts) -> dict[str, Floats]:
    """Whether the product is of the department, and of the category, that most of the query's first ten products by
    the first signal have, and the share of the query's words in the category's path. nan where nothing is known."""
    slates = texts.slates
    paths = _column(slates, "category")
    same = _as_most(slates, departments(paths)), _as_most(slates, paths)

    def of(query: Text, path: Text) -> tuple[float, ...]:
        asked = set(query.words)
        return (_share(len(asked.intersection(path.words)), len(asked)) if path.words else NAN,)

    words = _pairwise(texts, "category", ("share of the query's words in the category",), of)
    return {"of the expected department": same[0], "of the expected category": same[1]} | words


def _as_most(slates: Slates, names: Names) -> Floats:
    """(P,) whether a product's name is the mode of those of its slate's first products. names: (N,) of all products."""
    first = next(iter(slates.scores.values()), np.zeros(len(slates.rows)))
    ranked = order(np.nan_to_num(slates.padded(first), nan=-np.inf))[:, :TYPED_HITS]
    rows = np.full(slates.mask.shape, -1)
    rows[slates.mask] = slates.rows
    most = [typed_category(names, hits) for hits in np.take_along_axis(rows, ranked, axis=1)]
    expected = np.array(most, dtype=object)[slates.queries]
    own = names[slates.rows]
    known = np.array([a is not None and b is not None for a, b in zip(own, expected, strict=True)], dtype=bool)
    return np.where(known, own == expected, np.nan)


def _column(slates: Slates, name: str) -> Names:
    """(N,) texts of the products that are in some slate, None where there is none."""
    found = np.full(len(slates.products), None, dtype=object)
    if name in slates.products:
        rows = np.unique(slates.rows)
        values = slates.products[name].iloc[rows]
        found[rows] = [_trimmed(value) if isinstance(value, str) else None for value in values]
    return found


def _trimmed(path: str) -> str | None:
    return SEPARATOR.join(level.strip() for level in path.split(SEPARATOR)) or None
