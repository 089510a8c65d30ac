"""Care for a store that is there: backups, putting them back, looking whether it is sound. Serves no fleet."""
