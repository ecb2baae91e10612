"""How the tables came to their form, step after step: Alembic runs `versions` through `env`."""
