"""All kinds of products of the demo, by name."""

from precompute.demo.products.kinds.home import HOME
from precompute.demo.products.kinds.kind import Kind
from precompute.demo.products.kinds.media import MEDIA
from precompute.demo.products.kinds.table import TABLE
from precompute.demo.products.kinds.wear import WEAR

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*WEAR, *TABLE, *HOME, *MEDIA)}

__all__ = ["KINDS", "Kind"]
