"""T-shirts, sweaters, dresses and socks, laid out flat."""

from PIL import Image

from precompute.demo.drawing.canvas import Canvas, creased, drape
from precompute.demo.drawing.look import Look
from precompute.demo.drawing.palette import contrasting, darker, is_light
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
from precompute.demo.drawing.surfaces import knitted

BODY = symmetric([(0.6, 0.15), (0.71, 0.2), (0.69, 0.36), (0.685, 0.6), (0.7, 0.87), (0.5, 0.885)])
SHORT_SLEEVE: Outline = [(0.665, 0.175), (0.72, 0.2), (0.79, 0.28), (0.87, 0.4), (0.775, 0.465), (0.67, 0.37)]
LONG_SLEEVE: Outline = smooth([
    (0.665, 0.175), (0.725, 0.205), (0.79, 0.32), (0.84, 0.55), (0.875, 0.79), (0.79, 0.81), (0.745, 0.6),
    (0.67, 0.38),
], steps=4)  # fmt: skip
CUFF: Outline = [(0.868, 0.745), (0.882, 0.815), (0.787, 0.832), (0.778, 0.762)]


def draw_t_shirt(canvas: Canvas, look: Look) -> None:
    """A tee with a round or a V neck, or with long sleeves."""
    cloth = look.cloth()
    sleeve = LONG_SLEEVE if look.variant == "long sleeve" else SHORT_SLEEVE
    _laid_out(canvas, cloth, sleeve)
    seam = contrasting(look.colour, 0.22, 0.16)
    for side in both(curve([(0.695, 0.2), (0.675, 0.28), (0.682, 0.37)], 9)):
        canvas.stitches(side, seam)
    canvas.stitches(curve([(0.302, 0.85), (0.5, 0.866), (0.698, 0.85)], 22), seam)
    _neckline(canvas, look, deep=look.variant == "v-neck")


def _laid_out(canvas: Canvas, cloth: Image.Image, sleeve: Outline) -> None:
    canvas.shadow([moved(part, 0.01, 0.015) for part in (BODY, *both(sleeve))])
    for side in both(sleeve):
        canvas.paint(side, cloth, relief=0.55, form=creased)
    canvas.paint(BODY, cloth, relief=0.5, form=creased)


def _neckline(canvas: Canvas, look: Look, deep: bool, band: float = 0.02) -> None:
    """The collar: the inside of the back, and a band round the opening."""
    low = 0.315 if deep else 0.235
    opening = mirrored([(0.6, 0.148), (0.5 + 0.075, 0.148 + (low - 0.148) * (0.3 if deep else 0.62)), (0.5, low)])
    if not deep:
        opening = smooth(opening, steps=5)
    canvas.paint(opening, darker(look.colour, 0.38), relief=0.3)
    canvas.paint(mirrored([(0.6, 0.148), (0.55, 0.162), (0.5, 0.166)]), darker(look.colour, 0.12), relief=0.2)
    edge = (
        [(0.6, 0.15), (0.575, 0.148 + (low - 0.148) * 0.35), (0.5, low)]
        if deep
        else [(0.6, 0.15), (0.565, 0.212), (0.5, 0.24)]
    )
    right = edge if deep else curve(edge)
    for line in both(right):
        canvas.paint(ribbon(line, band), darker(look.colour, 0.1), relief=0.9, softness=0.01)


def draw_sweater(canvas: Canvas, look: Look) -> None:
    """A knitted sweater: crew neck, with a hood, or buttoned as a cardigan."""
    cloth = knitted(look.cloth())
    rib = knitted(Image.new("RGB", cloth.size, darker(look.colour, 0.1)), rows=110)
    if look.variant == "hooded":
        hood = symmetric([(0.5, 0.055), (0.6, 0.075), (0.665, 0.17), (0.6, 0.27), (0.5, 0.3)])
        canvas.shadow([moved(hood, 0.01, 0.012)])
        canvas.paint(hood, cloth, relief=0.9)
    _laid_out(canvas, cloth, LONG_SLEEVE)
    for cuff in both(CUFF):
        canvas.paint(cuff, rib, relief=0.7)
    canvas.paint(mirrored([(0.702, 0.845), (0.694, 0.915), (0.5, 0.93)]), rib, relief=0.7)
    SWEATER_FRONTS[look.variant](canvas, look)


def _crew_front(canvas: Canvas, look: Look) -> None:
    _neckline(canvas, look, deep=False, band=0.034)


def _hooded_front(canvas: Canvas, look: Look) -> None:
    """The hood's opening, cords and a pouch pocket."""
    canvas.paint(symmetric([(0.5, 0.095), (0.565, 0.12), (0.585, 0.19), (0.5, 0.285)]), darker(look.colour, 0.4))
    pocket = mirrored([(0.6, 0.62), (0.645, 0.76), (0.645, 0.83), (0.5, 0.835)])
    canvas.paint(pocket, darker(look.colour, 0.08), relief=0.8, softness=0.015)
    for line in ([(0.545, 0.255), (0.55, 0.34), (0.543, 0.42)], [(0.455, 0.255), (0.452, 0.34), (0.46, 0.4)]):
        canvas.line(curve(line), (240, 238, 230) if not is_light(look.colour) else (90, 92, 98), 0.011)


def _cardigan_front(canvas: Canvas, look: Look) -> None:
    _neckline(canvas, look, deep=True, band=0.03)
    canvas.paint(rounded(0.478, 0.31, 0.522, 0.925, 0.008), darker(look.colour, 0.16), relief=0.9, softness=0.012)
    for i in range(5):
        canvas.dot(0.5, 0.37 + i * 0.122, 0.013, (226, 214, 190) if not is_light(look.colour) else (104, 78, 58))


SWEATER_FRONTS = {"crew neck": _crew_front, "hooded": _hooded_front, "cardigan": _cardigan_front}


def draw_dress(canvas: Canvas, look: Look) -> None:
    """A dress on an invisible hanger: short, floor length, or short with sleeves."""
    cloth = look.cloth(0.8)
    hem = {"short": 0.72, "maxi": 0.95, "sleeved": 0.76}[look.variant]
    flare = {"short": 0.76, "maxi": 0.775, "sleeved": 0.74}[look.variant]
    skirt = mirrored(
        curve([(0.575, 0.385), (0.63, 0.47), (0.5 + (flare - 0.5) * 0.78, hem - 0.12), (flare, hem - 0.012)])
        + curve([(flare - 0.08, hem + 0.008), (flare - 0.15, hem - 0.004), (0.5, hem + 0.012)])
    )
    bodice = symmetric([(0.565, 0.1), (0.625, 0.13), (0.622, 0.23), (0.612, 0.3), (0.578, 0.395), (0.5, 0.4)])
    canvas.shadow([moved(skirt, 0.01, 0.015), moved(bodice, 0.01, 0.015)])
    if look.variant == "sleeved":
        sleeve = smooth(
            [(0.6, 0.115), (0.665, 0.15), (0.735, 0.31), (0.745, 0.36), (0.675, 0.385), (0.61, 0.25)], steps=4
        )
        for side in both(sleeve):
            canvas.paint(side, cloth, relief=0.6)
    canvas.paint(skirt, cloth, relief=0.5, form=drape)
    canvas.paint(bodice, cloth, relief=0.6, form=creased)
    canvas.paint(
        smooth(mirrored([(0.566, 0.092), (0.545, 0.16), (0.5, 0.19)]), steps=4), darker(look.colour, 0.42), relief=0.3
    )
    canvas.paint(
        ribbon([(0.42, 0.39), (0.5, 0.4), (0.58, 0.39)], 0.028), darker(look.colour, 0.25), relief=0.9, softness=0.01
    )


def draw_socks(canvas: Canvas, look: Look) -> None:
    """A pair, one behind the other: ankle, crew or knee length."""
    top = {"ankle": 0.5, "crew": 0.3, "knee high": 0.12}[look.variant]
    cloth = knitted(look.cloth(0.8), rows=100)
    for dx, dy in ((0.13, -0.035), (-0.06, 0.02)):
        _sock(canvas, look, cloth, top, dx, dy)


def _sock(canvas: Canvas, look: Look, cloth: Image.Image, top: float, dx: float, dy: float) -> None:
    leg = smooth([
        (0.4, top), (0.585, top), (0.59, 0.5), (0.6, 0.66), (0.585, 0.78), (0.5, 0.865), (0.36, 0.9), (0.22, 0.9),
        (0.165, 0.84), (0.2, 0.765), (0.31, 0.735), (0.4, 0.67), (0.405, 0.5),
    ], steps=5)  # fmt: skip
    leg = moved(leg, dx, dy)
    canvas.shadow([moved(leg, 0.012, 0.015)])
    body = canvas.paint(leg, cloth, relief=0.75, softness=0.035)
    trim = contrasting(look.colour, 0.22, 0.28)
    for patch in (ellipse(0.2, 0.83, 0.085, 0.11), ellipse(0.59, 0.79, 0.085, 0.1)):
        canvas.paint(moved(patch, dx, dy), trim, relief=0.25, within=body)
    cuff = moved(rounded(0.395, top - 0.012, 0.59, top + 0.055, 0.014), dx, dy)
    canvas.paint(cuff, trim, relief=0.8, softness=0.015)
