"""A Celery consumer that outlives the broker, whatever the worker was doing when it went away."""

import logging
from typing import Any

from celery.worker.consumer import Consumer

_logger = logging.getLogger("inventory.outbox")


class SteadyConsumer(Consumer):
    """Connects anew although kombu stumbles twice over channels of a connection that it has given up.

    kombu 5.7 closes a lost connection twice. Where two channels were waiting for the broker and a task was not
    acknowledged yet, the first time leaves a channel open and the second asks it for an address that is gone: an
    AttributeError, of which the worker would die. By then nothing of the connection is left that had to be closed.

    A task that was under way ends later and is acknowledged over the channel that brought it: the same error, once
    the next connection stands. The broker delivers its message again, which is harmless (see ``core.outbox``).
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

    def call_soon_ack(self, p: Any, *args: Any, **kwargs: Any) -> Any:
        """Let the loop acknowledge or reject a message, if its connection still stands by then."""
        channel = p.__self__.channel

        def unless_given_up(*rest: Any, **named: Any) -> None:
            if channel.connection is None or channel.connection.client is None:
                _logger.warning("a task outlasted the broker, which will deliver it again")
            else:
                p(*rest, **named)

        celery: Any = super()  # whose types do not know this method yet
        return celery.call_soon_ack(unless_given_up, *args, **kwargs)
