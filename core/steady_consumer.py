"""A Celery consumer that outlives the broker also when it goes away in the middle of two polls."""

import logging
from typing import Any

from celery.worker.consumer import Consumer

_logger = logging.getLogger("inventory.outbox")


class SteadyConsumer(Consumer):
    """Connects anew although kombu stumbles over its own channels while it closes a lost connection.

    kombu 5.7 closes the connection twice. Where two channels were waiting for the broker and a task was not
    acknowledged yet, the first time leaves a channel open and the second asks it for an address that is gone: an
    AttributeError, of which the worker would die. By then nothing of the connection is left that had to be closed.
    """

    connection: Any

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Called once for each lost connection, before the next one is made."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            if self.connection is not None:
                raise
            _logger.warning("the lost connection to the broker was not closed in order: %s", error)
