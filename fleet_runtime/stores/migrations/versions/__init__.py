"""One file per revision, never changed once released: what a revision did must stay what it did."""
