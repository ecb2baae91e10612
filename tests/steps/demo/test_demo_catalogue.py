"""The demo's products and queries: labels that follow from attributes, shares, ids, words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.demo.products.catalogue import drawn_products
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.kinds.attributes import ATTRIBUTES, COLOUR_WORDS
from precompute.demo.products.queries import judged_queries
from precompute.demo.products.titles import title
from precompute.demo.products.traits import drawn_traits
from precompute.demo.products.wishes import Wish, drawn_wish, label, related_text, use_text, wish_text
from precompute.demo.text.captions import misspelt, wish_caption
from precompute.demo.text.words import known_words

SEEDS = st.integers(0, 10_000)
KIND_NAMES = st.sampled_from(sorted(KINDS))


@pytest.fixture(scope="module")
def products():
    return drawn_products(0)


@pytest.fixture(scope="module")
def queries(products):
    return judged_queries(products, 0)


def test_a_seed_draws_the_same_products_and_another_seed_others():
    assert drawn_products(7, 200) == drawn_products(7, 200)
    assert not {p.product_id for p in drawn_products(7, 200)} & {p.product_id for p in drawn_products(8, 200)}


def test_products_are_two_thousand_of_many_kinds_with_unique_ids(products):
    per_kind = Counter(product.traits.kind for product in products)
    assert len(products) == 2000 == len({product.product_id for product in products})
    assert len(per_kind) >= 14
    assert max(per_kind.values()) - min(per_kind.values()) <= 1


def test_one_product_in_twenty_has_no_picture(products):
    assert sum(not product.pictured for product in products) == 100


def test_every_product_says_what_it_is(products):
    for product in products:
        low, high = KINDS[product.traits.kind].price
        assert product.title
        assert low <= product.price <= high + 1
        assert product.traits.brand in product.description
        assert product.traits.colour in product.description


def test_there_are_two_hundred_queries_of_every_kind_with_slates_of_varied_depth(queries):
    depths = [len(query.slate) for query in queries]
    assert len({query.text for query in queries}) == len({query.query_id for query in queries}) == 200
    assert {query.wish.kind for query in queries} == set(KINDS)
    assert min(depths) <= 12
    assert max(depths) >= 22


def test_labels_follow_from_the_attributes(products, queries):
    for query in queries:
        for row, letter in query.slate:
            traits = products[row].traits
            of_kind = traits.kind == query.wish.kind
            met = all(getattr(traits, attribute) == value for attribute, value in query.wish.wanted)
            goes_with = traits.kind in KINDS[query.wish.kind].goes_with
            assert letter == ("E" if of_kind and met else "S" if of_kind else "C" if goes_with else "I")


def test_every_slate_has_exact_and_other_products_and_none_twice(queries):
    for query in queries:
        letters = [letter for _, letter in query.slate]
        assert 0 < letters.count("E") < len(letters)
        assert len({row for row, _ in query.slate}) == len(letters)


@given(SEEDS, KIND_NAMES)
def test_a_product_fulfils_the_wish_that_was_drawn_from_it(seed, kind):
    rng = Random(seed)
    traits = drawn_traits(kind, rng)
    wish = drawn_wish(traits, rng)
    assert label(wish, traits) == "E"
    assert len(wish.wanted) <= 3


@given(SEEDS, KIND_NAMES)
def test_one_missed_attribute_makes_a_substitute(seed, kind):
    rng = Random(seed)
    traits = drawn_traits(kind, rng)
    for attribute, value in drawn_wish(traits, rng).wanted:
        assert label(Wish(kind, ((attribute, value),)), replace(traits, **{attribute: "something else"})) == "S"


def test_other_kinds_are_complements_or_irrelevant():
    rng = Random(0)
    mug = Wish("mug", (("colour", "red"),))
    assert label(mug, drawn_traits("teapot", rng)) == "C"
    assert label(mug, drawn_traits("sofa", rng)) == "I"


def test_complements_are_kinds():
    assert {name for kind in KINDS.values() for name in kind.goes_with} <= set(KINDS)
    assert all(set(kind.asked) <= set(ATTRIBUTES) for kind in KINDS.values())


@pytest.mark.parametrize(("kind", "share"), [("mug", 0.6), ("sofa", 0.6), ("rug", 0.94)])
def test_titles_leave_the_colour_out_as_often_as_told(kind, share):
    rng = Random(1)
    titles = [
        (traits, title(traits, rng, tidy=True).lower()) for traits in (drawn_traits(kind, rng) for _ in range(4000))
    ]
    silent = sum(not any(word in text for word in COLOUR_WORDS[traits.colour]) for traits, text in titles)
    assert silent / len(titles) == pytest.approx(share, abs=0.03)


def test_a_posters_title_rarely_tells_its_subject():
    rng = Random(2)
    silent = 0
    for _ in range(2000):
        traits = drawn_traits("poster", rng)
        words = KINDS["poster"].facet_words[traits.facet]
        silent += not any(f", {word}" in title(traits, rng, tidy=True).lower() for word in words)
    assert silent / 2000 == pytest.approx(0.92, abs=0.03)


@given(SEEDS, KIND_NAMES)
def test_every_word_of_a_title_or_a_wish_is_a_known_word(seed, kind):
    rng = Random(seed)
    traits = drawn_traits(kind, rng)
    wish = drawn_wish(traits, rng)
    texts = [title(traits, rng), wish_text(wish, rng), use_text(wish, rng), related_text(wish, rng)]
    words = {word for text in texts for word in re.findall(r"[^\W_]+", text.lower())}
    assert {word for word in words if not word.isdigit()} <= set(known_words())


@given(st.text("abcdefgh", min_size=4, max_size=12), SEEDS)
def test_a_slip_changes_one_or_two_letters(word, seed):
    slipped = misspelt(word, Random(seed))
    assert abs(len(slipped) - len(word)) <= 1
    assert slipped[0] == word[0] or slipped[1:2] == word[:1] or slipped[1:] == word[1:] or slipped == word[1:]


@pytest.mark.parametrize("word", ["tee", "12", "v-neck", "a"])
def test_short_words_and_numbers_are_not_misspelt(word):
    assert misspelt(word, Random(0)) == word


@given(SEEDS, KIND_NAMES)
def test_captions_come_with_a_wish_that_the_product_fulfils(seed, kind):
    rng = Random(seed)
    traits = drawn_traits(kind, rng)
    wish, text = wish_caption(traits, rng)
    assert label(wish, traits) == "E"
    assert text == text.lower() != ""
