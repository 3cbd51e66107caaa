"""The only writer of batches: made of what is reviewed, taken back, confirmed. Numbers follow one another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django_fsm import can_proceed

from core import locks
from core.errors import LineError
from core.said import said as _
from finance import words
from finance.errors import BatchMoved, BatchRefused
from finance.handover import keeping
from finance.handover.building import Made, build, chart
from finance.handover.checker import Chart, Problem
from finance.handover.formats import BY_CODE, JSON, Format, Settings
from finance.handover.kingdee import Template
from finance.handover.voucher import Voucher as VoucherData
from finance.models import (
    BatchEvent,
    HandedEntry,
    HandoverProfile,
    JournalEntry,
    Voucher,
    VoucherBatch,
)
from people.access import Access
from people.models import User

RIGHT = "finance.review"
MOST = 50_000
"""Entries of one batch."""
LARGEST_REPLY = 256 * 1024
_SHOWN = 200
Review = JournalEntry.Review
Kind = BatchEvent.Kind


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a batch would hold: vouchers with the numbers they would get, and everything that is wrong."""

    entries: Sequence[JournalEntry]
    made: Sequence[Made]
    problems: Sequence[Problem]

    @property
    def total(self) -> Decimal:
        """Debits of all vouchers."""
        return sum((one.voucher.debit for one in self.made), Decimal(0))


def after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def ready(company: int, month: date, until: date | None = None) -> QuerySet[JournalEntry]:
    """Entries of a month that are reviewed and not handed over, up to a day."""
    rows = JournalEntry.objects.filter(
        company=company, review=Review.REVIEWED, date__gte=month, date__lt=after(month)
    )
    return (rows.filter(date__lte=until) if until else rows).order_by("date", "pk")


def settings_of(profile: HandoverProfile, batch: str = "") -> Settings:
    """How the vouchers of a profile are written."""
    template = Template.of(profile.template) if profile.template else None
    return Settings(profile.encoding, template, profile.mapping, profile.words, batch)


def prepare(
    profile: HandoverProfile, month: date, *, maker: User, until: date | None = None
) -> Prepared:
    """Look at what would be handed over now; nothing is written."""
    entries = list(ready(profile.company_id, month, until)[: MOST + 1])
    accounts = chart(profile.company_id)
    with words.of_books(profile.company_id):
        made = build(
            entries,
            accounts,
            grouping=profile.grouping,
            word=profile.word,
            maker=str(maker),
            currency=profile.company.currency,
        )
    number = _next_number(profile, month)
    made = [
        replace(one, voucher=replace(one.voucher, number=number + place))
        for place, one in enumerate(made)
    ]
    problems = format_of(profile).problems(
        [one.voucher for one in made],
        Chart(accounts, month, after(month) - timedelta(days=1)),
        settings_of(profile),
    )
    return Prepared(entries, made, problems)


def format_of(profile: HandoverProfile) -> Format:
    """The format of a profile; one that is no longer there is the general data."""
    return BY_CODE.get(profile.format, JSON)


def _next_number(profile: HandoverProfile, month: date) -> int:
    last = Voucher.objects.filter(
        company=profile.company_id, month=month, word=profile.word, withdrawn=False
    ).aggregate(last=Max("number"))["last"]
    return profile.first_number if last is None else int(last) + 1


def make(
    profile: HandoverProfile,
    month: date,
    *,
    actor: User,
    access: Access,
    until: date | None = None,
) -> VoucherBatch:
    """Hand over what is reviewed; BatchRefused names everything that is wrong, and then nothing is written."""
    access.require(RIGHT)
    with transaction.atomic():
        locks.hold(f"vouchers:{profile.company_id}")
        entries = ready(profile.company_id, month, until).values_list("pk", flat=True)
        list(
            JournalEntry.objects.select_for_update()
            .filter(pk__in=entries)
            .order_by("pk")
            .only("pk")
        )
        prepared = prepare(profile, month, maker=actor, until=until)
        if not prepared.entries:
            raise BatchRefused(_("Nothing of this month is reviewed and waits to be handed over."))
        if len(prepared.entries) > MOST:
            raise BatchRefused(_("These are too many at once; choose an earlier last day."))
        if prepared.problems:
            raise _refused(prepared.problems)
        return _write(profile, month, prepared, actor)


def _refused(problems: Sequence[Problem]) -> BatchRefused:
    lines = [
        LineError(
            0,
            one.code,
            f"{one.voucher} {one.reference} {one.line or ''}: {one.message}",
            {"voucher": one.voucher, "line": one.line, "document": one.reference},
        )
        for one in problems[:_SHOWN]
    ]
    text = _("%(n)d things have to be put right before these vouchers can be handed over.")
    return BatchRefused(text % {"n": len(problems)}, lines=lines)


def _write(profile: HandoverProfile, month: date, prepared: Prepared, actor: User) -> VoucherBatch:
    contents = [keeping.kept(one.voucher) for one in prepared.made]
    last = VoucherBatch.objects.filter(company=profile.company_id).aggregate(n=Max("number"))["n"]
    batch = VoucherBatch.objects.create(
        company_id=profile.company_id,
        profile=profile,
        number=(last or 0) + 1,
        month=month,
        options={
            "format": profile.format,
            "encoding": profile.encoding,
            "template": profile.template,
            "mapping": profile.mapping,
            "words": profile.words,
            "grouping": profile.grouping,
        },
        made_at=timezone.now(),
        made_by=actor,
        entries=len(prepared.entries),
        vouchers=len(prepared.made),
        total=prepared.total,
        digest=keeping.digest(contents),
    )
    rows = Voucher.objects.bulk_create(
        [
            _row(batch, one.voucher, content)
            for one, content in zip(prepared.made, contents, strict=True)
        ],
        batch_size=500,
    )
    first: dict[int, Voucher] = {}
    for made, row in zip(prepared.made, rows, strict=True):
        for entry in made.entries:
            first.setdefault(entry, row)
    HandedEntry.objects.bulk_create(
        [HandedEntry(batch=batch, voucher=row, entry_id=entry) for entry, row in first.items()],
        batch_size=500,
    )
    _move(batch, Review.REVIEWED, Review.HANDED_OVER)
    log(batch, Kind.MADE, actor)
    return batch


def _row(batch: VoucherBatch, voucher: VoucherData, content: dict[str, Any]) -> Voucher:
    return Voucher(
        batch=batch,
        company_id=batch.company_id,
        month=batch.month,
        word=voucher.word,
        number=voucher.number,
        date=voucher.date,
        reference=voucher.reference[:120],
        summary=voucher.lines[0].summary[:300] if voucher.lines else "",
        total=voucher.debit,
        content=content,
    )


def _move(batch: VoucherBatch, old: str, new: str) -> None:
    handed = HandedEntry.objects.filter(batch=batch).values("entry")
    JournalEntry.objects.filter(pk__in=handed, review=old).update(review=new)


def log(
    batch: VoucherBatch,
    kind: str,
    user: User | None,
    text: str = "",
    reply: tuple[str, bytes] = ("", b""),
) -> BatchEvent:
    """Keep what happened to a batch."""
    return BatchEvent.objects.create(
        batch=batch,
        kind=kind,
        at=timezone.now(),
        user=user,
        text=text,
        reply_name=reply[0][:200],
        reply=reply[1] or None,
    )


# What becomes of a batch ------------------------------------------------------------------------------


def locked(key: int) -> VoucherBatch:
    """The batch, locked to the end of the transaction; whoever makes batches waits, too."""
    company = VoucherBatch.objects.values_list("company_id", flat=True).get(pk=key)
    locks.hold(f"vouchers:{company}")
    return VoucherBatch.objects.select_for_update().get(pk=key)


def step(batch: VoucherBatch, name: str) -> None:
    """Take a transition of its machine; BatchMoved if it is not open now."""
    method = getattr(batch, name)
    if not can_proceed(method):
        raise BatchMoved(
            _("The batch is “%(state)s” now; this is not possible any more.")
            % {"state": batch.get_state_display()}
        )
    method()
    batch.save(update_fields=["state"])


def confirm(
    key: int,
    *,
    actor: User,
    access: Access,
    text: str = "",
    reply: tuple[str, bytes] = ("", b""),
) -> VoucherBatch:
    """Note that the accounting system has booked it: by a tick, a word, or the reply it gave as a file."""
    access.require(RIGHT)
    if len(reply[1]) > LARGEST_REPLY:
        raise BatchRefused(_("The reply is too large; 256 KB fit."))
    with transaction.atomic():
        batch = locked(key)
        step(batch, "confirm")
        log(batch, Kind.CONFIRMED, actor, text.strip()[:2_000], reply)
    return batch


def take_back(key: int, *, actor: User, access: Access, reason: str) -> VoucherBatch:
    """Take a batch back that was not booked: its entries wait again, its numbers are free again.

    Only the last numbers of their month and word, so that no number is missing.
    """
    access.require(RIGHT)
    words = reason.strip()
    if not words:
        raise BatchRefused(_("Write why it is taken back."))
    with transaction.atomic():
        batch = locked(key)
        step(batch, "withdraw")
        vouchers = list(batch.kept.order_by("-number"))
        _check_last(batch, vouchers)
        for voucher in vouchers:
            voucher.withdrawn = True
            voucher.save(update_fields=["withdrawn"])
        HandedEntry.objects.filter(batch=batch).update(withdrawn=True)
        _move(batch, Review.HANDED_OVER, Review.REVIEWED)
        log(batch, Kind.WITHDRAWN, actor, words[:2_000])
    return batch


def _check_last(batch: VoucherBatch, vouchers: Sequence[Voucher]) -> None:
    if not vouchers:
        return
    later = (
        Voucher.objects.filter(
            company=batch.company_id,
            month=batch.month,
            word=vouchers[0].word,
            number__gt=vouchers[0].number,
            withdrawn=False,
        )
        .order_by("-number")
        .select_related("batch")
        .first()
    )
    if later is not None:
        raise BatchRefused(
            _("Take %(batch)s back first: its numbers come after these.") % {"batch": later.batch}
        )
