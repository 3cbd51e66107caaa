"""The worker's consumer lets go of a lost broker whatever its channels were doing."""

from typing import Any

import pytest
from celery import current_app
from kombu import Connection, Consumer, Queue

from core.steady_consumer import SteadyConsumer
from scripts import servers

pytestmark = pytest.mark.worker


def test_a_broker_lost_between_two_polls_with_a_task_under_way() -> None:
    """Both channels wait for the broker, and what one of them got is not acknowledged when it is killed."""
    got: list[Any] = []
    broker = servers.Valkey()
    broker.start()
    try:
        options = current_app.conf.broker_transport_options
        connection = Connection(broker.url, transport_options=options)
        connection.SimpleQueue("one").put({})
        for name, channel in (("one", connection.default_channel), ("two", connection.channel())):
            taker = Consumer(
                channel, [Queue(name)], callbacks=[lambda _body, message: got.append(message)]
            )
            taker.consume()
        connection.drain_events(timeout=5)
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.3)
    finally:
        broker.remove()
    assert len(got) == 1
    consumer = SteadyConsumer.__new__(SteadyConsumer)
    consumer.app, consumer.connection = current_app, connection
    consumer.on_connection_error_after_connected(ConnectionError())
    assert consumer.connection is None


def test_workers_use_it() -> None:
    assert current_app.conf.worker_consumer == "core.steady_consumer:SteadyConsumer"
