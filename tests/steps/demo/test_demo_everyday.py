"""Everyday words: the texts that the demo's model learns from, and the judgement of typed queries."""

from __future__ import annotations

import re
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.demo.content import drawn_content, product_frame
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERNS
from precompute.demo.products.traits import drawn_traits
from precompute.demo.products.wishes import Wish
from precompute.demo.quality.everyday import COLUMNS, Answer, TypedQuery, told, typed_queries
from precompute.demo.text.everyday import as_sought, ignored, leading_words, sayings
from precompute.demo.text.everyday_captions import everyday_text
from precompute.demo.text.words import known_words, meant_words
from precompute.demo.training.examples import fulfilment

SEEDS = st.integers(0, 10_000)
KIND_NAMES = st.sampled_from(sorted(KINDS))
VALUES = {
    "kind": set(KINDS),
    "colour": set(COLOUR_WORDS),
    "pattern": set(PATTERNS),
    "variant": {value for kind in KINDS.values() for value in kind.variants},
    "material": {value for kind in KINDS.values() for value in kind.materials},
    "facet": {value for kind in KINDS.values() for value in kind.facet_words},
}


def test_every_saying_asks_for_what_some_product_can_have():
    for saying in (*sayings(), *leading_words()):
        assert saying.sought
        for attribute, values in saying.sought.items():
            assert values
            assert set(values) <= VALUES[attribute]


@given(SEEDS, KIND_NAMES)
def test_a_product_has_what_its_everyday_text_asks_for(seed, kind):
    rng = Random(seed)
    traits = drawn_traits(kind, rng)
    sought, text = everyday_text(traits, rng)
    assert sought
    assert text == text.strip().lower() != ""
    assert all(getattr(traits, attribute) in values for attribute, values in sought.items())
    assert fulfilment([sought], [traits]).all()


@given(SEEDS, KIND_NAMES)
def test_every_word_of_an_everyday_text_is_a_word_of_the_tokenizer(seed, kind):
    rng = Random(seed)
    _, text = everyday_text(drawn_traits(kind, rng), rng)
    # Prices are made of what no list holds.
    plain = [word for word in re.findall(r"[^\W_]+", text) if word.isalpha() and len(word) > 3]
    assert set(plain) <= {
        *known_words(),
        *"under below less than dollars around euros size inch pieces litre years".split(),
    }


def test_words_that_ask_for_nothing_are_not_taken_for_known():
    said = {word for saying in sayings() for word in saying.text.split()}
    assert not said & set(ignored().words)
    assert not {"cheap", "president", "50"} & set(meant_words())
    assert {"burgundy", "jogging", "mug"} <= set(meant_words()) <= set(known_words())


def test_what_is_sought_takes_any_of_several_values_and_any_kind_where_none_is_named():
    rng = Random(0)
    traits = [drawn_traits(rng.choice(sorted(KINDS)), rng) for _ in range(200)]
    either = {"colour": ("black", "white")}
    assert fulfilment([either], traits)[0].tolist() == [one.colour in ("black", "white") for one in traits]
    assert as_sought(Wish("mug", (("colour", "red"),))) == {"kind": ("mug",), "colour": ("red",)}


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    return product_frame(drawn_content(0))


@pytest.mark.parametrize("name", ["dev", "sealed"])
def test_typed_queries_are_forty_that_the_shop_can_answer(name, products):
    queries = typed_queries(name)
    assert len({query.text for query in queries}) == len(queries) == 40
    for query in queries:
        assert query.right
        fits = [products[COLUMNS.get(key, key)].isin(values) for key, values in query.wanted.items()]
        assert pd.concat(fits, axis=1).all(axis=1).sum() >= 3, query.text


def test_no_query_is_in_both_lists():
    assert not {query.text for query in typed_queries("dev")} & {query.text for query in typed_queries("sealed")}


@pytest.mark.parametrize(("right", "sensible"), [(2, False), (3, True), (5, True)])
def test_an_answer_is_sensible_from_three_right_products_on(right, sensible):
    row = {"title": "Red Mug", "kind": "mug", "color": "red", "pattern": "plain"}
    frame = pd.DataFrame([row | {"right": i < right} for i in range(5)])
    answer = Answer(TypedQuery("red mug", "a red mug", {"kind": ("mug",)}), frame)
    assert answer.sensible is sensible
    assert told(answer).count("  * right: Red Mug") == right
    assert ("MISSED" in told(answer)) is not sensible
