"""The one schema: its tables, values as their rows, and how a database is brought up to it. Knows no single account."""
