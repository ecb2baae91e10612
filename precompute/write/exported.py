"""What is taken out of a bundle, as plain tables: each format writes some of them in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.read.trec import integer_gains
from sqid_core.bundle.addresses import is_address
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.query_folds import read_query_folds
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import InputError
from sqid_core.types import Floats, Labels


@dataclass(frozen=True, eq=False)
class Taken:
    """A data set, judged as it is to be written, and the gain table that grades are of."""

    dataset: Dataset
    gains: str

    @cached_property
    def products(self) -> pa.Table:
        """All columns of the bundle, also those that it leaves on disk. A picture's address stays; the name of a file
        that lies in the bundle does not, as no format takes the files along."""
        table = pq.read_table(self.dataset.folder / "products.parquet")
        images = [each if each and is_address(each) else None for each in table["image"].to_pylist()]
        found = table.set_column(table.column_names.index("image"), "image", pa.array(images, pa.string()))
        return found.select([name for name in found.column_names if found[name].null_count < len(found)])

    @cached_property
    def queries(self) -> pd.DataFrame:
        """All columns of the bundle that hold something."""
        return self.dataset.queries.dropna(axis="columns", how="all")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """(P,) a row a judged pair, slate after slate: query (row), product (row), query_id, product_id, label (its
        place in the scale)."""
        judgements = self.dataset.judgements
        queries, slots = np.nonzero(judgements.mask)
        rows = judgements.rows[queries, slots]
        return pd.DataFrame(
            {
                "query": queries,
                "product": rows,
                "query_id": judgements.query_ids[queries],
                "product_id": self.dataset.products["product_id"].to_numpy()[rows],
                "label": judgements.labels[queries, slots],
            }
        )

    @cached_property
    def judgements(self) -> pd.DataFrame:
        """query_id, product_id, label by its name."""
        names = np.array(self.dataset.scale.names, dtype=object)
        return self.pairs[["query_id", "product_id"]].assign(label=names[self.pairs["label"]])

    @cached_property
    def grades(self) -> list[int]:
        """The whole number of each label. Raises InputError where two have one: nobody could read them back."""
        found = integer_gains(self.dataset.scale.gains(self.gains).tolist())
        if len({*found}) < len(found):
            raise InputError(
                f"under the gains {self.gains} two labels are worth the same, so that grades cannot tell them apart; "
                "use other --gains, or the format parquet"
            )
        return found

    @property
    def graded(self) -> pd.Series:
        """(P,) the grade of each pair."""
        return pd.Series(np.array(self.grades)[self.pairs["label"]], name="grade")

    @property
    def scale(self) -> str:
        """What `--labels` of `own` takes for labels by their names."""
        return self._scale(self.dataset.scale.names)

    @property
    def grade_scale(self) -> str:
        """The same for grades."""
        return self._scale([str(grade) for grade in self.grades])

    def _scale(self, names: list[str] | tuple[str, ...]) -> str:
        gains = self.dataset.scale.gains(self.gains).tolist()
        return ",".join(f"{name}={gain!r}" for name, gain in zip(names, gains, strict=True))

    @cached_property
    def scores(self) -> Mapping[str, Floats]:
        """(P,) of each signal's name: what it says of every judged pair, nan where it does not know the product."""
        judged = self.dataset.judgements
        return {name: signal.slate_scores(judged)[judged.mask] for name, signal in self.dataset.signals.items()}

    @property
    def vectors(self) -> Mapping[str, DenseSignal]:
        """The signals with vectors of their own."""
        return {name: each for name, each in self.dataset.signals.items() if isinstance(each, DenseSignal)}

    @property
    def folds(self) -> Labels | None:
        """(Q,) of the queries, None where nothing was learned."""
        return read_query_folds(self.dataset.folder, self.dataset.manifest)


@dataclass(frozen=True)
class Written:
    """What a format wrote. again: the options of `own` that read it back, "" where it holds no bundle. notes: what was
    left out, or is not as in the bundle."""

    again: str = ""
    notes: tuple[str, ...] = field(default=())


def write_table(frame: pd.DataFrame | pa.Table, path: Path) -> None:
    """One Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False) if isinstance(frame, pd.DataFrame) else frame
    pq.write_table(table, path, compression="zstd")
