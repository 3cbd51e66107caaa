"""The months before the story: only routine, so that there is something usual. Written many documents at a time."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from boards.demo.book import Book
from boards.demo.routine import Routine

DAYS = 90
"""So long before the story the book was opened."""
SUNDAY = 6


def tell(
    book: Book, routine: Routine, until: date, clock: Callable[[date], Iterator[datetime]]
) -> None:
    """The working days of the months before ``until``; stock was counted and opened before the first."""
    days = [until - timedelta(days=n) for n in range(DAYS, 0, -1)]
    with book.many_at_once():
        for day in days:
            if day.weekday() != SUNDAY:
                book.era = f"{day:%y%m}"
                routine.day(clock(day), day)
    book.era = ""
