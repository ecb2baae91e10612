"""One-time codes that make a judge a lead: whoever runs the server prints one and hands it over."""

from __future__ import annotations

import hmac
import secrets

import sqlalchemy as sa

from .judge_rows import change, hashed, one
from .sql_tables import codes as table

LASTING = 24 * 60 * 60 * 1_000_000  # microseconds


def make(connection: sa.Connection, now: int) -> str:
    """A new code; only its hash is kept. Codes that nobody used in time are dropped."""
    connection.execute(table.delete().where(table.c.spent_by.is_(None) & (table.c.expires <= now)))
    code = secrets.token_urlsafe(24)
    connection.execute(table.insert().values(hash=hashed(code), expires=now + LASTING))
    return code


def redeem(connection: sa.Connection, code: str, judge: str, now: int) -> bool:
    """Whether the code was good; it is spent then. Raises InputError for an unknown judge, and nothing is spent."""
    one(connection, judge)
    good = table.c.spent_by.is_(None) & (table.c.expires > now)
    offered = hashed(code.strip())
    known = connection.execute(sa.select(table.c.hash).where(good)).scalars().all()
    if not sum(hmac.compare_digest(hash_, offered) for hash_ in known):  # all of them, always
        return False
    connection.execute(table.update().where(table.c.hash == offered).values(spent_by=judge))
    change(connection, judge, role="lead")
    return True
