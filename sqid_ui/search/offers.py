"""What a bundle offers the Search page."""

from __future__ import annotations

from sqid_core.analysis.map_area import map_stamps
from sqid_core.analysis.query_sets import QuerySet
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import share_a_space
from sqid_core.ranking.reranking import rerankers
from sqid_core.types import MODALITIES
from sqid_ui.caches import bundles, judged_queries
from sqid_ui.search.state import Choices


def choices(dataset: Dataset, walked: QuerySet | None = None) -> Choices:
    """What the page's settings may be. walked: the set that the page opens on, at its first query."""
    opening = walked.ids[:1] if walked else tuple(each.query_id for each in judged_queries.examples(dataset)[:1])
    text, image = ([s for s in dataset.signals.values() if s.modality == modality] for modality in MODALITIES)
    return Choices(
        query_ids=judged_queries.query_ids(dataset),
        gain_names=dataset.scale.gain_names,
        opening_query=opening[0] if opening else "",
        product_ids=bundles.product_index(dataset),
        categories=bundles.categories(dataset),
        brands=bundles.brands(dataset),
        topics=judged_queries.topic_names(dataset),
        sources=judged_queries.sources(dataset),
        text_signals=tuple(signal.name for signal in text),
        image_signals=tuple(signal.name for signal in image),
        rerankers=rerankers(dataset),
        maps=map_stamps(dataset.manifest),
        apart=frozenset((t.name, i.name) for t in text for i in image if not share_a_space(t, i)),
    )
