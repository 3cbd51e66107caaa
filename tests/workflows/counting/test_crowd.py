"""The law of differences with real threads on PostgreSQL: issues and receipts go on until after the posting."""

import random
from threading import Event, Thread

import pytest
from django.db import close_old_connections, connection, connections

from core.errors import DomainError
from stock import verify
from tests.workflows.counting.shelf import Truth
from tests.workflows.counting.world import D, Shelves
from workflows.models import CountEntry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def truth() -> Truth:
    wrong = [random.Random(7).randint(-6, 6) for _ in range(8)]
    return Truth(Shelves(), wrong, book=500)


def _keep_moving(truth: Truth, stop: Event, seed: int, errors: list[BaseException]) -> None:
    dice = random.Random(seed)
    try:
        while not stop.is_set():
            number = dice.randrange(len(truth.places))
            change = dice.choice((-3, -2, -1, 1, 2, 3))
            truth.tell(number, D(change), truth.take(number, change))
            stop.wait(dice.uniform(0.02, 0.12))
    except BaseException as error:
        errors.append(error)
    finally:
        connections.close_all()


def _keep_counting(
    truth: Truth, document: int, who: int, errors: list[BaseException], *, start: int
) -> None:
    from people.models import User
    from workflows.models import Document

    try:
        for number in range(start, len(truth.places), 2):
            truth.count(Document.objects.get(pk=document), number, User.objects.get(pk=who))
    except BaseException as error:
        errors.append(error)
    finally:
        connections.close_all()


def test_the_book_ends_as_the_shelf_while_goods_move(truth: Truth) -> None:
    assert connection.vendor == "postgresql"
    world = truth.world
    document = world.sealed(zones=truth.places, sheets=2, counters=())
    stop, errors = Event(), list[BaseException]()
    movers = [Thread(target=_keep_moving, args=(truth, stop, seed, errors)) for seed in range(3)]
    for thread in movers:
        thread.start()
    counters = [
        Thread(
            target=_keep_counting, args=(truth, document.pk, user.pk, errors), kwargs={"start": n}
        )
        for n, user in enumerate((world.cat, world.eve))
    ]
    try:
        for thread in counters:
            thread.start()
        for thread in counters:
            thread.join()
        truth.settle(document, [world.gus, world.cat, world.eve], tries=200)
    finally:
        stop.set()
        for thread in movers:
            thread.join()
    close_old_connections()
    assert not errors, errors[0]
    assert truth.differences() == {}
    assert verify.verify().ok
    assert CountEntry.objects.filter(document=document).count() >= len(truth.places)


def test_one_key_sent_five_times_at_once_counts_once(truth: Truth) -> None:
    world = truth.world
    document = world.sealed(zones=truth.places)
    results: list[bool] = []
    refused: list[BaseException] = []

    def send() -> None:
        try:
            results.append(world.count(document, "B-1", 500, key="one-device-key").repeated)
        except DomainError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not refused, refused[0]
    assert sorted(results) == [False, True, True, True, True]
    assert CountEntry.objects.filter(document=document).count() == 1
