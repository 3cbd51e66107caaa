"""The only advisory locks outside the book: held by name until the end of the transaction."""

from zlib import crc32

from django.db import connection

_SPACE = 5_003
"""The first number of our advisory locks; the second is made from the name."""


def hold(name: str) -> None:
    """Wait until nobody else holds ``name``, and hold it to the end of the transaction.

    On SQLite there is nothing to do: whoever has begun a writing transaction is alone. Raises
    RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("hold() belongs into a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, crc32(name.encode()) - 2**31]
            )
