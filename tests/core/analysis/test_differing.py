import numpy as np

from sqid_core.analysis.differing import differences, matched_words


def marked(query: str, title: str) -> list[str]:
    return [title[start:end] for start, end in matched_words(query, title)]


def test_words_that_match_by_hand() -> None:
    assert marked("red mugs", "Red Mug, 12 oz (red)") == ["Red", "Mug", "red"]
    assert marked("glass", "Glas Glasses glass") == ["glass"]
    assert marked("men's 5.5 in boot", "Men's Boots 5.5 in") == ["Men's", "Boots", "5.5", "in"]
    # A letter that grows when it is made small moves nothing.
    assert marked("mug", "İİ MUG") == ["MUG"]
    assert marked("", "Mug") == []


def test_what_differs_by_hand() -> None:
    one = {"title": "Rug 4 x 6 ft", "color": "Red", "brand": "A", "image": "1.webp"}
    other = {"title": "Rug 4 x 8 ft", "color": "red ", "brand": None, "image": np.nan, "material": "Wool"}
    assert differences(one, other) == [
        ("Material", "", "Wool"),
        ("Brand", "A", ""),
        ("Number", "6", "8"),
        ("Picture", "yes", "missing"),
    ]
    assert differences(one, one) == []
    assert differences({"fit": "wide"}, {"fit": "slim"}, {"fit": "Fit"}) == [("Fit", "wide", "slim")]
