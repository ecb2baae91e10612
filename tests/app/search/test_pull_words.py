"""What is said of a pull, by hand."""

import numpy as np

from sqid_core.evaluation.pull import Price, Pull
from sqid_ui.search.pull_words import costs, no_weight, reaches


def found(*spans: tuple[float, float], rank: int = 3, ahead: int = 0, exact: bool = True) -> Pull:
    low, high = np.array(spans).reshape(-1, 2).T
    return Pull(rank, low, high, np.empty(0), np.arange(ahead), 4, (0.41, 0.553), exact)


def test_where_it_does() -> None:
    assert reaches(found((0.61, 0.684)), 0.64) == "Reaches 3 at .61 to .68"
    assert reaches(found((0, 0.2), (0.612, 1)), 0.1) == "Reaches 3 at .00 to .20 and .61 to 1.00"
    assert reaches(found((0.61, 0.68), exact=False), 0.64) == "Reaches 3 at .61 to .68 (sampled)"
    many = found(*((n / 10, n / 10 + 0.05) for n in range(6)))
    assert reaches(many, 0.1) == "Reaches 3 at .00 to .05, .10 to .15, .20 to .25 and 3 more"
    narrow = reaches(found((0.6132, 0.6144)), None)
    assert narrow == "Reaches 3 at .6132 to .6144, between two stops of the slider"


def test_what_it_costs() -> None:
    cost = Price(-0.0021, 200, np.arange(12), np.arange(8))
    assert costs(cost, 0.64, 0.5) == "at .64: −.0021 over 200 queries, 12 lose, 8 win"
    assert costs(Price(0.00001, 1, np.arange(0), np.arange(1)), 1.0, 0.5) == "at 1.00: ±0 over 1 query, 0 lose, 1 win"
    assert costs(cost, 0.64, 0.64) == "the weight is there now (over 200 queries nothing changes)"
    assert costs(Price(np.nan, 0, np.arange(0), np.arange(0)), 0.6, 0.5) == "no query has an NDCG to lose"
    of_set = costs(cost, 0.64, 0.5, "fusion hurts")
    assert of_set == "at .64: −.0021 over 200 queries of the set “fusion hurts”, 12 lose, 8 win"


def test_why_no_weight_does() -> None:
    assert no_weight(found(ahead=4)) == "No weight does: these 4 products are ahead in both signals"
    assert no_weight(found(rank=1, ahead=1)) == "No weight does: this product is ahead in both signals"
    assert (
        no_weight(found(ahead=4, exact=False)) == "No weight does: these 4 products are ahead at every weight sampled"
    )
    # Fewer than the rank: they alone are not the reason.
    assert no_weight(found()) == "No weight does: its best rank is 4, at .41 to .55"
    assert no_weight(found(ahead=1)).endswith("at .41 to .55; 1 product is ahead in both signals")
