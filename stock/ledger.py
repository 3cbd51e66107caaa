"""The only writer of the book: every change of stock is posted here, whole or not at all.

``post`` makes the plan under the locks and writes it in bulk, ``post_many`` does so for postings that follow each
other; ``preview`` shows the same plan without writing; ``reverse`` posts the mirror of what was posted. Followers
that must succeed together with a posting register themselves and are called inside its transaction.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)

from core import prepared
from core.said import said as _
from people.access import Access
from people.models import Company, User
from stock import mirroring, writing
from stock.errors import Again, Apart, Busy, PostingRefused
from stock.models import Movement, Posting
from stock.plan import LineInput, Plan, Wish, read_wishes
from stock.requests import Posted, Request, Written
from stock.writing import TOPIC, Follower

__all__ = [
    "TOPIC",
    "Apart",
    "LineInput",
    "Plan",
    "Posted",
    "PostingInput",
    "Written",
    "post",
    "post_many",
    "preview",
    "register_follower",
    "reverse",
]

_TRIES = 6
_RETRY_CODES = frozenset({"40001", "40P01", "55P03", prepared.GONE})
"""Serialization failure, deadlock, lock not available, prepared statement gone: tried again unseen."""


def register_follower(follower: Follower) -> None:
    """Call ``follower`` inside the transaction of every posting, with those that are made together (of one
    company, on one state); if it raises, nothing is posted."""
    if follower not in writing.followers:
        writing.followers.append(follower)


def post(  # noqa: PLR0913 - one argument per fact of a posting
    lines: Sequence[LineInput],
    *,
    company: Company,
    key: str,
    actor: User | None,
    access: Access,
    effective_at: datetime | None = None,
    document: str = "",
    why: str = "",
    door: str = "api",
    override: str = "",
    accept_expired: str = "",
    savepoint: bool = True,
) -> Posted:
    """Write the lines into the book in one transaction.

    Quantities are in base units, values in the company's currency. The same ``key`` with the same
    content posts once; with other content it raises KeyReused. Raises PostingRefused with every bad
    line, Busy if the database stays locked. ``override`` is the reason for going below zero and
    ``accept_expired`` the reason for issuing expired lots; each needs its right. Without ``savepoint``
    whoever began the transaction undoes all of it if anything is raised, and begins anew after Again.
    """
    wishes, errors = read_wishes(lines)
    return _run_one(
        Request(
            wishes,
            errors,
            company,
            key,
            actor,
            access,
            effective_at,
            document,
            why or override or accept_expired,
            door,
            override,
            accept_expired,
        ),
        savepoint=savepoint,
    )


@dataclass(frozen=True, slots=True)
class PostingInput:
    """One posting of ``post_many``: what ``post`` is told of it."""

    lines: Sequence[LineInput]
    key: str
    actor: User | None = None
    effective_at: datetime | None = None
    document: str = ""
    why: str = ""
    door: str = "api"
    override: str = ""
    accept_expired: str = ""


def post_many(
    postings: Sequence[PostingInput], *, company: Company, access: Access
) -> list[Posted]:
    """Write postings in their order, in the caller's transaction, with as many statements as for one.

    The book is as if they had been posted one after the other, except that they were recorded at one moment.
    One alone is tried again like any posting, and raises what ``post`` raises. Several
    raise Apart, after which the caller must undo what he began, where they have to be posted one by one: one is
    refused, was posted before, is of an earlier moment than the one before it, or depends on another one.
    """
    requests = []
    for one in postings:
        wishes, errors = read_wishes(one.lines)
        requests.append(
            Request(
                wishes, errors, company, one.key, one.actor, access, one.effective_at, one.document,
                one.why or one.override or one.accept_expired, one.door, one.override,
                one.accept_expired,
            )
        )  # fmt: skip
    return _run(requests, savepoint=len(requests) == 1)


def reverse(  # noqa: PLR0913 - one argument per fact of a posting
    posting_id: int,
    *,
    key: str,
    actor: User | None,
    access: Access,
    why: str,
    lines: Sequence[int] | None = None,
    effective_at: datetime | None = None,
    override: str = "",
    door: str = "api",
) -> Posted:
    """Post the exact opposite of a posting (or of some of its lines), linked to it.

    A reason is required. What has been reversed or returned already, and reversals themselves, are
    refused. Differences of cost that arose since go to the revaluation place.
    """
    posting = Posting.objects.select_related("company").get(pk=posting_id)
    if not why.strip():
        raise PostingRefused(_("A reversal needs a reason."), code="reason_required")
    wanted = Movement.objects.filter(posting=posting).exclude(type="settlement")
    if lines is not None:
        wanted = wanted.filter(line__in=list(lines))
    movements = list(wanted.order_by("-line"))
    if lines is not None and mirroring.breaks_a_conversion(posting, movements):
        raise PostingRefused(
            _("The lines of a conversion are reversed together."), code="conversion_incomplete"
        )
    if not movements:
        raise PostingRefused(_("There is nothing to reverse."), code="nothing_to_reverse")
    return _run_one(
        Request(
            [
                Wish(line, mirroring.mirror(movement), reversal=True)
                for line, movement in enumerate(movements, 1)
            ],
            mirroring.irreversible(movements),
            posting.company,
            key,
            actor,
            access,
            effective_at,
            posting.document,
            why,
            door,
            override,
            accept_expired="",
            reverses=posting.pk,
        )
    )


def preview(
    lines: Sequence[LineInput],
    *,
    company: Company,
    actor: User | None,
    access: Access,
    effective_at: datetime | None = None,
    override: str = "",
    accept_expired: str = "",
) -> Plan:
    """What ``post`` would write now, or what is wrong with it; nothing is locked or written."""
    wishes, errors = read_wishes(lines)
    request = Request(
        wishes,
        errors,
        company,
        "preview",
        actor,
        access,
        effective_at,
        "",
        "",
        "preview",
        override,
        accept_expired,
    )
    return writing.look(request)


def _run_one(request: Request, *, savepoint: bool = True) -> Posted:
    return _run([request], savepoint=savepoint)[0]


def _run(requests: Sequence[Request], *, savepoint: bool = True) -> list[Posted]:
    """Post, trying again where the database asks for it; the user never sees that."""
    _need_content(requests)
    if not savepoint:
        return _within(requests)
    nested = connection.in_atomic_block
    for attempt in range(_TRIES):
        try:
            with transaction.atomic():
                return writing.post(requests)
        except Again:
            _back_off(attempt)
        except IntegrityError as error:
            raise _explain(error) from error
        except OperationalError as error:
            code = getattr(error.__cause__, "pgcode", None)
            if nested or code not in _RETRY_CODES or attempt == _TRIES - 1:
                if code in _RETRY_CODES or "locked" in str(error):
                    raise Busy(
                        _("The database is busy. Nothing was changed; try again.")
                    ) from error
                raise
            prepared.forget(connection)
            _back_off(attempt)
    raise Busy(_("The database is busy. Nothing was changed; try again."))


def _need_content(requests: Sequence[Request]) -> None:
    for request in requests:
        if not request.key:
            raise PostingRefused(_("A posting needs a key."), code="key_required")
        if not request.wishes and not request.errors:
            raise PostingRefused(_("A posting needs at least one line."), code="no_lines")


def _within(requests: Sequence[Request]) -> list[Posted]:
    """One try in the caller's transaction, which he undoes and begins anew where the database asks for it."""
    if not connection.in_atomic_block:
        raise RuntimeError("there is no transaction around the posting")
    try:
        return writing.post(requests)
    except IntegrityError as error:
        raise _explain(error) from error


def _back_off(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter


def _explain(error: IntegrityError) -> DatabaseError | PostingRefused:
    """A law of the database that a race broke after the plan had been checked, in readable words."""
    text = str(error)
    if "balance_serial_in_one_place" in text or "stock_balance.lot_id" in text:
        return PostingRefused(
            _("A serial number of these lines is in stock already."), code="serial"
        )
    if "movement_reversed_once" in text or "stock_movement.original_id" in text:
        return PostingRefused(_("This was reversed already."), code="reversed_already")
    return error
