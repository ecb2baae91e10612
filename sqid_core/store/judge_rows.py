"""Judges in their table: persons by the hash of their secret, models by what they were asked with."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Literal

import sqlalchemy as sa

from ..errors import InputError
from ..judging.store import LONGEST_NAME, ROLES, Judge, Role
from .sql_tables import judges as table
from .texts import storable

FORGOTTEN = "forgotten"
_READ = sa.select(table.c.id, table.c.name, table.c.kind, table.c.role, table.c.about)


def hashed(secret: str) -> str:
    """Of a secret that was drawn at random: there is nothing to guess, so a quick hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def everybody(connection: sa.Connection) -> dict[str, Judge]:
    """By id, in the order in which they came."""
    judges = [_judge(*row) for row in connection.execute(_READ.order_by(table.c.number))]
    return {judge.id: judge for judge in judges}


def one(connection: sa.Connection, judge: str) -> Judge:
    """Raises InputError where there is none."""
    row = connection.execute(_READ.where(table.c.id == judge)).first() if storable(judge) else None
    if row is None:
        raise no_judge(judge)
    return _judge(*row)


def no_judge(judge: str) -> InputError:
    """What is said of a judge who is not there."""
    return InputError(f"there is no judge {judge[:40]!r}; open the page again to become one")


def with_token(connection: sa.Connection, token: str) -> Judge | None:
    """Who has this secret."""
    row = connection.execute(_READ.where(table.c.token_hash == hashed(token))).first()
    return None if row is None else _judge(*row)


def enrol(connection: sa.Connection, token: str, name: str, role: Role) -> Judge:
    """A new person, or who has this secret."""
    if not token:
        raise InputError("a judge needs a secret, got none")
    known = with_token(connection, token)
    if known is not None:
        return known
    judge = Judge(_new_id(), fitting_name(name), "person", known_role(role))
    return _insert(connection, judge, hashed(token))


def model(connection: sa.Connection, name: str, about: Mapping[str, str]) -> Judge:
    """The model with this name and these facts, or a new one."""
    same = (table.c.kind == "model") & (table.c.name == fitting_name(name)) & (table.c.about == _facts(about))
    row = connection.execute(_READ.where(same)).first()
    return _judge(*row) if row else _insert(connection, Judge(_new_id(), name, "model", "judge", dict(about)), None)


def take_in(connection: sa.Connection, judge: Judge) -> None:
    """A judge of another store, whom no secret opens; nothing where the id is known."""
    if not judge.id or not storable(judge.id):
        raise InputError(f"a judge needs an id that is text, got {judge.id[:40]!r}")
    if connection.execute(sa.select(table.c.id).where(table.c.id == judge.id)).first() is None:
        _insert(connection, Judge(judge.id, fitting_name(judge.name), judge.kind, "judge", judge.about), None)


def change(connection: sa.Connection, judge: str, **values: str | None) -> None:
    """Raises InputError where there is no such judge."""
    one(connection, judge)
    connection.execute(table.update().where(table.c.id == judge).values(values))


def forget(connection: sa.Connection, judge: str) -> None:
    """Takes name and secret: the judge stays as who gave these labels."""
    change(connection, judge, name=FORGOTTEN, token_hash=None)


def fitting_name(name: str) -> str:
    """The name. Raises InputError for one that is too long or no text."""
    if len(name) > LONGEST_NAME:
        raise InputError(f"a name has at most {LONGEST_NAME} letters, got {len(name):,}; choose a shorter one")
    if not storable(name):
        raise InputError("a name holds characters that are no text; write it again without them")
    return name


def known_role(role: str) -> Role:
    """The role. Raises InputError for an unknown one."""
    if role not in ROLES:
        raise InputError(f"a role is one of {', '.join(ROLES)}, got {role[:40]!r}")
    return role


def _insert(connection: sa.Connection, judge: Judge, token_hash: str | None) -> Judge:
    row = {"id": judge.id, "name": judge.name, "kind": judge.kind, "role": judge.role}
    connection.execute(table.insert().values(**row, about=_facts(judge.about), token_hash=token_hash))
    return judge


def _facts(about: Mapping[str, str]) -> str:
    return json.dumps(dict(about), sort_keys=True)


def _judge(id_: str, name: str, kind: Literal["person", "model"], role: Role, about: str) -> Judge:
    return Judge(id_, name, kind, role, json.loads(about))


def _new_id() -> str:
    return secrets.token_hex(6)
