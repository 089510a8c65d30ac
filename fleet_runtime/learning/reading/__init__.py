"""Reading: what a text says by itself, by tables of forms and relations. Knows no model and changes no ledger."""
