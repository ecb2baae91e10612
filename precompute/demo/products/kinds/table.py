"""Things to drink from and to pour from."""

from precompute.demo.products.attributes import COLOUR_WORDS, PATTERNS
from precompute.demo.products.kinds.kind import Kind

ALL_COLOURS = tuple(COLOUR_WORDS)
TABLE_BRANDS = ("Clayton", "Emberly", "Kilnhaus", "Saltmarsh", "Verano", "Birchwood")

TABLE = (
    Kind(
        name="mug",
        category="Kitchen > Mugs",
        nouns=("mug", "coffee mug", "cup", "coffee cup"),
        related=("teacup", "beaker", "stein", "espresso", "latte", "hot chocolate", "cocoa", "crockery"),
        uses=(
            "something to drink coffee from",
            "to drink tea from",
            "to drink coffee out of",
            "for my morning coffee",
            "for hot drinks",
        ),
        variants={
            "straight": ("straight", "classic"),
            "rounded": ("rounded", "barrel", "belly"),
            "travel": ("travel", "with lid", "to go"),
        },
        materials={
            "stoneware": ("stoneware",),
            "porcelain": ("porcelain", "china"),
            "enamel": ("enamel",),
            "ceramic": ("ceramic",),
        },
        brands=TABLE_BRANDS,
        patterns=PATTERNS,
        colours=ALL_COLOURS,
        details=(
            ("350 ml", "400 ml", "12 oz"),
            ("dishwasher safe",),
            ("microwave safe",),
            ("gift boxed",),
            ("set of 1",),
        ),
        price=(7, 32),
        goes_with=("teapot",),
    ),
    Kind(
        name="teapot",
        category="Kitchen > Teapots",
        nouns=("teapot", "tea pot", "tea kettle"),
        related=("kettle", "infuser", "brewer", "coffee pot", "pitcher", "jug"),
        uses=("something to brew tea in", "to make tea", "to pour tea from", "for making a pot of tea"),
        variants={
            "round": ("round", "globe"),
            "tall": ("tall", "slender"),
            "squat": ("squat", "low", "japanese style"),
        },
        materials={
            "cast iron": ("cast iron",),
            "porcelain": ("porcelain", "bone china"),
            "stoneware": ("stoneware",),
            "steel": ("steel", "stainless steel"),
        },
        brands=TABLE_BRANDS,
        patterns=("plain", "striped", "dotted", "floral"),
        colours=ALL_COLOURS,
        details=(
            ("800 ml", "1 litre", "1.2 litre"),
            ("with strainer",),
            ("drip free spout",),
            ("4 cups",),
            ("gift boxed",),
        ),
        price=(18, 85),
        goes_with=("mug",),
    ),
    Kind(
        name="glass",
        category="Kitchen > Glasses",
        nouns=("glass", "drinking glass", "glasses", "wine glass"),
        related=("goblet", "chalice", "tumbler", "flute", "champagne", "stemware", "barware", "cocktail glass"),
        uses=("something to drink wine from", "to drink juice from", "to toast with", "for a glass of wine"),
        variants={
            "wine": ("wine", "stemmed", "goblet"),
            "tumbler": ("tumbler", "highball", "water"),
            "flute": ("flute", "champagne", "sparkling wine"),
        },
        materials={
            "crystal": ("crystal", "lead free crystal"),
            "recycled": ("recycled", "recycled glass"),
            "borosilicate": ("borosilicate",),
            "acrylic": ("acrylic", "unbreakable acrylic"),
        },
        brands=TABLE_BRANDS,
        patterns=("plain",),
        colours=("grey", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown"),
        details=(("250 ml", "400 ml"), ("set of 2", "set of 4"), ("hand blown",), ("dishwasher safe",), ("tinted",)),
        price=(8, 60),
        asked={"variant": 0.5, "colour": 0.55, "material": 0.35, "brand": 0.3},
    ),
    Kind(
        name="bottle",
        category="Sports > Water Bottles",
        nouns=("water bottle", "bottle", "drinks bottle", "sports bottle"),
        related=("flask", "thermos", "canteen", "hydration", "bike bottle", "gym bottle"),
        uses=("something to carry water in", "to drink on the bike", "to keep water cold", "to stay hydrated"),
        variants={
            "screw cap": ("screw cap", "narrow"),
            "sport": ("sport", "squeeze", "with spout"),
            "handled": ("handled", "wide mouth", "with loop"),
        },
        materials={
            "steel": ("steel", "stainless steel", "insulated steel"),
            "aluminium": ("aluminium", "aluminum"),
            "plastic": ("plastic", "tritan plastic"),
            "titanium": ("titanium",),
        },
        brands=("Trailway", "Verano", "Peakline", "Rillwater", "Kestrel", "Saltmarsh"),
        patterns=("plain", "striped", "dotted", "zigzag", "floral"),
        colours=ALL_COLOURS,
        details=(
            ("500 ml", "750 ml", "1 litre"),
            ("leak proof",),
            ("keeps cold 24 hours",),
            ("bpa free",),
            ("lightweight",),
        ),
        price=(10, 45),
        goes_with=("backpack",),
    ),
)
