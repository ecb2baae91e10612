"""The first tables: acts, the counter of their seq, judges with their codes, books with their pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    """Makes them."""
    _counter()
    _judges()
    _books()
    _acts()


def _counter() -> None:
    made = op.create_table(
        "judging_counter",
        sa.Column(
            "id",
            sa.SmallInteger,
            sa.CheckConstraint("id = 1", name="one_counter"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(made, [{"id": 1, "last": 0}])


def _judges() -> None:
    op.create_table(
        "judging_judges",
        sa.Column("number", _COUNTED, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *_texts("name", "kind", "role", "about"),
        sa.Column("token_hash", sa.Text, unique=True),
    )
    op.create_table(
        "judging_lead_codes",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("spent_by", sa.Text, sa.ForeignKey("judging_judges.id")),
    )


def _books() -> None:
    op.create_table(
        "judging_books",
        sa.Column("number", _COUNTED, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *_texts("bundle", "name", "fingerprint", "source"),
        sa.Column("by_chance", sa.Boolean, nullable=False),
        sa.Column("judges", sa.Integer, nullable=False),
        *_texts("guidelines", "tags"),
        sa.Column("blind", sa.Boolean, nullable=False),
        *_texts("order"),
        sa.Column("repeats", sa.Float, nullable=False),
        sa.Column("anybody", sa.Boolean, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_index("one_name_a_bundle", "judging_books", ["bundle", "name"], unique=True)
    op.create_table(
        "judging_pairs",
        sa.Column("book", sa.Text, sa.ForeignKey("judging_books.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("query_id", "product_id"),
        sa.Column("probability", sa.Float),
        *_texts("stratum", "why"),
        sqlite_with_rowid=False,
    )


def _acts() -> None:
    op.create_table(
        "judging_acts",
        sa.Column("seq", _COUNTED, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("judge", sa.Text, sa.ForeignKey("judging_judges.id"), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *_texts("kind", "bundle", "fingerprint"),
        sa.Column("book", sa.Text, sa.ForeignKey("judging_books.id")),
        *_texts("query_id", "product_id", "value", "link"),
        sa.Column("seconds", sa.Float),
        sa.Column("showing", sa.SmallInteger, nullable=False),
    )
    op.create_index("acts_of_a_bundle", "judging_acts", ["bundle", "seq"])
    op.create_index("acts_of_a_book", "judging_acts", ["book", "seq"])
