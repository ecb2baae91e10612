"""The tables, as the newest migration leaves them (tests/core/store/test_migrations.py holds the two together).

Times are whole microseconds since 1970, UTC: both databases give them back exactly and without a zone of their own.
nan is stored as NULL, since SQLite knows no nan.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

metadata = MetaData()
# In SQLite a key that counts is the row's own number only if it's called INTEGER.
Counted = BigInteger().with_variant(Integer, "sqlite")

# One row: the seq of the last act. Whoever writes holds it until his transaction ends.
counter = Table(
    "judging_counter",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1", name="one_counter"), primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

judges = Table(
    "judging_judges",
    metadata,
    Column("number", Counted, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("token_hash", Text, unique=True),
)

books = Table(
    "judging_books",
    metadata,
    Column("number", Counted, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("bundle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("by_chance", Boolean, nullable=False),
    Column("judges", Integer, nullable=False),
    Column("guidelines", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("order", Text, nullable=False),
    Column("repeats", Float, nullable=False),
    Column("anybody", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False),
    Index("one_name_a_bundle", "bundle", "name", unique=True),
)

pairs = Table(
    "judging_pairs",
    metadata,
    Column("book", Text, ForeignKey("judging_books.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("query_id", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("probability", Float),
    Column("stratum", Text, nullable=False),
    Column("why", Text, nullable=False),
    sqlite_with_rowid=False,
)

acts = Table(
    "judging_acts",
    metadata,
    Column("seq", Counted, primary_key=True, autoincrement=False),
    Column("time", BigInteger, nullable=False),
    Column("judge", Text, ForeignKey("judging_judges.id"), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("book", Text, ForeignKey("judging_books.id")),
    Column("query_id", Text, nullable=False),
    Column("product_id", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("seconds", Float),
    Column("showing", SmallInteger, nullable=False),
    Index("acts_of_a_bundle", "bundle", "seq"),
    Index("acts_of_a_book", "book", "seq"),
)

codes = Table(
    "judging_lead_codes",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("expires", BigInteger, nullable=False),
    Column("spent_by", Text, ForeignKey("judging_judges.id")),
)
