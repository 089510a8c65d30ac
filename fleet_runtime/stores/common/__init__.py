"""What every store goes by: which facts are wanted, what decisions come to, rows as last read. Knows no database."""
