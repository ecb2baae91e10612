"""What a bundle offers the Search page."""

from __future__ import annotations

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import share_a_space
from sqid_core.types import MODALITIES
from sqid_ui.caches import bundles, judged_queries
from sqid_ui.search.state import Choices


def choices(dataset: Dataset) -> Choices:
    """What the page's settings may be."""
    first = judged_queries.examples(dataset)
    text, image = ([s for s in dataset.signals.values() if s.modality == modality] for modality in MODALITIES)
    return Choices(
        query_ids=judged_queries.query_ids(dataset),
        gain_names=dataset.scale.gain_names,
        opening_query=first[0].query_id if first else "",
        product_ids=bundles.product_index(dataset),
        categories=bundles.categories(dataset),
        brands=bundles.brands(dataset),
        topics=judged_queries.topic_names(dataset),
        sources=judged_queries.sources(dataset),
        text_signals=tuple(signal.name for signal in text),
        image_signals=tuple(signal.name for signal in image),
        apart=frozenset((t.name, i.name) for t in text for i in image if not share_a_space(t, i)),
    )
