"""Pictures of the demo's products, drawn from their traits and a seed."""

from collections.abc import Callable
from random import Random

from PIL import Image

from precompute.demo.drawing import accessories, clothing, furniture, home, printed, tableware
from precompute.demo.drawing.canvas import OVERSAMPLING, Canvas
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import jittered
from precompute.demo.products.traits import Traits, drawn_traits

DRAWINGS: dict[str, Callable[[Canvas, Look], None]] = {
    "t-shirt": clothing.draw_t_shirt,
    "sweater": clothing.draw_sweater,
    "dress": clothing.draw_dress,
    "socks": clothing.draw_socks,
    "sneakers": accessories.draw_sneakers,
    "backpack": accessories.draw_backpack,
    "handbag": accessories.draw_handbag,
    "umbrella": accessories.draw_umbrella,
    "mug": tableware.draw_mug,
    "teapot": tableware.draw_teapot,
    "glass": tableware.draw_glass,
    "bottle": tableware.draw_bottle,
    "chair": furniture.draw_chair,
    "sofa": furniture.draw_sofa,
    "lamp": furniture.draw_lamp,
    "clock": home.draw_clock,
    "cushion": home.draw_cushion,
    "rug": home.draw_rug,
    "book": printed.draw_book,
    "phone case": printed.draw_phone_case,
    "poster": printed.draw_poster,
}


# What stands in the pictures of these kinds beside the thing itself, and how often.
COMPANIONS = {"book": ("lamp", "chair", "sofa", "mug"), "phone case": ("handbag", "backpack", "mug", "cushion")}
ACCOMPANIED = 0.5


def picture(traits: Traits, look_seed: int, size: int, tidy: bool = False) -> Image.Image:
    """The product's picture, `size` pixels square, RGB; the same arguments give the same pixels.

    tidy: for training. Pictures of books and phone cases then show nothing else, and often the right motif or phone; in
    the shop, where sellers reuse pictures, they show any.
    """
    rng = Random(look_seed)
    canvas = Canvas(size, rng)
    if not tidy and traits.kind in COMPANIONS and rng.random() < ACCOMPANIED:
        _draw_companion(canvas, rng.choice(COMPANIONS[traits.kind]), rng)
        canvas.step_aside()
    DRAWINGS[traits.kind](canvas, Look(traits, jittered(traits.colour, rng), size * OVERSAMPLING, rng, tidy))
    return canvas.finished()


def _draw_companion(canvas: Canvas, kind: str, rng: Random) -> None:
    traits = drawn_traits(kind, rng)
    DRAWINGS[kind](canvas, Look(traits, jittered(traits.colour, rng), canvas.size, rng))
