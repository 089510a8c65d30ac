"""The schema's history, one file per revision under ``versions/``; Alembic runs them through ``env.py``."""
