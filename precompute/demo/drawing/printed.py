"""Books, phone cases and posters, with the motifs that are printed on them."""

import math

from precompute.demo.drawing.canvas import Canvas, falling
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import CREAM, INK, OAK, RGB, contrasting, darker, is_light, mix
from precompute.demo.drawing.scenes import SCENES
from precompute.demo.drawing.shapes import Outline, curve, ellipse, moved, ribbon, rounded, smooth
from precompute.demo.products.kinds import KINDS

# How often a picture shows the product's own motif or phone: in the shop no more often than by chance.
TRUE_PICTURES = {"book": 1 / 6, "phone case": 1 / 4}
TRUE_TIDY_PICTURES = {"book": 0.4, "phone case": 0.45}


def draw_book(canvas: Canvas, look: Look) -> None:
    """A book, its cover with a motif. Publishers use stock motifs: it tells nothing about the genre."""
    cover = rounded(0.24, 0.1, 0.75, 0.87, 0.01)
    canvas.shadow([moved(cover, 0.03, 0.035)], strength=0.45, blur=0.02)
    pages: Outline = [(0.25, 0.86), (0.75, 0.86), (0.775, 0.895), (0.275, 0.895)]
    canvas.paint(pages, (238, 231, 214), relief=0.4, softness=0.01)
    canvas.paint(
        [(0.745, 0.105), (0.775, 0.14), (0.775, 0.895), (0.745, 0.865)], (228, 220, 202), relief=0.4, softness=0.01
    )
    canvas.paint(cover, look.colour, relief=0.45, softness=0.015, form=falling)
    canvas.paint(rounded(0.24, 0.1, 0.275, 0.87, 0.008), darker(look.colour, 0.25), relief=0.6, softness=0.012)
    ink = CREAM if not is_light(look.colour) else INK
    for y, half in ((0.18, 0.17), (0.225, 0.12), (0.81, 0.09)):
        canvas.paint(rounded(0.513 - half, y - 0.012, 0.513 + half, y + 0.012, 0.006), ink, relief=0)
    BOOK_MOTIFS[_shown(look)](canvas, ink, look.colour)


def _shown(look: Look) -> str:
    """The facet that the picture shows: the product's own, or another one of its kind."""
    true_share = (TRUE_TIDY_PICTURES if look.tidy else TRUE_PICTURES)[look.traits.kind]
    others = [facet for facet in KINDS[look.traits.kind].facets if facet != look.traits.facet]
    return look.traits.facet if look.rng.random() < true_share else look.rng.choice(others)


def _magnifier(canvas: Canvas, ink: RGB, paper: RGB) -> None:
    canvas.paint(ribbon([(0.57, 0.58), (0.66, 0.7)], 0.04), ink, relief=0.3)
    canvas.paint(ellipse(0.49, 0.48, 0.125, 0.125), ink, relief=0.3)
    canvas.paint(ellipse(0.49, 0.48, 0.09, 0.09), mix(paper, (255, 255, 255), 0.35), relief=0.3)


def _heart(canvas: Canvas, ink: RGB, _paper: RGB) -> None:
    half = [(0.513, 0.44), (0.55, 0.385), (0.62, 0.385), (0.66, 0.45), (0.63, 0.54), (0.513, 0.67)]
    canvas.paint(smooth([*half, *[(1.026 - x, y) for x, y in reversed(half)]], steps=5), ink, relief=0.4)


def _pot(canvas: Canvas, ink: RGB, _paper: RGB) -> None:
    canvas.paint(rounded(0.39, 0.48, 0.636, 0.66, 0.035), ink, relief=0.3)
    canvas.paint(rounded(0.36, 0.445, 0.666, 0.475, 0.012), ink, relief=0.2)
    canvas.paint(ellipse(0.513, 0.43, 0.025, 0.02), ink, relief=0.2)
    canvas.paint(rounded(0.33, 0.52, 0.4, 0.545, 0.01), ink, relief=0)
    canvas.paint(rounded(0.626, 0.52, 0.696, 0.545, 0.01), ink, relief=0)


def _flower(canvas: Canvas, ink: RGB, paper: RGB) -> None:
    canvas.line([(0.513, 0.48), (0.513, 0.72)], ink, 0.016)
    canvas.paint(ribbon(curve([(0.513, 0.68), (0.57, 0.62), (0.62, 0.6)]), 0.045, 0.01), ink, relief=0.2)
    for i in range(6):
        x, y = 0.513 + 0.075 * math.cos(i * math.pi / 3), 0.45 + 0.075 * math.sin(i * math.pi / 3)
        canvas.paint(ellipse(x, y, 0.042, 0.042), ink, relief=0.3)
    canvas.paint(ellipse(0.513, 0.45, 0.038, 0.038), paper, relief=0.2)


def _planet(canvas: Canvas, ink: RGB, paper: RGB) -> None:
    canvas.paint(ellipse(0.513, 0.51, 0.12, 0.12), ink, relief=0.9, softness=0.05)
    ring = curve([(0.33, 0.585), (0.43, 0.575), (0.6, 0.51), (0.7, 0.43)])
    canvas.line(ring, paper, 0.024)
    canvas.line(ring, ink, 0.012)
    for x, y in ((0.36, 0.36), (0.63, 0.34), (0.4, 0.7), (0.66, 0.66), (0.5, 0.32)):
        canvas.dot(x, y, 0.008, ink)


def _ship(canvas: Canvas, ink: RGB, _paper: RGB) -> None:
    canvas.paint([(0.37, 0.6), (0.66, 0.6), (0.62, 0.67), (0.41, 0.67)], ink, relief=0.2)
    canvas.paint([(0.505, 0.36), (0.505, 0.58), (0.385, 0.58)], ink, relief=0.2)
    canvas.paint([(0.525, 0.4), (0.625, 0.58), (0.525, 0.58)], ink, relief=0.2)
    wave = [(0.33 + i * 0.046, 0.715 + 0.012 * (i % 2)) for i in range(9)]
    canvas.line(curve(wave), ink, 0.012)


BOOK_MOTIFS = {
    "mystery": _magnifier,
    "romance": _heart,
    "cooking": _pot,
    "gardening": _flower,
    "space": _planet,
    "seafaring": _ship,
}


def draw_phone_case(canvas: Canvas, look: Look) -> None:
    """A case from behind. Sellers reuse photographs: the camera is that of any phone."""
    shown = _shown(look)
    half = {"Nova Fold": 0.25, "Zephyr Mini": 0.17}.get(shown, 0.205)
    top, bottom = (0.2, 0.84) if shown == "Zephyr Mini" else (0.07, 0.93)
    case = rounded(0.5 - half, top, 0.5 + half, bottom, 0.055)
    canvas.shadow([moved(case, 0.015, 0.02)], strength=0.45)
    canvas.paint(case, look.cloth(0.8), relief=0.8, softness=0.025, form=falling)
    canvas.paint(
        rounded(0.5 + half - 0.004, 0.33, 0.5 + half + 0.01, 0.42, 0.006), darker(look.colour, 0.4), relief=0.5
    )
    CAMERAS[shown](canvas, 0.5 - half, top)


def _lens(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.paint(ellipse(x, y, r, r), (30, 31, 36), relief=1, softness=0.012)
    canvas.dot(x, y, r * 0.5, (62, 72, 98))


def _square_island(canvas: Canvas, left: float, top: float) -> None:
    canvas.paint(
        rounded(left + 0.03, top + 0.03, left + 0.2, top + 0.2, 0.035), (66, 68, 74), relief=0.8, softness=0.012
    )
    for x, y in ((0.075, 0.075), (0.155, 0.075), (0.075, 0.155)):
        _lens(canvas, left + x, top + y, 0.03)


def _folding(canvas: Canvas, left: float, top: float) -> None:
    canvas.line([(0.5, top + 0.01), (0.5, 0.92)], (40, 41, 46), 0.012)
    canvas.paint(
        rounded(left + 0.035, top + 0.04, left + 0.105, top + 0.24, 0.03), (66, 68, 74), relief=0.8, softness=0.012
    )
    for y in (0.09, 0.19):
        _lens(canvas, left + 0.07, top + y, 0.028)


def _big_circle(canvas: Canvas, _left: float, top: float) -> None:
    canvas.paint(ellipse(0.5, top + 0.17, 0.115, 0.115), (58, 60, 66), relief=0.9, softness=0.014)
    for dx, dy in ((-0.045, -0.035), (0.045, -0.035), (0, 0.05)):
        _lens(canvas, 0.5 + dx, top + 0.17 + dy, 0.034)


def _single(canvas: Canvas, left: float, top: float) -> None:
    _lens(canvas, left + 0.065, top + 0.065, 0.034)


CAMERAS = {"Orbit 12": _square_island, "Nova Fold": _folding, "Lumo Max": _big_circle, "Zephyr Mini": _single}


def draw_poster(canvas: Canvas, look: Look) -> None:
    """A framed print whose scene is painted in tones of one colour."""
    frame = rounded(0.17, 0.07, 0.83, 0.93, 0.006)
    canvas.shadow([moved(frame, 0.014, 0.02)], strength=0.4, blur=0.018)
    canvas.paint(frame, look.rng.choice((INK, OAK, (232, 230, 224))), relief=0.9, softness=0.012)
    canvas.paint(rounded(0.195, 0.095, 0.805, 0.905, 0.003), (250, 248, 243), relief=-0.25, softness=0.012)
    sheet = canvas.paint(
        rounded(0.24, 0.14, 0.76, 0.86, 0.003), contrasting(look.colour, 0.18, 0.72), relief=0, form=falling
    )
    SCENES[look.traits.facet](canvas, look.colour, sheet, look.rng)
