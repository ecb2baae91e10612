"""Acts, books and judges in a database, SQLite or PostgreSQL. Others come in by `opening` alone: only it is there
without the extra judge."""
