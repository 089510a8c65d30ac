"""Who runs accepted turns. Nothing is imported here: `fleet_runtime.engine.inline` runs them in this process."""
