"""The field's terms in plain words, each in one place: the board explains them where they stand, About lists them."""

TERMS = {
    "NDCG": "How near a ranking is to the best order of the judged products. 1 is the best; the first places count "
    "most, and a product counts by its label.",
    "P": "Precision: the share of relevant products among the first ones.",
    "Fusing adds": "The mixed ranking’s NDCG less that of this ranking alone.",
    "B adds": "B’s NDCG less A’s.",
    "First 10": "The labels of the first ten products.",
    "Judged": "The share of the listed products that somebody judged for this query.",
    "Image weight": "How much the picture counts in the mix: 0 is the text alone, 1 the picture alone.",
    "Exact": "What was asked for.",
    "Substitute": "Not all that was asked for, but of use instead.",
    "Complement": "Not what was asked for, but goes with it.",
    "Irrelevant": "Neither.",
}
