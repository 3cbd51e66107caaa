"""What looks at a month before it is closed, and what happens with its closing: apps above register themselves.

A check finds what is still open; what blocks keeps the month from being closed. Checks that look for that are asked
again under the lock of the closing, while postings wait; the others are for the page. A step runs in the
transaction of the closing, before the month is closed or after it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from people.access import Access
from people.models import Company, User
from stock.models import Period


@dataclass(frozen=True, slots=True)
class Found:
    """Something open: its words with the number in them, where to see it, and whether it blocks."""

    code: str
    text: str
    count: int
    address: str = ""
    blocks: bool = False
    rights: tuple[str, ...] = ()
    """All that the address asks for; without one of them it is said and not linked."""


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing of a month (its first day), as the steps get it."""

    company: Company
    month: date
    actor: User | None
    access: Access
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What an app keeps of a closed month: its words and where to see it."""

    text: str
    address: str
    rights: tuple[str, ...] = ()
    """All that the address asks for; without one of them it is not shown."""


Check = Callable[[Company, date], Iterable[Found]]
Step = Callable[[Closing], object]
_checks: list[Check] = []
_blocking: list[Check] = []
_before: list[Step] = []
_kept: list[Callable[[Company, date], Iterable[Kept]]] = []
_after: list[Callable[[Closing, Period], object]] = []


def register_check(check: Check, *, blocks: bool = False) -> None:
    """Ask ``check(company, first day)`` before a month is closed; ``blocks``: all it finds keeps the month open."""
    checks = _blocking if blocks else _checks
    if check not in checks:
        checks.append(check)


def before(step: Step) -> None:
    """Run the step while the month is open and nobody else can post; what it raises keeps the month open."""
    if step not in _before:
        _before.append(step)


def after(step: Callable[[Closing, Period], object]) -> None:
    """Run the step once the month is closed, in the same transaction."""
    if step not in _after:
        _after.append(step)


def register_kept(find: Callable[[Company, date], Iterable[Kept]]) -> None:
    """Show on the page of a month what ``find(company, first day)`` says is kept of it."""
    if find not in _kept:
        _kept.append(find)


def kept(company: Company, month: date) -> list[Kept]:
    """Everything that is kept of a month."""
    return [one for find in _kept for one in find(company, month.replace(day=1))]


def look(company: Company, month: date) -> list[Found]:
    """Everything that is open, what blocks first."""
    rest = [one for check in _checks for one in check(company, month.replace(day=1))]
    return [*blocking(company, month), *rest]


def blocking(company: Company, month: date) -> list[Found]:
    """What keeps a month open."""
    return [one for check in _blocking for one in check(company, month.replace(day=1))]


def run_before(one: Closing) -> None:
    """The steps before a month is closed."""
    for step in _before:
        step(one)


def run_after(one: Closing, period: Period) -> None:
    """The steps after it is closed."""
    for step in _after:
        step(one, period)
