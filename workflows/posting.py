"""The only door of documents to the book: posts what their lines stand for, reverses them, previews them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction

from core.errors import LineError
from core.numbers import QUANTITY_PLACES, digits
from core.said import said as _
from people.access import SYSTEM, Access, access_for
from people.models import Company, User
from stock import ledger
from stock.errors import PostingRefused
from stock.ledger import LineInput, Plan, Posted, PostingInput
from stock.models import Movement
from stock.place_kinds import PHYSICAL
from workflows import feedback, followups, moment, movements, numbering, rests, states
from workflows.counting import differences
from workflows.errors import BookMoved, DocumentRefused
from workflows.models import Document, Line, Task
from workflows.move import Move
from workflows.orders import confirming, delivering

_SHOWN = 400
"""Of so many balances at most the timeline keeps what they were; more are in the book alone."""


def post(move: Move) -> None:
    """Post the document once; its state becomes posted. Raises PostingRefused with every bad line.

    ``move.data["stamp"]`` (from a preview) makes it refuse when the figures have moved since.
    """
    document = move.document
    if document.kind.orders:
        confirming.confirm(move)
        return
    _counted(move)
    order = delivering.order_of(document)
    if document.number is None:
        document.number = numbering.give(document)
    last = bool(move.data.get("close_rest"))
    if document.kind.shape == "count":
        inputs = differences.movements(document)
        if not inputs:
            _nothing_differs(move)
            return
    else:
        inputs = movements.of_lines(document, move.lines, make_lots=True, last=last)
    if settles(move):
        inputs += movements.settled(document, move.lines)
    posted = ledger.post(
        inputs,
        company=document.company,
        key=f"document:{document.key}",
        actor=move.actor,
        access=rights(move),
        effective_at=document.effective_at or moment.told_at(),
        document=document.number,
        why=why(document),
        door=move.door,
        override=document.override,
        accept_expired=document.accept_expired,
        savepoint=False,
    )
    stamp = str(move.data.get("stamp") or "")
    if stamp and posted.plan is not None and digest(posted.plan) != stamp:
        raise BookMoved(
            _("Stock or cost has changed since this was shown. Look at the new figures, then post.")
        )
    if document.kind.shape == "count":
        differences.check_again(document, posted.posting_id)
    if order is not None:
        delivering.deliver(move, order)
    old = document.state
    document.book()
    document.posting_id = posted.posting_id
    document.posted_at = move.now
    document.posted_amount = posted.plan.total_value if posted.plan else None
    move.log(
        "post",
        old_state=old,
        new_state=states.POSTED,
        data={
            "posting": posted.posting_id,
            "released": list(posted.released),
            "stock": _was_and_is(posted.plan),
        },
    )
    followups.raise_for(move)
    feedback.give(move)
    rests.leave(move)


def _nothing_differs(move: Move) -> None:
    """A stocktake that found the book right is done; there is nothing to write into the book."""
    document = move.document
    old = document.state
    document.book()
    document.posted_at = move.now
    document.posted_amount = Decimal(0)
    move.log("post", old_state=old, new_state=states.POSTED, data={"differences": 0})


def settles(move: Move) -> bool:
    """Whether what did not arrive is booked as lost: only those who carry out may say so."""
    return move.verb in {"complete", "post"} and bool(move.data.get("settle"))


def post_told(postings: Sequence[PostingInput], *, company: Company) -> list[Posted]:
    """Post what a trusted import tells, exactly as told; raises what the ledger raises (``ledger.post_many``)."""
    return ledger.post_many(postings, company=company, access=SYSTEM)


def why(document: Document) -> str:
    """What the posting says of why: the reason and the note."""
    parts = [str(document.reason) if document.reason else "", document.reference, document.note]
    return " · ".join(part for part in parts if part)[:300]


def rights(move: Move) -> Access:
    """Who answers for the posting: whoever posts, and everybody who approved."""
    if move.actor is None or moment.told_at() is not None:
        return SYSTEM
    approvers = {
        task.decided_by_id or 0
        for task in move.tasks
        if task.kind == "approve"
        and task.verdict == "approved"
        and task.state == Task.State.DONE
        and task.run.valid
    }
    users = [move.actor] if approvers == {move.actor.pk} else User.objects.filter(pk__in=approvers)
    grants = dict(move.access.grants)
    for approver in users if approvers else ():
        for right, where in access_for(approver).grants.items():
            known = grants.get(right, frozenset())
            both = None if where is None or known is None else known | where
            grants[right] = both
    return Access(move.access.user_id, grants)


def _counted(move: Move) -> None:
    """Goods that arrive are counted line by line before they are posted; blank is not zero."""
    if not move.document.kind.counts or not counting_step(move):
        return
    refuse_uncounted([line for line in move.lines if line.actual is None])


def refuse_uncounted(blank: Sequence[Line]) -> None:
    """Raise DocumentRefused that names every line that nobody has counted; blank is not zero."""
    if blank:
        message = _("Line %(line)s has not been counted. Enter what came, or 0.")
        raise DocumentRefused(
            message % {"line": blank[0].position},
            code="not_counted",
            lines=[
                LineError(line.position, "not_counted", message % {"line": line.position})
                for line in blank
            ],
        )


def counting_step(move: Move) -> bool:
    """Whether the process has a step in which quantities are entered."""
    return any(step.about.writes == "actual" for step in move.steps)


# Reversal --------------------------------------------------------------------------------------------


def reverse(move: Move, *, lines: Sequence[str] | None, key: str) -> bool:
    """Reverse the posting (or the movements of some lines); True if nothing of it is left.

    Stock stays above zero unless ``data.override`` says why not; raises PostingRefused with the document's lines.
    """
    document = move.document
    if document.posting_id is None:
        raise DocumentRefused(_("There is nothing left to reverse here."), code="nothing")
    rows = Movement.objects.filter(posting_id=document.posting_id or 0).exclude(type="settlement")
    if lines is None:
        undone = set(
            Movement.objects.filter(original__in=rows, reversal=True).values_list(
                "original", flat=True
            )
        )
        wanted = None if not undone else [row.line for row in rows if row.pk not in undone]
    else:
        wanted = [row.line for row in rows if row.line_key in set(lines)]
    if wanted is not None and not wanted:
        raise DocumentRefused(_("There is nothing left to reverse here."), code="nothing")
    override = given_override(move)
    said = [part for part in (move.reason, move.text, override) if part]
    try:
        ledger.reverse(
            document.posting_id or 0,
            key=key,
            actor=move.actor,
            access=move.access if moment.told_at() is None else SYSTEM,
            why=" · ".join(said)[:300],
            lines=wanted,
            effective_at=moment.told_at(),
            door=move.door,
            override=override,
        )
    except PostingRefused as error:
        raise _of_lines(error, move, wanted) from error
    left = rows.filter(successors__isnull=True) | rows.exclude(successors__reversal=True)
    return not left.exists()


def given_override(move: Move) -> str:
    """The reason that the person gave for going below zero with a reversal; empty without one."""
    return str(move.data.get("override") or "").strip()[:300]


def _of_lines(refusal: PostingRefused, move: Move, wanted: Sequence[int] | None) -> PostingRefused:
    """The refusal of a reversal, with the document's lines in place of the movements, last first, of the book."""
    rows = Movement.objects.filter(posting_id=move.document.posting_id or 0).exclude(
        type="settlement"
    )
    if wanted is not None:
        rows = rows.filter(line__in=wanted)
    keys = list(rows.order_by("-line").values_list("line_key", flat=True))
    at = {str(line.key): line.position for line in move.lines}
    lines = [
        LineError(at.get(keys[e.line - 1], 0) if e.line else 0, e.code, e.message, e.data)
        for e in refusal.lines
    ]
    return PostingRefused(refusal.message, code=refusal.code, lines=lines)


# Preview ---------------------------------------------------------------------------------------------


def look(
    lines: Sequence[LineInput],
    *,
    company: Company,
    effective_at: datetime | None,
    override: str = "",
) -> Plan:
    """What these movements would do, for trusted imports that mend shortages beforehand; writes nothing."""
    return ledger.preview(
        lines,
        company=company,
        actor=None,
        access=SYSTEM,
        effective_at=effective_at,
        override=override,
    )


def plan(document: Document, lines: Sequence[Line], *, actor: User | None, access: Access) -> Plan:
    """What posting would write now, or what is wrong with it; nothing of it stays.

    Lots that arrive and are not known yet are made for the look and taken back with it.
    """
    with transaction.atomic():
        if document.kind.shape == "count":
            _counting_is_over(document)
            inputs = differences.movements(document)
        else:
            inputs = movements.of_lines(document, lines, make_lots=True)
        made = ledger.preview(
            inputs,
            company=document.company,
            actor=actor,
            access=access,
            effective_at=document.effective_at,
            override=document.override,
            accept_expired=document.accept_expired,
        )
        transaction.set_rollback(True)
    for line in lines:
        if line.lot_id is not None and line.lot_number:
            line.refresh_from_db(fields=["lot"])
    return made


def _counting_is_over(document: Document) -> None:
    """Whoever counts must not know the book: no figures are shown before everything is counted."""
    if document.posting_id is None and document.state != states.IN_APPROVAL:
        raise DocumentRefused(
            _("The differences are shown when counting is over."), code="counting"
        )


def digest(made: Plan) -> str:
    """A stamp of the figures: what moves, what it is worth, and what was there before."""
    rows = [(m.type, m.item, m.source, m.target, m.quantity, m.value) for m in made.movements]
    there = sorted(
        (key[0], key[2], key[3], facts.was)
        for key, facts in made.state.balances.items()
        if key[3] and made.state.places[key[3]].kind in PHYSICAL
    )
    return sha256(repr((rows, there)).encode()).hexdigest()[:32]


def _was_and_is(plan: Plan | None) -> list[list[Any]]:
    """Stock before and after, as the document's page shows it: item, lot, place, was, is (base units)."""
    if plan is None:
        return []
    places = plan.state.places
    shown = [
        (key, facts)
        for key, facts in plan.state.balances.items()
        if key[3] in places and places[key[3]].kind in PHYSICAL
    ]
    if len(shown) > _SHOWN:
        return []
    return [
        [key[0], key[1], key[3], *(digits(n, QUANTITY_PLACES) for n in (facts.was, facts.on_hand))]
        for key, facts in shown
    ]
