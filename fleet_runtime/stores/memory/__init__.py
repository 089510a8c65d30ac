"""The store and the book of a fleet that keeps nothing when it ends: the same ports over plain dicts. No database."""
