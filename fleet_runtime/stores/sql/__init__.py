"""The ports on SQL: the store, the book, the crew, the gate and the turn log, whose verbs are a transaction each."""
