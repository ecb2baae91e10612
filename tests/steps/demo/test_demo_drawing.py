"""The demo's pictures: repeatable, of every kind, alike at every size, in the product's colour."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import numpy as np
import pytest
from PIL import Image

from precompute.demo.drawing import DRAWINGS, picture
from precompute.demo.drawing.palette import COLOURS
from precompute.demo.drawing.surfaces import PAINTERS
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.kinds.attributes import COLOUR_WORDS, PATTERNS
from precompute.demo.products.traits import Traits, drawn_traits

TEE = Traits("t-shirt", "crew neck", "red", "plain", "cotton", "Tansy", "")


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=float)


def test_every_kind_colour_and_pattern_can_be_drawn():
    assert set(DRAWINGS) == set(KINDS)
    assert set(COLOURS) == set(COLOUR_WORDS)
    assert set(PAINTERS) == set(PATTERNS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_look_of_a_kind_is_drawn(kind):
    drawn = set()
    for variant, pattern, facet in product(kind.variants, dict.fromkeys(kind.patterns), kind.facets):
        traits = Traits(kind.name, variant, kind.colours[0], pattern, "", "", facet)
        image = picture(traits, 5, 32)
        assert image.mode == "RGB"
        assert image.size == (32, 32)
        drawn.add(image.tobytes())
    hidden_facets = len(kind.facets) if not kind.visible_facet else 1
    assert len(drawn) >= len(kind.variants) * len(set(kind.patterns)) * len(kind.facets) / hidden_facets


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_same_look_gives_the_same_pixels(kind):
    traits = drawn_traits(kind, Random(3))
    assert picture(traits, 11, 48).tobytes() == picture(traits, 11, 48).tobytes() != picture(traits, 12, 48).tobytes()


def test_a_small_picture_is_the_large_one_reduced():
    large = picture(TEE, 4, 256).resize((64, 64), Image.Resampling.BICUBIC)
    small = picture(TEE, 4, 128).resize((64, 64), Image.Resampling.BICUBIC)
    assert np.abs(pixels(large) - pixels(small)).mean() < 4


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_a_plain_product_has_its_colour(colour):
    centre = pixels(picture(replace(TEE, colour=colour), 9, 64))[20:30, 26:36].mean(axis=(0, 1))
    nearest = min(COLOURS, key=lambda name: float(np.abs(centre - COLOURS[name]).sum()))
    assert nearest == colour


def test_the_background_is_nearly_white():
    image = pixels(picture(TEE, 1, 64))
    assert image[:3, :3].min() > 235
    assert image[-3:, -3:].min() > 225
