"""Turns that are queued and answered by workers, over DBOS. Nothing is imported here: it loads where it is wanted."""
