"""Where acts, books and judges are kept: the protocol that `sqid_core.store` fulfils with a database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import pandas as pd

from .acts import COLUMNS, Act
from .books import PAIR_COLUMNS, Book

Role = Literal["viewer", "judge", "lead"]
ROLES: tuple[Role, ...] = get_args(Role)
# What each may do, as people read it.
ROLES_DO: Mapping[Role, str] = {
    "viewer": "judges in books that are for anybody",
    "judge": "judges in every book",
    "lead": "makes books, has the last word, and says who judges",
}
LONGEST_NAME = 100


@dataclass(frozen=True)
class Judge:
    """Somebody who judges, a person or a model. id: random, shown nowhere but as a pseudonym. name: may be anything,
    and two judges may have one. about: of a model, what it was asked with, its prompt's hash among it."""

    id: str
    name: str
    kind: Literal["person", "model"] = "person"
    role: Role = "judge"
    about: Mapping[str, str] = field(default_factory=dict)


def models_among(judges: Mapping[str, Judge]) -> tuple[str, ...]:
    """Ids of the judges that are models, of judges by id: they have no vote among people."""
    return tuple(sorted(judge.id for judge in judges.values() if judge.kind == "model"))


@dataclass(frozen=True)
class Stored:
    """What became of acts that were sent. seq: of the store's last act now. confirmed: keys that are stored, now or
    before. refused: key to the sentence that says why it never will be."""

    seq: int
    confirmed: tuple[str, ...]
    refused: Mapping[str, str]


class Store(Protocol):
    """All methods raise StoreError, one sentence, where the store cannot be reached, read or written."""

    def add(self, acts: Sequence[Act], judge: str, bundle: str, fingerprint: str) -> Stored:
        """Stores acts of one judge, each once, in one transaction; a key that is there already is confirmed again."""

    def take_in(self, acts: pd.DataFrame, judges: Sequence[Judge], bundle: str) -> Stored:
        """Acts as another store or a file has them: columns `acts.COLUMNS`, in their order, with their times and
        fingerprints; seq and bundle are this store's. In one transaction, each key once, as by `add`.

        judges: by whom they are. Who is not here comes to be, under the same id, and no secret makes anybody that
        judge; roles are not taken over.
        """

    def acts(
        self,
        bundle: str,
        *,
        until: int | None = None,
        book: str | None = None,
        columns: Sequence[str] = tuple(COLUMNS),
        queries: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """Columns of `acts.COLUMNS`, by seq. until: the last seq to read. Equal for ever for the same `until`.
        queries: only acts on these, with every undo, so that `acts.live` and `acts.standing` hold for them."""

    def version(self, bundle: str) -> int:
        """The seq of the last act about a bundle, 0 if there is none."""

    def create_book(self, book: Book, pairs: pd.DataFrame) -> None:
        """pairs: columns `books.PAIR_COLUMNS`. Raises InputError for a name that the bundle's books have already."""

    def change_book(self, book: Book) -> None:
        """Name, guidelines, tags, who may judge, closed. How pairs were drawn stays."""

    def books(self, bundle: str) -> list[Book]:
        """In the order in which they were made."""

    def book(self, book_id: str) -> Book:
        """Raises InputError where there is none."""

    def pairs(
        self, book_id: str, *, columns: Sequence[str] = tuple(PAIR_COLUMNS), numbers: Collection[int] | None = None
    ) -> pd.DataFrame:
        """Columns of `books.PAIR_COLUMNS`, by number; of all pairs or of those with these numbers."""

    def judge_of(self, token: str) -> Judge | None:
        """Who has this secret; None if nobody. The store keeps a hash of it alone."""

    def enrol(self, token: str, name: str, role: Role = "judge") -> Judge:
        """A new judge with a secret; the one that is there where it is known."""

    def model_judge(self, name: str, about: Mapping[str, str]) -> Judge:
        """The judge of kind model with this name and these facts; a new one where there is none."""

    def judges(self) -> dict[str, Judge]:
        """By id."""

    def rename(self, judge: str, name: str) -> None:
        """Gives a judge another name."""

    def grant(self, judge: str, role: Role) -> None:
        """Gives a judge another role."""

    def lead_code(self) -> str:
        """A code that makes one judge a lead, once."""

    def redeem(self, code: str, judge: str) -> bool:
        """Makes the judge a lead if the code is good, and spends it."""

    def forget(self, judge: str) -> None:
        """Replaces the name and every free text of a judge, and drops the secret; labels stay."""
