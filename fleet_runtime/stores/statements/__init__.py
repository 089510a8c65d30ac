"""What is read and written through an open connection, inside the caller's transaction. Commits nothing itself."""
