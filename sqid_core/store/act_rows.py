"""Acts in their table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ..judging.acts import COLUMNS, FREE_TEXTS, Act
from ..judging.store import Stored
from .frame_reading import number_or_null, read_frame
from .judge_rows import no_judge
from .sql_tables import acts as table
from .sql_tables import books, counter, judges
from .texts import storable

FORGOTTEN = "[removed]"
_MANY = 500  # acts that one statement asks for, far from as many parameters as either database allows
_LARGEST = 2**63 - 1
_BOOK = sa.func.coalesce(table.c.book, "")


def _any_of(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True)


_KNOWN = sa.union_all(
    sa.select(sa.literal("judge"), judges.c.id, judges.c.id).where(judges.c.id.in_(_any_of("judges"))),
    sa.select(sa.literal("act"), table.c.key, table.c.judge).where(table.c.key.in_(_any_of("keys"))),
    sa.select(sa.literal("book"), books.c.id, books.c.bundle).where(books.c.id.in_(_any_of("ids"))),
)


@dataclass(frozen=True)
class Sent:
    """What acts that come together share. time: microseconds, UTC."""

    judge: str
    bundle: str
    fingerprint: str
    time: int


def add(connection: sa.Connection, acts: Sequence[Act], sent: Sent, last: int) -> Stored:
    """Stores what is new and good. last: the seq of the last act, held by the caller's transaction."""
    return add_each(connection, [(act, sent) for act in acts], last, {sent.judge})


def from_elsewhere(acts: pd.DataFrame, bundle: str) -> list[tuple[Act, Sent]]:
    """Each act of a frame, columns `COLUMNS`, and how it was sent. Raises InputError for what is no act."""
    times = acts["time"].dt.as_unit("us").astype("int64")
    names = [each.name for each in fields(Act)]
    values = (dict(zip(names, row, strict=True)) for row in acts[names].itertuples(index=False))
    sent = zip(acts["judge"], acts["fingerprint"], times.tolist(), strict=True)
    return [
        (Act(**each), Sent(judge, bundle, fingerprint, time))
        for each, (judge, fingerprint, time) in zip(values, sent, strict=True)
    ]


def add_each(
    connection: sa.Connection, acts: Sequence[tuple[Act, Sent]], last: int, judges: AbstractSet[str] = frozenset()
) -> Stored:
    """The same of acts that were sent each in its own way. Raises InputError for a judge who is not there.

    judges: who must be there beside those of the acts.
    """
    owners, bundles = _known(connection, [act for act, _ in acts], judges | {sent.judge for _, sent in acts})
    fresh: dict[str, tuple[Act, Sent]] = {}
    confirmed: dict[str, None] = {}
    refused: dict[str, str] = {}
    for act, sent in acts:
        owner = fresh[act.key][1].judge if act.key in fresh else owners.get(act.key, sent.judge)
        wrong = _wrong(act, sent, owner, bundles)
        if wrong:
            refused[act.key] = wrong
            continue
        confirmed[act.key] = None
        if act.key not in owners:
            fresh.setdefault(act.key, (act, sent))
    if fresh:
        rows = [_row(act, seq, sent) for seq, (act, sent) in enumerate(fresh.values(), last + 1)]
        connection.execute(table.insert(), rows)
        last += len(rows)
        connection.execute(counter.update().values(last=last))
    return Stored(last, tuple(confirmed), {key: why for key, why in refused.items() if key not in confirmed})


def _wrong(act: Act, sent: Sent, owner: str, bundles: Mapping[str, str]) -> str:
    """Why an act is never stored; "" if nothing speaks against it."""
    texts = (act.key, act.query_id, act.product_id, act.value, act.book, act.link)
    if not all(map(storable, texts)):
        return "it holds characters that are no text (NUL, or half of a pair); write it again without them"
    if owner != sent.judge:
        return "its key belongs to an act of somebody else; send it with a new one"
    if act.book and act.book not in bundles:
        return f"there is no book {act.book[:40]!r}; open the book again"
    if act.book and bundles[act.book] != sent.bundle:
        return f"the book {act.book[:40]!r} is not about {sent.bundle}; open the book again"
    return ""


def _row(act: Act, seq: int, sent: Sent) -> dict[str, Any]:
    return {
        "seq": seq,
        "time": sent.time,
        "judge": sent.judge,
        "number": act.number,
        "key": act.key,
        "kind": act.kind,
        "bundle": sent.bundle,
        "fingerprint": sent.fingerprint,
        "book": act.book or None,
        "query_id": act.query_id,
        "product_id": act.product_id,
        "value": act.value,
        "link": act.link,
        "seconds": number_or_null(act.seconds),
        "showing": act.showing,
    }


def _known(
    connection: sa.Connection, acts: Sequence[Act], judges: AbstractSet[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Judge of each key that is stored, and bundle of each book that is there. Raises InputError for a missing judge.

    All of it by one question, since a question to another machine takes longer than its answer.
    """
    found: dict[str, dict[str, str]] = {"judge": {}, "act": {}, "book": {}}
    names = sorted(filter(storable, judges))
    for start in range(0, max(len(acts), len(names), 1), _MANY):
        some = acts[start : start + _MANY]
        asked = {
            "judges": names[start : start + _MANY],
            "keys": [act.key for act in some if storable(act.key)],
            "ids": list({act.book for act in some if act.book and storable(act.book)}),
        }
        for kind, name, belongs in connection.execute(_KNOWN, asked):
            found[kind][name] = belongs
    for missing in sorted(judges - set(found["judge"])):
        raise no_judge(missing)
    return found["act"], found["book"]


def read(
    connection: sa.Connection,
    bundle: str,
    until: int | None,
    book: str | None,
    columns: Sequence[str],
    queries: Collection[str] | None,
) -> pd.DataFrame:
    """Some of `COLUMNS`. until: any number, as a link may hold any."""
    named = (_BOOK if name == "book" else table.c[name] for name in columns)
    wanted = sa.select(*named).order_by(table.c.seq).where(table.c.bundle == bundle)
    if until is not None:
        wanted = wanted.where(table.c.seq <= min(max(until, 0), _LARGEST))
    if book is not None:
        wanted = wanted.where(table.c.book == book if book else table.c.book.is_(None))
    if queries is not None:
        wanted = wanted.where(table.c.query_id.in_(queries) | (table.c.kind == "undo"))
    return read_frame(connection, wanted, {name: COLUMNS[name] for name in columns})


def last_seq(connection: sa.Connection, bundle: str) -> int:
    """0 if there is none."""
    wanted = sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0)).where(table.c.bundle == bundle)
    return int(connection.execute(wanted).scalar_one())


def forget_texts(connection: sa.Connection, judge: str) -> None:
    """Removes what a judge wrote freely, and links, in which such a text may stand too."""
    his = table.c.judge == judge
    free = his & table.c.kind.in_(FREE_TEXTS) & (table.c.value != "")
    connection.execute(table.update().where(free).values(value=FORGOTTEN))
    connection.execute(table.update().where(his & (table.c.link != "")).values(link=""))
