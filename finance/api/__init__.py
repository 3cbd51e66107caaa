"""The API of finance: the journal and its review, batches of vouchers, and closing months."""
