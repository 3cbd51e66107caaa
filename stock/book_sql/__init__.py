"""The SQL of posting, for both engines: reading the book under locks and writing to it in bulk.

The number of statements never depends on the number of lines. PostgreSQL gets arrays; SQLite gets one
JSON parameter. Locks are taken in the order availability → pools → balances, each in key order.
"""
