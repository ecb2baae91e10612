"""Clocks, cushions and rugs."""

import math

from precompute.demo.drawing.canvas import Canvas, creased, falling
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import CREAM, INK, STEEL, contrasting, darker
from precompute.demo.drawing.shapes import Outline, both, curve, ellipse, mirrored, moved, ribbon, rounded, smooth


def draw_clock(canvas: Canvas, look: Look) -> None:
    """A round or square wall clock, or an alarm clock with two bells; the frame has the colour."""
    CLOCKS[look.variant](canvas, look)


def _dial(canvas: Canvas, look: Look, x: float, y: float, r: float) -> None:
    """Marks and hands at ten past ten or another time."""
    for hour in range(12):
        angle = hour * math.pi / 6
        inner = r * (0.8 if hour % 3 else 0.72)
        ends = [(x + s * math.sin(angle), y - s * math.cos(angle)) for s in (inner, r * 0.92)]
        canvas.line(ends, INK, 0.008 if hour % 3 else 0.014)
    time = look.rng.random() * 12
    for angle, length, width in ((time / 6 * math.pi, 0.5, 0.022), (time * 2 * math.pi, 0.76, 0.014)):
        tip = (x + r * length * math.sin(angle), y - r * length * math.cos(angle))
        canvas.line([(x, y), tip], INK, width)
    canvas.dot(x, y, 0.018, look.colour)


def _round_clock(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.51, 0.52, 0.39, 0.39)], strength=0.35, blur=0.025)
    canvas.paint(ellipse(0.5, 0.5, 0.39, 0.39, steps=60), look.colour, relief=1.0, softness=0.03)
    canvas.paint(ellipse(0.5, 0.5, 0.315, 0.315, steps=60), (250, 249, 245), relief=-0.35, softness=0.03)
    _dial(canvas, look, 0.5, 0.5, 0.31)


def _square_clock(canvas: Canvas, look: Look) -> None:
    canvas.shadow([rounded(0.15, 0.16, 0.87, 0.88, 0.05)], strength=0.35, blur=0.025)
    canvas.paint(rounded(0.14, 0.14, 0.86, 0.86, 0.06), look.colour, relief=1.0, softness=0.03)
    canvas.paint(rounded(0.215, 0.215, 0.785, 0.785, 0.03), (250, 249, 245), relief=-0.35, softness=0.03)
    _dial(canvas, look, 0.5, 0.5, 0.275)


def _alarm_clock(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.89, 0.27, 0.026)], strength=0.5)
    for leg in ([(0.34, 0.76), (0.27, 0.89)], [(0.66, 0.76), (0.73, 0.89)]):
        canvas.paint(ribbon(leg, 0.045, 0.03), STEEL, relief=0.9, softness=0.014)
    canvas.line(curve([(0.42, 0.2), (0.5, 0.12), (0.58, 0.2)]), darker(STEEL, 0.2), 0.018)
    bell = curve([(0.2, 0.29), (0.22, 0.19), (0.31, 0.14), (0.4, 0.18), (0.41, 0.235)])
    for side in both(bell):
        canvas.paint(side, look.colour, relief=1.0, softness=0.03)
    canvas.paint(ellipse(0.5, 0.53, 0.315, 0.315, steps=60), look.colour, relief=1.0, softness=0.03)
    canvas.paint(ellipse(0.5, 0.53, 0.25, 0.25, steps=60), (250, 249, 245), relief=-0.35, softness=0.03)
    _dial(canvas, look, 0.5, 0.53, 0.245)


CLOCKS = {"round": _round_clock, "square": _square_clock, "alarm": _alarm_clock}


def draw_cushion(canvas: Canvas, look: Look) -> None:
    """A puffed cushion: square, round or oblong, with piping."""
    outline = CUSHIONS[look.variant]
    canvas.shadow([moved(outline, 0.01, 0.025)], strength=0.4, blur=0.025)
    canvas.paint(outline, look.cloth(), relief=0.7, softness=0.09, form=creased)
    trim = contrasting(look.colour, 0.25, 0.2)
    canvas.line([*outline, outline[0]], trim, 0.009)
    if look.variant == "round":
        canvas.paint(ellipse(0.5, 0.5, 0.03, 0.03), trim, relief=0.9, softness=0.015)


def _puffed(half_width: float, half_height: float) -> Outline:
    """A rectangle whose corners stand out and whose sides sink in a little."""
    w, h = half_width, half_height
    corner = [(w * 0.5, -h * 0.94), (w * 0.88, -h * 0.97), (w, -h), (w * 0.985, -h * 0.86), (w * 0.955, -h * 0.45)]
    quarter = [*corner, (w * 0.945, 0)]
    right = [(0.5, 0.5 - h * 0.93)] + [(0.5 + x, 0.5 + y) for x, y in quarter]
    right += [(0.5 + x, 0.5 - y) for x, y in reversed(corner)] + [(0.5, 0.5 + h * 0.93)]
    return smooth(mirrored(right), steps=3)


CUSHIONS = {
    "square": _puffed(0.38, 0.38),
    "round": ellipse(0.5, 0.5, 0.37, 0.37, steps=60),
    "lumbar": _puffed(0.43, 0.25),
}


def draw_rug(canvas: Canvas, look: Look) -> None:
    """A rug from above: rectangular or a runner with fringes, or round."""
    if look.variant == "round":
        outline = ellipse(0.5, 0.5, 0.42, 0.4, steps=60)
    else:
        half = 0.4 if look.variant == "rectangular" else 0.19
        outline = rounded(0.5 - half, 0.13, 0.5 + half, 0.87, 0.012)
        _fringe(canvas, half)
    canvas.shadow([moved(outline, 0.008, 0.012)], strength=0.4, blur=0.012)
    canvas.paint(outline, look.cloth(1.05), relief=0.35, softness=0.015, form=falling)
    inner = [(0.5 + (x - 0.5) * 0.91, 0.5 + (y - 0.5) * 0.93) for x, y in outline]
    canvas.line([*inner, inner[0]], darker(look.colour, 0.3), 0.012)


def _fringe(canvas: Canvas, half: float) -> None:
    count = round(half * 80)
    for i in range(count + 1):
        x = 0.5 - half + 0.008 + i * (2 * half - 0.016) / count
        for y0, y1 in ((0.135, 0.085), (0.865, 0.915)):
            canvas.line([(x, y0), (x + canvas.angle * 0.002, y1)], darker(CREAM, 0.18), 0.008)
