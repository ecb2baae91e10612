"""Pictures for offline and hosted use: fetched, checked by decoding, stored small, one row a product in a table."""
