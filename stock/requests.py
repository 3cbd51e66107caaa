"""What a posting is asked for, when it happens by the company's clock, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.errors import LineError
from core.numbers import VALUE_PLACES
from core.said import said as _
from people.access import Access
from people.models import Company, User
from stock.plan import Circumstances, Plan, PlannedMovement, State, Wish

_CLOCK_SLACK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Request:
    """One posting that is wanted."""

    wishes: list[Wish]
    errors: list[LineError]
    company: Company
    key: str
    actor: User | None
    access: Access
    effective_at: datetime | None
    document: str
    why: str
    door: str
    override: str
    accept_expired: str
    reverses: int | None = None

    def body_hash(self) -> str:
        """What must be equal for the same key to be the same request."""
        body = (
            [wish.identity() for wish in self.wishes],
            self.effective_at,
            self.document,
            self.why,
            self.reverses,
        )
        return sha256(repr(body).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Posted:
    """What posting did; ``created`` is False when the same key had been posted before."""

    posting_id: int
    created: bool
    movement_ids: tuple[int, ...]
    released: tuple[int, ...] = ()
    """Reservations that had to be cut because stock was lost."""
    plan: Plan | None = None
    """What was written, with what was there before; None for a key that had been posted before."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a follower gets: the posting and its rows, inside the transaction."""

    posting_id: int
    company: int
    business_date: date
    movements: Sequence[PlannedMovement]
    state: State


def circumstances(request: Request, recorded_at: datetime) -> Circumstances:
    """The moment, the business day and the smallest amount of the currency."""
    effective_at = request.effective_at or recorded_at
    if recorded_at < effective_at <= recorded_at + _CLOCK_SLACK:
        effective_at = recorded_at
    zone = ZoneInfo(request.company.time_zone)
    return Circumstances(
        company=request.company.pk,
        step=10 ** (VALUE_PLACES - request.company.currency_places),
        effective_at=effective_at.astimezone(UTC),
        business_date=effective_at.astimezone(zone).date(),
        today=recorded_at.astimezone(zone).date(),
        recorded_at=recorded_at,
        access=request.access,
        override=request.override.strip(),
        accept_expired=request.accept_expired.strip(),
    )


def date_errors(now: Circumstances, state: State, wishes: Sequence[Wish]) -> list[LineError]:
    """The moment lies in the future, or in the past without the right to post there."""
    if now.effective_at > now.recorded_at:
        message = _("%(moment)s lies in the future. Stock changes are posted when they happened.")
        moment = timezone.localtime(now.effective_at).strftime("%Y-%m-%d %H:%M")
        return [LineError(0, "future", message % {"moment": moment})]
    if now.business_date < now.today:
        scopes = {
            state.places[place].scope
            for wish in wishes
            for place in (wish.source, wish.target)
            if place in state.places and state.places[place].scope is not None
        }
        if not all(now.access.may("stock.backdate", scope) for scope in scopes):
            message = _("You may not post on an earlier day. Ask the warehouse head.")
            return [LineError(0, "backdate_not_allowed", message)]
    return []
