"""The formats that a bundle can be written in, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from precompute.write.exported import Taken, Written
from precompute.write.judgement_lists import write_ltr, write_opensearch, write_quepid
from precompute.write.parquet_tables import write_hub, write_parquet
from precompute.write.text_files import write_beir, write_ranx, write_trec


@dataclass(frozen=True)
class Format:
    """A format. about: for people, in a line. write: into an empty folder."""

    name: str
    about: str
    write: Callable[[Taken, Path], Written]


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("parquet", "products, queries, judgements, scores, vectors and folds as Parquet tables", write_parquet),
        Format("beir", "corpus and queries as JSON lines, qrels: BEIR, MTEB", write_beir),
        Format("trec", "qrels, queries and a run a signal: trec_eval, ir_measures", write_trec),
        Format("ranx", "qrels and a run a signal as JSON: ranx", write_ranx),
        Format("quepid", "a book of judgements as CSV: Quepid", write_quepid),
        Format("opensearch", "a judgement list, a query set, products for the bulk API: OpenSearch", write_opensearch),
        Format("ltr", "features of judged pairs in SVMrank's form, with their names and the folds", write_ltr),
        Format("hub", "the Parquet tables as a data set with its card, without pictures", write_hub),
    )
}
