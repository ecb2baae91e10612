"""Sneakers, backpacks, handbags and umbrellas."""

import math
from itertools import pairwise

import numpy as np

from precompute.demo.drawing.canvas import Canvas, Form, creased, cylinder, falling
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import BRASS, CREAM, INK, STEEL, WALNUT, darker, is_light, lighter
from precompute.demo.drawing.shapes import (
    Outline,
    both,
    curve,
    ellipse,
    mirrored,
    moved,
    ribbon,
    rounded,
    smooth,
    symmetric,
)


def draw_sneakers(canvas: Canvas, look: Look) -> None:
    """One shoe from the side: low, ankle high, or without laces."""
    top = {"low top": 0.37, "high top": 0.2, "slip-on": 0.41}[look.variant]
    canvas.shadow([ellipse(0.5, 0.775, 0.42, 0.028)], strength=0.5, blur=0.018)
    upper = smooth([
        (0.1, 0.66), (0.105, 0.5), (0.125, top + 0.02), (0.2, top - 0.02), (0.33, top + 0.005), (0.41, 0.45),
        (0.55, 0.53), (0.72, 0.58), (0.86, 0.625), (0.91, 0.7), (0.5, 0.72), (0.12, 0.72),
    ], steps=6)  # fmt: skip
    body = canvas.paint(upper, look.colour, relief=0.8, softness=0.045, form=falling)
    toe = smooth([(0.74, 0.575), (0.83, 0.56), (0.94, 0.64), (0.92, 0.74), (0.74, 0.73), (0.71, 0.65)], steps=5)
    canvas.paint(toe, lighter(look.colour, 0.22), relief=0.5, within=body)
    canvas.paint(
        [(0.08, 0.45), (0.2, 0.47), (0.24, 0.74), (0.08, 0.74)], darker(look.colour, 0.22), relief=0.5, within=body
    )
    canvas.paint(ellipse(0.235, top + 0.002, 0.1, 0.022), darker(look.colour, 0.55), relief=0.3)
    _sole(canvas)
    SHOE_FRONTS[look.variant](canvas, look, top)


def _sole(canvas: Canvas) -> None:
    sole = smooth([
        (0.075, 0.7), (0.3, 0.712), (0.6, 0.705), (0.85, 0.69), (0.945, 0.705), (0.94, 0.76), (0.86, 0.785),
        (0.5, 0.79), (0.12, 0.79), (0.07, 0.76),
    ], steps=6)  # fmt: skip
    canvas.paint(sole, (240, 238, 231), relief=0.6, softness=0.018)
    canvas.line([(0.09, 0.748), (0.5, 0.758), (0.93, 0.742)], (196, 192, 184), 0.005)


def _laced(canvas: Canvas, look: Look, top: float) -> None:
    tongue = [(0.29, top - 0.005), (0.38, top - 0.02), (0.46, 0.46), (0.6, 0.535), (0.56, 0.57), (0.4, 0.5)]
    canvas.paint(smooth(tongue, steps=4), darker(look.colour, 0.15), relief=0.6)
    for i in range(5):
        x, y = 0.395 + 0.047 * i, 0.462 + 0.023 * i
        _lace(canvas, look, [(x - 0.028, y + 0.045), (x + 0.036, y - 0.016)])
    canvas.stitches(curve([(0.36, 0.5), (0.48, 0.6), (0.55, 0.7)], 9), lighter(look.colour, 0.35))


def _lace(canvas: Canvas, look: Look, ends: Outline) -> None:
    canvas.line(ends, CREAM if not is_light(look.colour) else (92, 94, 100), 0.013)


def _high_laced(canvas: Canvas, look: Look, _top: float) -> None:
    _laced(canvas, look, 0.36)
    for y in (0.27, 0.32, 0.37):
        _lace(canvas, look, [(0.3, y + 0.02), (0.385, y)])
    canvas.paint(ellipse(0.2, 0.4, 0.05, 0.05), CREAM, relief=0.5)
    canvas.paint(ellipse(0.2, 0.4, 0.028, 0.028), darker(look.colour, 0.2), relief=0.3)


def _slip_on(canvas: Canvas, look: Look, _top: float) -> None:
    panel: Outline = [(0.34, 0.435), (0.42, 0.455), (0.5, 0.6), (0.44, 0.61)]
    canvas.paint(panel, darker(look.colour, 0.4), relief=0.4)
    canvas.stitches(curve([(0.52, 0.53), (0.56, 0.62), (0.57, 0.7)], 9), lighter(look.colour, 0.4))


SHOE_FRONTS = {"low top": _laced, "high top": _high_laced, "slip-on": _slip_on}


def draw_backpack(canvas: Canvas, look: Look) -> None:
    """A backpack from the front: zipped, rolled at the top, or with a buckled flap."""
    cloth = look.cloth()
    canvas.shadow([ellipse(0.5, 0.905, 0.3, 0.03)], strength=0.5, blur=0.02)
    for strap in both(ribbon(curve([(0.36, 0.2), (0.21, 0.4), (0.225, 0.75)]), 0.06)):
        canvas.paint(strap, darker(look.colour, 0.35), relief=0.8)
    canvas.line(curve([(0.44, 0.13), (0.45, 0.075), (0.55, 0.075), (0.56, 0.13)]), darker(look.colour, 0.45), 0.022)
    top = 0.2 if look.variant == "roll top" else 0.11
    body = symmetric(
        [(0.5, top), (0.63, top + 0.015), (0.71, 0.26), (0.735, 0.6), (0.725, 0.86), (0.68, 0.905), (0.5, 0.91)]
    )
    canvas.paint(body, cloth, relief=0.75, softness=0.05)
    BACKPACK_FRONTS[look.variant](canvas, look)


def _zip_front(canvas: Canvas, look: Look) -> None:
    zipper = curve([(0.3, 0.45), (0.33, 0.24), (0.5, 0.185), (0.67, 0.24), (0.7, 0.45)])
    canvas.line(zipper, darker(look.colour, 0.45), 0.009)
    pocket = symmetric([(0.5, 0.535), (0.64, 0.545), (0.675, 0.62), (0.67, 0.82), (0.62, 0.855), (0.5, 0.86)])
    canvas.paint(pocket, look.cloth(0.8), relief=0.85, softness=0.03)
    canvas.line(curve([(0.35, 0.61), (0.5, 0.59), (0.65, 0.61)]), darker(look.colour, 0.5), 0.009)
    canvas.dot(0.645, 0.612, 0.012, STEEL)


def _rolled_front(canvas: Canvas, look: Look) -> None:
    roll = rounded(0.27, 0.12, 0.73, 0.245, 0.05)
    canvas.paint(roll, darker(look.colour, 0.1), relief=0.9, softness=0.04)
    canvas.paint(rounded(0.475, 0.1, 0.525, 0.62, 0.01), darker(look.colour, 0.45), relief=0.7, softness=0.012)
    canvas.paint(rounded(0.465, 0.36, 0.535, 0.42, 0.012), STEEL, relief=0.9, softness=0.012)


def _flap_front(canvas: Canvas, look: Look) -> None:
    flap = symmetric([(0.5, 0.1), (0.64, 0.12), (0.72, 0.26), (0.725, 0.5), (0.66, 0.555), (0.5, 0.565)])
    canvas.shadow([moved(flap, 0, 0.015)], strength=0.35, blur=0.012)
    canvas.paint(flap, darker(look.colour, 0.14), relief=0.85, softness=0.04)
    for x in (0.38, 0.62):
        canvas.paint(rounded(x - 0.022, 0.38, x + 0.022, 0.72, 0.008), WALNUT, relief=0.8, softness=0.012)
        canvas.paint(rounded(x - 0.032, 0.6, x + 0.032, 0.645, 0.008), BRASS, relief=0.9, softness=0.01)


BACKPACK_FRONTS = {"classic": _zip_front, "roll top": _rolled_front, "flap": _flap_front}


def draw_handbag(canvas: Canvas, look: Look) -> None:
    """A tote, a bowling bag or an envelope clutch."""
    HANDBAGS[look.variant](canvas, look)


def _tote(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.885, 0.33, 0.03)], strength=0.5)
    strap = darker(look.colour, 0.4)
    canvas.line(curve([(0.36, 0.42), (0.38, 0.18), (0.5, 0.1), (0.62, 0.18), (0.64, 0.42)]), strap, 0.026)
    canvas.paint(
        mirrored([(0.5, 0.37), (0.765, 0.37), (0.8, 0.885), (0.5, 0.895)]), look.cloth(), relief=0.7, form=creased
    )
    canvas.paint(
        mirrored([(0.5, 0.365), (0.765, 0.365), (0.77, 0.415), (0.5, 0.42)]), darker(look.colour, 0.25), relief=0.6
    )
    canvas.line(curve([(0.34, 0.48), (0.36, 0.24), (0.5, 0.15), (0.64, 0.24), (0.66, 0.48)]), strap, 0.026)
    for x in (0.34, 0.66):
        canvas.dot(x, 0.48, 0.016, BRASS)


def _bowling(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.5, 0.83, 0.38, 0.03)], strength=0.5)
    canvas.line(
        curve([(0.34, 0.46), (0.36, 0.24), (0.5, 0.17), (0.64, 0.24), (0.66, 0.46)]), darker(look.colour, 0.45), 0.03
    )
    body = symmetric([(0.5, 0.38), (0.68, 0.395), (0.82, 0.5), (0.875, 0.7), (0.85, 0.81), (0.5, 0.835)])
    canvas.paint(body, look.cloth(), relief=0.8, softness=0.06)
    canvas.line(curve([(0.15, 0.56), (0.25, 0.45), (0.5, 0.41), (0.75, 0.45), (0.85, 0.56)]), BRASS, 0.009)
    for x in (0.34, 0.66):
        canvas.paint(
            rounded(x - 0.03, 0.42, x + 0.03, 0.58, 0.02), darker(look.colour, 0.35), relief=0.8, softness=0.015
        )
        canvas.dot(x, 0.55, 0.013, BRASS)


def _clutch(canvas: Canvas, look: Look) -> None:
    body = rounded(0.1, 0.33, 0.9, 0.75, 0.03)
    canvas.shadow([moved(body, 0.01, 0.02)], strength=0.45)
    canvas.paint(body, look.cloth(), relief=0.7, softness=0.035)
    flap: Outline = [(0.1, 0.34), (0.13, 0.325), (0.87, 0.325), (0.9, 0.34), (0.52, 0.6), (0.48, 0.6)]
    canvas.shadow([moved(flap, 0, 0.012)], strength=0.4, blur=0.01)
    canvas.paint(flap, darker(look.colour, 0.12), relief=0.8, softness=0.02)
    canvas.dot(0.5, 0.57, 0.024, BRASS)


HANDBAGS = {"tote": _tote, "bowling": _bowling, "clutch": _clutch}


def draw_umbrella(canvas: Canvas, look: Look) -> None:
    """An umbrella: open and shallow, open and deep, or rolled up."""
    if look.variant == "folded":
        _rolled_umbrella(canvas, look)
    else:
        _open_umbrella(canvas, look, depth=0.3 if look.variant == "stick" else 0.45)


def _open_umbrella(canvas: Canvas, look: Look, depth: float) -> None:
    rim = 0.14 + depth
    canvas.shadow([ellipse(0.5, 0.95, 0.2, 0.015)], strength=0.25)
    canvas.paint(rounded(0.49, 0.1, 0.51, 0.9, 0.008), STEEL, relief=0.7, softness=0.01)
    canvas.line(curve([(0.5, 0.84), (0.5, 0.91), (0.465, 0.94), (0.425, 0.92), (0.42, 0.885)]), WALNUT, 0.03)
    cloth = look.cloth()
    edges = [-1.0, -0.66, -0.25, 0.25, 0.66, 1.0]
    for i, (left, right) in enumerate(pairwise(edges)):
        panel = _panel(left, right, depth, rim)
        canvas.paint(panel, cloth, relief=0.55, softness=0.03, form=_panel_light(i))
    canvas.paint(rounded(0.49, 0.085, 0.51, 0.145, 0.009), INK, relief=0.8, softness=0.01)


def _panel_light(number: int) -> Form:
    """Each panel a little darker than the one to its left."""
    return lambda u, _v: np.full_like(u, 0.28 - 0.13 * number)


def _panel(left: float, right: float, depth: float, rim: float) -> Outline:
    """One panel of the canopy between two ribs, given as shares of the half width; its lower edge is scalloped."""

    def rib(share: float) -> Outline:
        return [
            (0.5 + 0.42 * share * math.sin(t * math.pi / 20), rim - depth * math.cos(t * math.pi / 20))
            for t in range(11)
        ]

    middle = 0.5 + 0.42 * (left + right) / 2
    scallop = curve([rib(right)[-1], (middle, rim - 0.035), rib(left)[-1]])
    return [*rib(right), *scallop, *reversed(rib(left))]


def _rolled_umbrella(canvas: Canvas, look: Look) -> None:
    canvas.shadow([ellipse(0.53, 0.5, 0.07, 0.36)], strength=0.3, blur=0.03)
    canvas.line(curve([(0.5, 0.26), (0.5, 0.13), (0.54, 0.085), (0.6, 0.1), (0.61, 0.16)]), WALNUT, 0.034)
    canvas.paint(rounded(0.492, 0.85, 0.508, 0.95, 0.006), STEEL, relief=0.8, softness=0.01)
    body = symmetric([(0.5, 0.235), (0.55, 0.25), (0.585, 0.36), (0.56, 0.6), (0.515, 0.89), (0.5, 0.895)])
    canvas.paint(body, look.cloth(0.7), relief=0.7, softness=0.03, form=cylinder)
    for dx in (-0.025, 0.03):
        canvas.line([(0.5 + dx, 0.27), (0.5 + dx * 0.7, 0.6), (0.5, 0.87)], darker(look.colour, 0.3), 0.006)
    canvas.paint(
        ribbon([(0.42, 0.42), (0.5, 0.43), (0.58, 0.415)], 0.03), darker(look.colour, 0.35), relief=0.7, softness=0.01
    )
