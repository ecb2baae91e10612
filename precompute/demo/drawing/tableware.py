"""Mugs, teapots, glasses and bottles."""

from precompute.demo.drawing.canvas import Canvas, cylinder, sphere
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import CREAM, INK, STEEL, darker, is_light, lighter, mix
from precompute.demo.drawing.shapes import Outline, curve, ellipse, mirrored, ribbon, rounded, symmetric


def draw_mug(canvas: Canvas, look: Look) -> None:
    """A straight or round-bellied mug with a handle, or a travel mug with a lid."""
    if look.variant == "travel":
        _travel_mug(canvas, look)
        return
    canvas.shadow([ellipse(0.5, 0.855, 0.3, 0.03)], strength=0.55)
    handle = curve([(0.68, 0.4), (0.82, 0.37), (0.89, 0.5), (0.83, 0.66), (0.68, 0.7)])
    canvas.paint(ribbon(handle, 0.062), look.colour, relief=1.0, softness=0.03)
    middle = 0.72 if look.variant == "straight" else 0.755
    foot = 0.205 if look.variant == "straight" else 0.17
    side = curve([
        (0.715, 0.24), (middle, 0.52), (0.5 + (middle - 0.5) * 0.98, 0.7), (0.5 + foot, 0.825),
        (0.5 + foot * 0.8, 0.862), (0.5 + foot * 0.4, 0.873), (0.5, 0.875),
    ])  # fmt: skip
    canvas.paint(mirrored([(0.5, 0.24), *side]), look.cloth(0.9), relief=0.45, form=cylinder)
    _rim(canvas, look, 0.5, 0.24, 0.215, 0.05, filled=look.rng.random() < 0.4)


def _rim(canvas: Canvas, look: Look, x: float, y: float, rx: float, ry: float, filled: bool) -> None:
    """The opening: a bright edge, the inner wall, perhaps coffee."""
    canvas.paint(ellipse(x, y, rx, ry), lighter(look.colour, 0.35), relief=0.5, softness=0.01)
    canvas.paint(ellipse(x, y + 0.004, rx - 0.016, ry - 0.01), mix(darker(look.colour, 0.3), CREAM, 0.25), relief=-0.5)
    if filled:
        canvas.paint(ellipse(x, y + 0.015, rx - 0.03, ry - 0.018), (86, 52, 34), relief=0.3)


def _travel_mug(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.9, 0.2, 0.025)], strength=0.55)
    body = symmetric([(0.69, 0.24), (0.675, 0.5), (0.642, 0.84), (0.615, 0.887), (0.56, 0.898), (0.5, 0.9)])
    canvas.paint(body, look.cloth(0.8), relief=0.45, form=cylinder)
    canvas.paint(rounded(0.33, 0.5, 0.67, 0.66, 0.02), darker(look.colour, 0.45), relief=0.4, form=cylinder)
    canvas.paint(rounded(0.29, 0.17, 0.71, 0.255, 0.025), INK, relief=0.7, form=cylinder)
    canvas.paint(rounded(0.35, 0.115, 0.65, 0.18, 0.02), INK, relief=0.7, form=cylinder)
    canvas.flat(ellipse(0.6, 0.128, 0.025, 0.008), (90, 90, 96))


def draw_teapot(canvas: Canvas, look: Look) -> None:
    """A globe, a tall pot, or a flat one with an overhead handle."""
    rx, top, bottom = {"round": (0.255, 0.34, 0.82), "tall": (0.205, 0.22, 0.86), "squat": (0.29, 0.48, 0.82)}[
        look.variant
    ]
    middle = (top + bottom) / 2
    canvas.shadow([ellipse(0.5, bottom + 0.015, rx + 0.05, 0.03)], strength=0.55)
    spout = [(0.5 + rx * 0.7, middle + 0.08), (0.5 + rx + 0.07, middle - 0.02), (0.5 + rx + 0.13, top + 0.0)]
    canvas.paint(ribbon(curve(spout), 0.13, 0.05), look.colour, relief=0.9, softness=0.035)
    if look.variant == "squat":
        canvas.line(curve([(0.29, 0.5), (0.31, 0.26), (0.5, 0.18), (0.69, 0.26), (0.71, 0.5)]), (70, 50, 38), 0.032)
    else:
        grip = [
            (0.5 - rx * 0.8, top + 0.09),
            (0.5 - rx - 0.15, top + 0.1),
            (0.5 - rx - 0.13, middle + 0.1),
            (0.5 - rx * 0.8, middle + 0.13),
        ]
        canvas.paint(ribbon(curve(grip), 0.05), look.colour, relief=1.0, softness=0.025)
    half = [
        (0.5, top),
        (0.5 + rx * 0.62, top + 0.03),
        (0.5 + rx, middle),
        (0.5 + rx * 0.8, bottom - 0.05),
        (0.5 + rx * 0.5, bottom),
        (0.5, bottom + 0.01),
    ]
    canvas.paint(symmetric(half), look.cloth(0.9), relief=0.5, form=sphere)
    lid = symmetric(
        [(0.5, top - 0.045), (0.5 + rx * 0.4, top - 0.015), (0.5 + rx * 0.62, top + 0.035), (0.5, top + 0.055)]
    )
    canvas.paint(lid, look.colour, relief=0.9, softness=0.03)
    canvas.paint(ellipse(0.5, top - 0.065, 0.032, 0.03), darker(look.colour, 0.25), relief=1, softness=0.02)


def draw_glass(canvas: Canvas, look: Look) -> None:
    """Tinted glass: a wine glass, a tumbler or a flute; one sees the background through it."""
    GLASSES[look.variant](canvas, look)


def _clear(canvas: Canvas, outline: Outline, look: Look) -> None:
    """A glass wall: tinted, half transparent, with a bright reflection."""
    canvas.paint(outline, lighter(look.colour, 0.1), relief=1.2, softness=0.03, alpha=0.74, form=cylinder)


def _stem(canvas: Canvas, look: Look, top: float, foot: float) -> None:
    canvas.shadow([ellipse(0.5, 0.9, foot + 0.04, 0.022)], strength=0.4)
    canvas.paint(ellipse(0.5, 0.885, foot, 0.028), lighter(look.colour, 0.45), relief=0.9, softness=0.02, alpha=0.8)
    canvas.paint(
        mirrored([(0.517, top), (0.511, 0.8), (0.54, 0.885)]),
        lighter(look.colour, 0.35),
        relief=1,
        softness=0.012,
        alpha=0.85,
    )


def _wine_glass(canvas: Canvas, look: Look) -> None:
    _stem(canvas, look, 0.53, 0.16)
    bowl = symmetric([(0.66, 0.1), (0.715, 0.27), (0.68, 0.43), (0.58, 0.525), (0.5, 0.545)])
    _clear(canvas, bowl, look)
    canvas.paint(ellipse(0.5, 0.1, 0.162, 0.026), lighter(look.colour, 0.6), relief=0.4, alpha=0.75)
    _gleam(canvas, [(0.36, 0.2), (0.345, 0.3), (0.375, 0.42)])


def _tumbler(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.865, 0.23, 0.025)], strength=0.45)
    wall = mirrored([(0.71, 0.2), (0.675, 0.84), (0.63, 0.868), (0.5, 0.875)])
    _clear(canvas, wall, look)
    canvas.paint(ellipse(0.5, 0.815, 0.165, 0.035), lighter(look.colour, 0.5), relief=0.8, alpha=0.7)
    canvas.paint(ellipse(0.5, 0.2, 0.211, 0.038), lighter(look.colour, 0.6), relief=0.4, alpha=0.8)
    _gleam(canvas, [(0.35, 0.3), (0.36, 0.5), (0.38, 0.72)])


def _flute(canvas: Canvas, look: Look) -> None:
    _stem(canvas, look, 0.62, 0.13)
    _clear(canvas, symmetric([(0.58, 0.07), (0.595, 0.3), (0.575, 0.5), (0.52, 0.64), (0.5, 0.65)]), look)
    canvas.paint(ellipse(0.5, 0.07, 0.081, 0.016), lighter(look.colour, 0.6), relief=0.4, alpha=0.8)
    _gleam(canvas, [(0.44, 0.15), (0.435, 0.3), (0.455, 0.5)])


def _gleam(canvas: Canvas, points: Outline) -> None:
    canvas.paint(ribbon(curve(points), 0.02, 0.012), (255, 255, 255), relief=0, alpha=0.75)


GLASSES = {"wine": _wine_glass, "tumbler": _tumbler, "flute": _flute}


def draw_bottle(canvas: Canvas, look: Look) -> None:
    """A narrow bottle with a screw cap, a squeeze bottle, or a wide one with a loop."""
    canvas.shadow([ellipse(0.5, 0.93, 0.2, 0.025)], strength=0.55)
    half = {"screw cap": 0.145, "sport": 0.15, "handled": 0.185}[look.variant]
    waist = half - 0.03 if look.variant == "sport" else half
    side = curve([
        (0.555, 0.215), (0.5 + half * 0.85, 0.27), (0.5 + half, 0.37), (0.5 + waist, 0.55), (0.5 + half, 0.72),
        (0.5 + half, 0.885), (0.5 + half * 0.88, 0.922), (0.5 + half * 0.5, 0.931), (0.5, 0.933),
    ])  # fmt: skip
    canvas.paint(mirrored([(0.5, 0.21), *side]), look.cloth(0.75), relief=0.5, form=cylinder)
    BOTTLE_TOPS[look.variant](canvas, look)


def _screw_cap(canvas: Canvas, _look: Look) -> None:
    canvas.paint(rounded(0.44, 0.185, 0.56, 0.235, 0.01), STEEL, relief=0.6, form=cylinder)
    canvas.paint(rounded(0.425, 0.075, 0.575, 0.195, 0.02), STEEL, relief=0.7, form=cylinder)


def _spout(canvas: Canvas, _look: Look) -> None:
    canvas.paint(rounded(0.4, 0.165, 0.6, 0.25, 0.025), INK, relief=0.7, form=cylinder)
    canvas.paint(rounded(0.465, 0.07, 0.535, 0.175, 0.02), (214, 216, 220), relief=0.8, form=cylinder)


def _loop(canvas: Canvas, look: Look) -> None:
    tone = (72, 74, 80) if not is_light(look.colour) else INK
    canvas.line(curve([(0.4, 0.16), (0.41, 0.06), (0.59, 0.06), (0.6, 0.16)]), tone, 0.03)
    canvas.paint(rounded(0.375, 0.14, 0.625, 0.25, 0.025), tone, relief=0.7, form=cylinder)


BOTTLE_TOPS = {"screw cap": _screw_cap, "sport": _spout, "handled": _loop}
