"""Many documents together, on PostgreSQL: the same rows, and numbers once whoever else draws them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from stock import verify
from tests.workflows.test_trusted import *  # noqa: F403 - the same tests under another mark
from tests.workflows.test_trusted import receipt, told
from tests.workflows.world import World
from workflows import trusted
from workflows.models import Document

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_engine() -> None:
    assert connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_numbers_are_given_once_whoever_writes_at_the_same_time() -> None:
    world = World("NU")
    item = world.item()

    def many(name: str) -> None:
        for batch in range(4):
            documents = [
                told(world, "purchase_in", receipt(world, item), key=f"{name}{batch}:{n}")
                for n in range(5)
            ]
            with transaction.atomic():
                trusted.post_many(documents, standing=trusted.Standing(world.company))

    def single(name: str) -> None:
        for n in range(10):
            one = told(world, "purchase_in", receipt(world, item), key=f"{name}{n}")
            trusted.post(one, company=world.company)

    def closing(work: Callable[[str], None], name: str) -> None:
        try:
            work(name)
        finally:
            connections.close_all()

    # The process and the series are there before.
    trusted.post(
        told(world, "purchase_in", receipt(world, item), key="first"), company=world.company
    )
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(closing, many, "a"), pool.submit(closing, many, "b")]
        calls += [pool.submit(closing, single, "c"), pool.submit(closing, single, "d")]
        for call in calls:
            call.result()
    numbers = Document.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"PIN-NU-A-{n:05}" for n in range(1, 62)]
    assert verify.verify().ok
