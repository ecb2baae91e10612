"""Kinds where one of the two modalities says little, on purpose.

Books: a cover shows a stock motif that fits the genre only now and then. Phone cases: sellers reuse one photograph for
several phones. Posters: titles are poetic. There a single signal beats a fixed mixture, as it does here and there in
real shops.
"""

from precompute.demo.products.attributes import COLOUR_WORDS, PATTERNS
from precompute.demo.products.kinds.kind import Kind

ALL_COLOURS = tuple(COLOUR_WORDS)

MEDIA = (
    Kind(
        name="book",
        category="Books",
        nouns=("book", "novel", "paperback book"),
        related=("reading", "volume", "literature", "story", "stories", "bestseller", "bookshop"),
        uses=(
            "something to read on holiday",
            "to read before sleep",
            "a gift for someone who loves reading",
            "to read",
        ),
        variants={"standard": ("edition",)},
        materials={
            "hardcover": ("hardcover", "hardback"),
            "paperback": ("paperback", "softcover"),
            "large print": ("large print",),
        },
        brands=("Ada Quill", "Jonas Hartley", "Miriam Voss", "Teo Castellan", "Ruth Pemberton", "Ivo Marsh"),
        patterns=("plain",),
        colours=ALL_COLOURS,
        details=(
            ("320 pages", "240 pages"),
            ("illustrated",),
            ("first edition",),
            ("book club pick",),
            ("new translation",),
        ),
        price=(6, 38),
        goes_with=("lamp",),
        facet_name="genre",
        facet_words={
            "mystery": ("mystery", "detective", "crime", "thriller"),
            "romance": ("romance", "love story", "romantic"),
            "cooking": ("cooking", "cookbook", "recipes", "baking"),
            "gardening": ("gardening", "garden", "plants"),
            "space": ("space", "science fiction", "astronomy", "sci fi"),
            "seafaring": ("seafaring", "sailing", "maritime", "ocean"),
        },
        asked={"facet": 0.8, "material": 0.4, "brand": 0.35},
        omitted=0.15,
    ),
    Kind(
        name="phone case",
        category="Electronics > Phone Cases",
        nouns=("phone case", "case", "phone cover", "mobile phone case"),
        related=("smartphone", "cell phone", "bumper", "shell", "mobile cover", "phone protector"),
        uses=(
            "something to protect my phone",
            "to keep my phone from breaking",
            "protection for a mobile",
            "so my phone survives a fall",
        ),
        variants={"standard": ("slim",)},
        materials={
            "silicone": ("silicone", "rubber"),
            "leather": ("leather",),
            "clear plastic": ("clear plastic", "hard plastic"),
            "wood": ("wood", "wooden"),
        },
        brands=("Shellback", "Guardia", "Lumen", "Clipper", "Tessera", "Packhaus"),
        patterns=PATTERNS,
        colours=ALL_COLOURS,
        details=(
            ("shockproof",),
            ("wireless charging",),
            ("raised edges",),
            ("drop tested",),
            ("slim",),
            ("with card slot",),
        ),
        price=(8, 40),
        goes_with=(),
        facet_name="phone",
        facet_words={
            "Orbit 12": ("Orbit 12",),
            "Nova Fold": ("Nova Fold",),
            "Lumo Max": ("Lumo Max",),
            "Zephyr Mini": ("Zephyr Mini",),
        },
        asked={"facet": 0.9, "material": 0.35, "brand": 0.25, "colour": 0.08, "pattern": 0.05},
        omitted=0.6,
    ),
    Kind(
        name="poster",
        category="Home > Posters",
        nouns=("poster", "art print", "wall art", "print"),
        related=("picture", "painting", "artwork", "wall decor", "canvas print", "decoration", "lithograph"),
        uses=(
            "something to hang on an empty wall",
            "to decorate the wall",
            "art for the bedroom",
            "to frame and hang up",
        ),
        variants={"standard": ("framed",)},
        materials={
            "matte": ("matte", "matte paper"),
            "canvas": ("canvas",),
            "giclee": ("giclee",),
        },
        brands=("Studio Lark", "Atelier Nove", "Paper Moon", "Gallery Wren", "Print Harbour"),
        patterns=("plain",),
        colours=ALL_COLOURS,
        details=(("A3", "A2", "50 x 70 cm", "30 x 40 cm"), ("unframed",), ("limited edition",), ("signed",)),
        price=(12, 90),
        goes_with=("clock",),
        facet_name="subject",
        facet_words={
            "mountains": ("mountain", "mountains", "alpine", "hills"),
            "sea": ("sea", "ocean", "waves", "seascape"),
            "boat": ("boat", "sailboat", "sailing ship"),
            "city": ("city", "skyline", "skyscraper", "urban"),
            "trees": ("trees", "forest", "woodland", "tree"),
            "cat": ("cat", "kitten", "cats"),
            "leaf": ("leaf", "botanical", "plant", "leaves"),
            "circles": ("abstract", "circles", "geometric", "modern art"),
        },
        visible_facet=True,
        asked={"facet": 0.8, "colour": 0.5, "material": 0.05, "brand": 0.05},
        omitted=0.88,
    ),
)
