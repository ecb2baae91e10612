"""Chairs, sofas and lamps."""

from precompute.demo.drawing.canvas import Canvas, cylinder, falling, glow, sphere
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import BRASS, INK, OAK, WALNUT, darker, lighter
from precompute.demo.drawing.shapes import (
    Outline,
    both,
    curve,
    ellipse,
    mirrored,
    ribbon,
    rounded,
    smooth,
    symmetric,
    turned,
)


def draw_chair(canvas: Canvas, look: Look) -> None:
    """A dining chair, an armchair or a stool."""
    CHAIRS[look.variant](canvas, look)


def _legs(canvas: Canvas, legs: list[Outline], width: float = 0.03) -> None:
    wood = OAK if canvas.angle > 0 else WALNUT
    for leg in legs:
        canvas.paint(ribbon(leg, width, width * 0.7), wood, relief=0.8, softness=0.012)


def _dining_chair(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.51, 0.93, 0.28, 0.028)], strength=0.4)
    _legs(canvas, [[(0.36, 0.56), (0.345, 0.87)], [(0.66, 0.56), (0.675, 0.87)]])
    for x in (0.335, 0.665):
        canvas.paint(
            ribbon([(x, 0.1), (x + (0.5 - x) * 0.06, 0.58)], 0.035),
            darker(look.colour, 0.12),
            relief=0.9,
            softness=0.014,
        )
    canvas.paint(
        smooth(mirrored([(0.5, 0.08), (0.66, 0.1), (0.665, 0.25), (0.5, 0.26)]), steps=4),
        look.colour,
        relief=0.8,
        form=falling,
    )
    canvas.paint(rounded(0.345, 0.34, 0.655, 0.41, 0.02), look.colour, relief=0.8, softness=0.02)
    seat: Outline = [(0.34, 0.52), (0.66, 0.52), (0.735, 0.63), (0.725, 0.665), (0.275, 0.665), (0.265, 0.63)]
    canvas.paint(smooth(seat, steps=3), look.colour, relief=0.8, softness=0.03)
    _legs(canvas, [[(0.295, 0.66), (0.28, 0.935)], [(0.705, 0.66), (0.72, 0.935)]])


def _armchair(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.92, 0.38, 0.03)], strength=0.45)
    _legs(canvas, [[(0.25, 0.82), (0.225, 0.925)], [(0.75, 0.82), (0.775, 0.925)]], 0.035)
    back = symmetric([(0.5, 0.14), (0.68, 0.16), (0.745, 0.27), (0.735, 0.62), (0.5, 0.64)])
    canvas.paint(back, look.colour, relief=0.75, softness=0.055, form=falling)
    canvas.line(curve([(0.5, 0.2), (0.497, 0.38), (0.5, 0.58)]), darker(look.colour, 0.25), 0.005)
    canvas.paint(rounded(0.25, 0.56, 0.75, 0.71, 0.05), lighter(look.colour, 0.06), relief=0.85, softness=0.05)
    canvas.paint(rounded(0.2, 0.7, 0.8, 0.84, 0.03), darker(look.colour, 0.08), relief=0.7, softness=0.04)
    arm = smooth([(0.14, 0.48), (0.21, 0.425), (0.285, 0.48), (0.285, 0.83), (0.15, 0.84)], steps=5)
    for side in both(arm):
        canvas.paint(side, look.colour, relief=0.85, softness=0.045)


def _stool(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.93, 0.26, 0.026)], strength=0.4)
    _legs(canvas, [[(0.42, 0.3), (0.365, 0.87)], [(0.58, 0.3), (0.635, 0.87)]], 0.028)
    canvas.paint(ribbon([(0.31, 0.7), (0.5, 0.725), (0.69, 0.7)], 0.02), BRASS, relief=0.9, softness=0.01)
    _legs(canvas, [[(0.33, 0.29), (0.25, 0.935)], [(0.67, 0.29), (0.75, 0.935)]], 0.034)
    canvas.paint(
        mirrored([(0.5, 0.23), (0.735, 0.235), (0.72, 0.325), (0.5, 0.355)]),
        darker(look.colour, 0.15),
        relief=0.7,
        form=cylinder,
    )
    canvas.paint(ellipse(0.5, 0.225, 0.238, 0.066), look.colour, relief=0.85, softness=0.03)


CHAIRS = {"dining": _dining_chair, "armchair": _armchair, "stool": _stool}


def draw_sofa(canvas: Canvas, look: Look) -> None:
    """A sofa with two or three seats, or a buttoned one with rolled arms."""
    left = 0.14 if look.variant == "two seater" else 0.04
    cloth = look.cloth()
    canvas.shadow([ellipse(0.5, 0.785, 0.52 - left, 0.028)], strength=0.45)
    for x in (left + 0.06, 0.94 - left):
        canvas.paint(rounded(x - 0.018, 0.7, x + 0.018, 0.785, 0.008), WALNUT, relief=0.8, softness=0.012)
    canvas.paint(rounded(left + 0.03, 0.3, 0.97 - left, 0.62, 0.055), cloth, relief=0.75, softness=0.05, form=falling)
    seats = 3 if look.variant == "three seater" else 2
    width = (0.8 - 2 * left) / seats
    lefts = [left + 0.1 + i * width for i in range(seats)]
    if look.variant == "chesterfield":
        _tufts(canvas, look, left)
    else:
        for x in lefts[1:]:
            canvas.line([(x, 0.325), (x, 0.53)], darker(look.colour, 0.35), 0.008)
    for x in lefts:
        canvas.paint(rounded(x, 0.525, x + width, 0.635, 0.03), cloth, relief=0.9, softness=0.03)
    canvas.paint(rounded(left + 0.05, 0.625, 0.95 - left, 0.725, 0.02), cloth, relief=0.6, softness=0.03, form=falling)
    arm = rounded(left, 0.42, left + 0.125, 0.73, 0.045)
    for side in both(arm):
        canvas.paint(side, cloth, relief=0.9, softness=0.04)
    if look.variant == "chesterfield":
        for x in (left + 0.06, 0.94 - left):
            canvas.paint(ellipse(x, 0.44, 0.068, 0.06), darker(look.colour, 0.1), relief=1, softness=0.03)


def _tufts(canvas: Canvas, look: Look, left: float) -> None:
    for row, y in enumerate((0.36, 0.42, 0.48)):
        for i in range(8 - row % 2):
            x = left + 0.14 + (i + 0.5 * (row % 2)) * (0.72 - 2 * left) / 7
            canvas.dot(x, y, 0.011, darker(look.colour, 0.4))


def draw_lamp(canvas: Canvas, look: Look) -> None:
    """A table lamp, a floor lamp or a jointed desk lamp, switched on."""
    LAMPS[look.variant](canvas, look)


def _shade(canvas: Canvas, look: Look, top: float, bottom: float, narrow: float, wide: float) -> None:
    outline = mirrored([(0.5, top), (0.5 + narrow, top), (0.5 + wide, bottom - 0.008), (0.5, bottom + 0.012)])
    canvas.paint(outline, look.cloth(0.7), relief=0.4, softness=0.02, form=glow)


def _table_lamp(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.9, 0.2, 0.025)], strength=0.5)
    base = symmetric([(0.515, 0.49), (0.53, 0.56), (0.62, 0.68), (0.6, 0.8), (0.56, 0.87), (0.5, 0.9)])
    canvas.paint(base, darker(look.colour, 0.1), relief=0.5, form=sphere)
    canvas.paint(rounded(0.41, 0.868, 0.59, 0.905, 0.014), BRASS, relief=0.9, softness=0.014)
    _shade(canvas, look, 0.13, 0.5, 0.16, 0.285)


def _floor_lamp(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.935, 0.17, 0.02)], strength=0.5)
    canvas.paint(rounded(0.489, 0.28, 0.511, 0.93, 0.008), BRASS, relief=0.8, softness=0.01)
    canvas.paint(ellipse(0.5, 0.925, 0.145, 0.026), BRASS, relief=0.9, softness=0.02)
    _shade(canvas, look, 0.06, 0.3, 0.135, 0.2)


def _desk_lamp(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.42, 0.9, 0.22, 0.025)], strength=0.5)
    canvas.paint(ribbon([(0.4, 0.86), (0.27, 0.52)], 0.03), INK, relief=0.9, softness=0.012)
    canvas.paint(ribbon([(0.27, 0.52), (0.6, 0.25)], 0.03), INK, relief=0.9, softness=0.012)
    canvas.dot(0.27, 0.52, 0.028, BRASS)
    canvas.paint(ellipse(0.41, 0.875, 0.17, 0.036), look.colour, relief=0.9, softness=0.025)
    head = turned(mirrored([(0.5, 0.2), (0.555, 0.215), (0.64, 0.4), (0.5, 0.41)]), -28, (0.5, 0.3))
    head = [(x + 0.13, y - 0.03) for x, y in head]
    canvas.paint(head, look.cloth(0.6), relief=0.8, softness=0.04)
    bulb = turned(ellipse(0.5, 0.405, 0.1, 0.022), -28, (0.5, 0.3))
    canvas.paint([(x + 0.13, y - 0.03) for x, y in bulb], (255, 236, 168), relief=0.3)


LAMPS = {"table": _table_lamp, "floor": _floor_lamp, "desk": _desk_lamp}
