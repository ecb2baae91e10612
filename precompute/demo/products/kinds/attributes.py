"""The attributes that all kinds of products share, and the words that shoppers and sellers have for them."""

ATTRIBUTES = ("variant", "colour", "pattern", "material", "brand", "facet")

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "black": ("black", "jet black", "ebony"),
    "white": ("white", "ivory", "snow white"),
    "grey": ("grey", "gray", "silver grey", "ash grey"),
    "red": ("red", "crimson", "scarlet", "cherry red"),
    "orange": ("orange", "tangerine", "burnt orange"),
    "yellow": ("yellow", "mustard", "lemon yellow"),
    "green": ("green", "emerald", "forest green"),
    "teal": ("teal", "turquoise", "aqua"),
    "blue": ("blue", "cobalt", "sky blue", "royal blue"),
    "navy": ("navy", "navy blue", "dark blue", "midnight blue"),
    "purple": ("purple", "violet", "plum"),
    "pink": ("pink", "rose", "blush pink"),
    "brown": ("brown", "chocolate", "chestnut"),
    "beige": ("beige", "cream", "sand", "tan"),
}

# Words before the noun, and words after it ("a tee with stripes").
PATTERN_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "plain": (("plain", "solid", "solid colour", "unpatterned"), ("in one colour", "without a pattern")),
    "striped": (("striped", "stripy", "stripey", "stripe"), ("with stripes", "with a stripe pattern")),
    "dotted": (("polka dot", "dotted", "spotted", "spotty"), ("with dots", "with polka dots", "with spots")),
    "checked": (("plaid", "checked", "tartan", "gingham"), ("with checks", "in plaid", "in tartan")),
    "floral": (("floral", "flowered", "flowery", "flower print"), ("with flowers", "with blossoms")),
    "zigzag": (("zigzag", "chevron", "herringbone"), ("with zigzags", "with a chevron pattern")),
}
PATTERNS = tuple(PATTERN_WORDS)
