"""What a drawing needs to know of one product: its traits, its very colour, and where chance decides, the dice."""

from dataclasses import dataclass
from random import Random

from PIL import Image

from precompute.demo.drawing.palette import RGB
from precompute.demo.drawing.surfaces import surface
from precompute.demo.products.traits import Traits


@dataclass(frozen=True, eq=False)
class Look:
    """The look of one product on a canvas of `size` pixels. tidy: drawn for a shop that seldom reuses pictures."""

    traits: Traits
    colour: RGB
    size: int
    rng: Random
    tidy: bool = False

    @property
    def variant(self) -> str:
        return self.traits.variant

    def cloth(self, scale: float = 1.0) -> Image.Image:
        """The product's colour and pattern as a surface; every call draws a new one."""
        return surface(self.size, self.colour, self.traits.pattern, self.rng, scale)
