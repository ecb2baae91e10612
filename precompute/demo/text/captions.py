"""Captions for training: titles as sellers write them and wishes as shoppers type them, with the slips of both."""

from random import Random

from precompute.demo.products.titles import title
from precompute.demo.products.traits import Traits
from precompute.demo.products.wishes import Wish, drawn_wish, related_text, use_text, wish_text
from precompute.demo.text.everyday import Sought
from precompute.demo.text.everyday_captions import everyday_text

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What the shopper's words are like: the product's name, a word around it, what it is for.
WORDINGS = (wish_text, wish_text, wish_text, related_text, use_text)


def title_caption(traits: Traits, rng: Random) -> str:
    """A fresh title for the product, at times with a word lost or a slip."""
    return _slipped(title(traits, rng, tidy=True).lower(), rng, loss=0.25)


def wish_caption(traits: Traits, rng: Random) -> tuple[Wish, str]:
    """A wish that the product fulfils, and a shopper's words for it; one in eight asks for nothing but the kind."""
    wish = Wish(traits.kind, ()) if rng.random() < 0.125 else drawn_wish(traits, rng)
    return wish, _slipped(rng.choice(WORDINGS)(wish, rng), rng, loss=0.05)


def everyday_caption(traits: Traits, rng: Random) -> tuple[Sought, str]:
    """What a shopper asks for in everyday words, and the words; the product has it."""
    sought, text = everyday_text(traits, rng)
    return sought, _slipped(text, rng, loss=0)


def _slipped(text: str, rng: Random, loss: float) -> str:
    """The text with a word lost (with probability `loss`), its words shuffled (.08) or a letter wrong (.25)."""
    words = text.split()
    if len(words) > 3 and rng.random() < loss:
        del words[rng.randrange(len(words))]
    if rng.random() < 0.08:
        rng.shuffle(words)
    if rng.random() < 0.25:
        place = rng.randrange(len(words))
        words[place] = misspelt(words[place], rng)
    return " ".join(words)


def misspelt(word: str, rng: Random) -> str:
    """The word with one slip of the finger: two letters swapped, one lost, doubled or replaced. Short words stay."""
    if len(word) < 4 or not word.isalpha():
        return word
    i = rng.randrange(len(word) - 1)
    return rng.choice(
        (
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + rng.choice(LETTERS) + word[i + 1 :],
        )
    )
