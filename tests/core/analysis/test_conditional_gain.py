from __future__ import annotations

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis.conditional_gain import conditional_gain, product_shares
from sqid_core.evaluation.exchange import exchange_p
from sqid_core.evaluation.reports import evaluate, fusion_run, signal_run
from sqid_core.evaluation.significance import holm, randomisation_p
from sqid_core.ranking.fusion import Fusion


def test_parts_add_up_and_every_row_is_tested() -> None:
    dataset = noise_dataset(80)
    judgements = dataset.judgements
    before, after = signal_run(dataset, "text"), fusion_run(dataset, Fusion())
    gains = judgements.gains(dataset.scale.gains())
    image = dataset.signal("image")
    assert image is not None
    pictured = image.knows(judgements)
    shares = [product_shares(before, after, judgements, gains, each) for each in (pictured, ~pictured)]
    difference = evaluate(dataset, after).values("ndcg") - evaluate(dataset, before).values("ndcg")
    np.testing.assert_allclose(shares[0] + shares[1], difference, atol=1e-12)
    table, apart = conditional_gain(before, after, judgements, gains, pictured)
    whole = ~(~pictured & judgements.mask).any(axis=1)
    assert table["n"].tolist() == [
        int((pictured & judgements.mask).sum()),
        int((~pictured & judgements.mask).sum()),
        int((whole & ~np.isnan(difference)).sum()),
        int((~whole & ~np.isnan(difference)).sum()),
    ]
    assert table["gain"][:2].sum() == pytest.approx(np.nanmean(difference))
    assert table["gain"][3] == pytest.approx(np.nanmean(difference[~whole]))
    assert table["p"][0] == randomisation_p(shares[0])
    np.testing.assert_allclose(table["p Holm"], holm(table["p"].to_numpy()))
    assert apart == exchange_p(difference[whole], difference[~whole])
