"""Where accounts are remembered. Nothing is imported here: `fleet_runtime.stores.sql.store` loads the database.

A fleet's store is either `sql` (the ports on SQL, each verb one transaction) or `memory` (the same ports over plain
dicts, gone when the fleet ends). Under `sql` lie, each importing only what comes after it: `statements`, which read and
write inside an open transaction; `databases`, which run transactions on SQLite or Postgres and bring their errors into
our words; and `schema`, the tables and how values become their rows. `common` is what every store goes by. Beside them
stand `maintenance` (backups, putting them back, looking whether a store is sound) and `migrations` (the schema's
history, run by Alembic).
"""
