"""Colours of the drawings and how they mix. A colour is (red, green, blue), 0 to 255."""

from random import Random

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "black": (44, 44, 49),
    "white": (243, 242, 238),
    "grey": (148, 151, 156),
    "red": (196, 46, 50),
    "orange": (229, 122, 42),
    "yellow": (242, 198, 62),
    "green": (62, 132, 80),
    "teal": (32, 146, 148),
    "blue": (60, 120, 206),
    "navy": (36, 50, 96),
    "purple": (122, 76, 162),
    "pink": (234, 142, 172),
    "brown": (120, 78, 50),
    "beige": (219, 199, 166),
}
CREAM: RGB = (247, 243, 233)
CHARCOAL: RGB = (66, 68, 76)
INK: RGB = (34, 35, 40)
STEEL: RGB = (196, 200, 206)
BRASS: RGB = (205, 168, 96)
OAK: RGB = (188, 146, 98)
WALNUT: RGB = (112, 76, 52)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` of b in a."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def darker(colour: RGB, share: float = 0.3) -> RGB:
    """The colour with a share of near black in it."""
    return mix(colour, (18, 16, 22), share)


def lighter(colour: RGB, share: float = 0.3) -> RGB:
    """The colour with a share of white in it."""
    return mix(colour, (255, 255, 255), share)


def is_light(colour: RGB) -> bool:
    """Whether dark details show better on the colour than light ones."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > 165


def contrasting(colour: RGB, dark: float, light: float) -> RGB:
    """A tone for seams and edges: a light colour darker by the share `dark`, a dark one lighter by `light`."""
    return darker(colour, dark) if is_light(colour) else lighter(colour, light)


def accent(colour: RGB, rng: Random) -> RGB:
    """A second colour that shows on the first and leaves no doubt which one names the product."""
    if is_light(colour):
        return rng.choice((CHARCOAL, darker(colour, 0.5), mix(colour, (60, 74, 110), 0.75)))
    return rng.choice((CREAM, lighter(colour, 0.62), CREAM))


def jittered(name: str, rng: Random) -> RGB:
    """A named colour as one dye lot has it: a little lighter or darker, a little to one hue."""
    gain = rng.uniform(0.93, 1.07)
    red, green, blue = (min(255, max(0, round(c * gain + rng.uniform(-7, 7)))) for c in COLOURS[name])
    return red, green, blue
