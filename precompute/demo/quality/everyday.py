"""Judges the demo's answers to queries as people type them: who of the first five is right, and how many queries are
answered sensibly.

python -m precompute.demo.quality.everyday              the queries that the model is made with
python -m precompute.demo.quality.everyday --sealed     those that are judged once, when nothing is changed any more
"""

from __future__ import annotations

import argparse
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from precompute.demo.build import build_demo
from precompute.demo.training.model_folder import MODEL_FOLDER
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.encoders.families import Encoder
from sqid_core.ranking.search import bundle_encoder, search

FIRST, SENSIBLE = 5, 3
# The rule's names of a product's attributes, where the bundle's columns have others.
COLUMNS = {"colour": "color"}


@dataclass(frozen=True)
class TypedQuery:
    """A text; who is right, in words; and in attributes: name -> the values of which a right product has one."""

    text: str
    right: str
    wanted: dict[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Answer:
    """A query's first products: title, kind, color, pattern, right (whether the rule takes it)."""

    query: TypedQuery
    products: pd.DataFrame

    @property
    def sensible(self) -> bool:
        """Whether at least three of the first five are right."""
        return int(self.products["right"].sum()) >= SENSIBLE


def typed_queries(name: str) -> list[TypedQuery]:
    """The queries of typed/NAME.toml, in the file's order."""
    content = tomllib.loads(Path(__file__).with_name("typed").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return [
        TypedQuery(table.pop("text"), table.pop("right"), {key: tuple(values) for key, values in table.items()})
        for table in content["query"]
    ]


def fitting(dataset: Dataset, query: TypedQuery) -> pd.Series[bool]:
    """Of every product of the demo, whether the query's rule takes it."""
    columns = {key: dataset.products[COLUMNS.get(key, key)] for key in query.wanted}
    return pd.DataFrame({key: columns[key].isin(values) for key, values in query.wanted.items()}).all(axis=1)


def answers(dataset: Dataset, encoder: Encoder, queries: list[TypedQuery]) -> Iterator[Answer]:
    """Each query's first five products in the usual fusion, judged."""
    for query in queries:
        rows = search(dataset, query.text, k=FIRST, encoder=encoder).table["row"].to_numpy()
        shown = dataset.products.iloc[rows][["title", "kind", "color", "pattern"]]
        yield Answer(query, shown.assign(right=fitting(dataset, query).to_numpy()[rows]).reset_index(drop=True))


def told(answer: Answer) -> str:
    """The answer as lines of Markdown: the query, the rule and the judgement, then its products."""
    found = int(answer.products["right"].sum())
    head = f"* **{answer.query.text}**: {answer.query.right}. {found} of {FIRST}{'' if answer.sensible else ', MISSED'}"
    lines = [
        f"  * {'right' if p.right else 'wrong'}: {p.title} ({p.color} {p.pattern} {p.kind})"
        for p in answer.products.itertuples()
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """The command line of the judgement."""
    parser = argparse.ArgumentParser(prog="python -m precompute.demo.quality.everyday", description=__doc__)
    parser.add_argument("--sealed", action="store_true", help="the queries that are judged once")
    parser.add_argument(
        "--model", type=Path, default=MODEL_FOLDER, help="the model's folder (default: the committed one)"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build_demo(Path(folder) / "demo", model=args.model)
        dataset = load_bundle(Path(folder) / "demo")
        found = list(answers(dataset, bundle_encoder(dataset), typed_queries("sealed" if args.sealed else "dev")))
    print("\n".join(told(answer) for answer in found))
    print(f"\n{sum(answer.sensible for answer in found)} of {len(found)} queries are answered sensibly.")


if __name__ == "__main__":
    main()
