"""Where accounts are remembered. Nothing is imported here: `fleet_runtime.stores.sql_store` loads the database."""
