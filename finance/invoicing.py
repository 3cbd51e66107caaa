"""The only writer of purchase invoices: drafts, posting against what was received, voiding.

Posting settles what was estimated (暂估) for the invoiced quantity. What the invoice asks more or less changes
the value of the goods still in stock, by price differences in the book; for what has left it is a variance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core import codes
from core.dialect import Dialect
from core.errors import LineError
from core.numbers import (
    QUANTITY_SCALE,
    VALUE_PLACES,
    VALUE_SCALE,
    from_scaled,
    to_scaled,
)
from finance import entries, journal, origins, posting, receipts, remaining, settled, words
from finance.entries import Beside, Pair
from finance.invoice_matching import InvoiceRefused, Matched, match
from finance.models import Account, Books, InvoiceLine, JournalEntry, LandedCost, PurchaseInvoice
from people.access import Access
from people.models import Company, User
from stock import catalog, periods
from stock.models import Movement, Partner
from stock.requests import Posted

RIGHT = "finance.review"
State = PurchaseInvoice.State
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class LineGiven:
    """A line as it is entered: of a receipt (``movement``) or for a landed cost, without tax."""

    amount: Decimal
    movement: int | None = None
    quantity: Decimal = Decimal(0)
    landed: int | None = None


@transaction.atomic
def save(  # noqa: PLR0913 - one argument per fact of an invoice
    company: Company,
    *,
    partner: Partner,
    number: str,
    day: date,
    tax: Decimal,
    lines: Sequence[LineGiven],
    actor: User | None,
    access: Access,
    note: str = "",
    invoice: PurchaseInvoice | None = None,
) -> PurchaseInvoice:
    """Write a draft, or a draft anew. Raises NotAllowed, or InvoiceRefused naming every bad line."""
    access.require(RIGHT)
    number = read_number(number)
    if not lines:
        raise InvoiceRefused(_("An invoice needs at least one line."), code="no_lines")
    if is_future(company, day):
        raise InvoiceRefused(_("The invoice is dated after today."), code="date")
    _check_money(company, tax, lines)
    one = invoice or PurchaseInvoice(company=company, created_at=timezone.now(), created_by=actor)
    if invoice is not None:
        one = _locked(invoice)
        if one.state != State.DRAFT:
            raise InvoiceRefused(_("This invoice is posted."), code="state", status=409)
        one.version += 1
        one.lines.all().delete()
        # Who wrote it last answers for it: that is who does not post it where two people are wanted.
        one.created_by = actor
    one.partner, one.number, one.date = partner, number, day
    one.tax, one.note = tax, note
    one._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
    message = _("There is an invoice %(number)s of this supplier already.") % {"number": number}
    if entered(company, partner.pk, number).exclude(pk=one.pk).exists():
        raise InvoiceRefused(message, code="number", status=409)
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as error:
        raise InvoiceRefused(message, code="number", status=409) from error
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=one,
            position=position,
            movement_id=line.movement,
            landed_id=line.landed,
            quantity=line.quantity,
            amount=line.amount,
        )
        for position, line in enumerate(lines, 1)
    )
    return one


def is_future(company: Company, day: date) -> bool:
    """Whether a day is after the company's today; no invoice is."""
    return day > timezone.localdate(timezone=ZoneInfo(company.time_zone))


def entered(company: Company, partner: int, number: str) -> QuerySet[PurchaseInvoice]:
    """The invoices of a partner under a number that was read, in whatever case; void ones do not count."""
    rows = PurchaseInvoice.objects.filter(company=company, partner=partner, number__iexact=number)
    return rows.exclude(state=State.VOID)


def read_number(text: str) -> str:
    """The number as it is kept: one typed in full width is the same invoice. Raises InvoiceRefused."""
    try:
        number = codes.read(text)
    except ValidationError as unseen:
        raise InvoiceRefused(unseen.messages[0], code="number") from unseen
    if not number:
        raise InvoiceRefused(_("Enter the number of the invoice."), code="number")
    if len(number) > _LONGEST:
        raise InvoiceRefused(_("The number of the invoice is too long."), code="number")
    return number


def _check_money(company: Company, tax: Decimal, lines: Sequence[LineGiven]) -> None:
    step = 10 ** (VALUE_PLACES - company.currency_places)
    errors = []
    for number, amount in enumerate([tax, *(line.amount for line in lines)]):
        if to_scaled(amount, VALUE_SCALE) % step:
            message = _("The value has more decimals than the currency.")
            errors.append(LineError(number, "value", message))
    if errors:
        raise InvoiceRefused(errors[0].message, lines=errors)
    if tax * sum(line.amount for line in lines) < 0:
        raise InvoiceRefused(_("Tax and amounts have the same sign."), code="tax")


def _locked(invoice: PurchaseInvoice) -> PurchaseInvoice:
    return (
        PurchaseInvoice.objects.select_for_update(of=("self",))
        .select_related("company")
        .get(pk=invoice.pk)
    )


@transaction.atomic
def post(
    invoice: PurchaseInvoice,
    *,
    actor: User | None,
    access: Access,
    version: int | None = None,
    at: datetime | None = None,
) -> PurchaseInvoice:
    """Book the invoice; once. ``at`` is when its price differences take effect, without it now.

    Raises NotAllowed, InvoiceRefused, or what the ledger raises.
    """
    access.require(RIGHT)
    one = _locked(invoice)
    if one.state == State.POSTED and version is None:
        return one
    if one.state != State.DRAFT or (version is not None and version != one.version):
        message = _("Somebody else has changed this invoice meanwhile.")
        raise InvoiceRefused(message, code="changed", status=409)
    _by_two(one, actor)
    company = one.company
    _hold_receipts(one)
    found = match(one)
    one.posting_id = _post_differences(one, found, actor, access, at)
    one.entry_id = _book(one, found, actor)
    for row in found:
        row.line.estimated = from_scaled(row.estimated, VALUE_PLACES)
        row.line.difference = from_scaled(row.difference, VALUE_PLACES)
        gone = row.difference - (row.change.stays if row.change else 0)
        row.line.variance = from_scaled(gone, VALUE_PLACES)
    InvoiceLine.objects.bulk_update(
        [row.line for row in found], ["estimated", "difference", "variance"]
    )
    one.state, one.posted_at, one.posted_by = State.POSTED, timezone.now(), actor
    one.version += 1
    one._history_user = actor  # type: ignore[attr-defined]  # the same
    one.save()
    _tell_settled(company, found, actor)
    return one


def may_post(invoice: PurchaseInvoice, actor: User | None) -> bool:
    """Whether the company lets ``actor`` post this invoice: where two people are wanted, not who entered it."""
    wanted = Books.objects.filter(company=invoice.company_id, invoices_by_two=True).exists()
    return not wanted or (actor is not None and actor.pk != invoice.created_by_id)


def _by_two(invoice: PurchaseInvoice, actor: User | None) -> None:
    if not may_post(invoice, actor):
        message = _("You entered this invoice; somebody else of finance posts it.")
        raise InvoiceRefused(message, code="four_eyes", status=403)


def _hold_receipts(invoice: PurchaseInvoice) -> None:
    """Whoever else invoices for the same company waits: what is open of a receipt has no row to lock."""
    from core import locks

    locks.hold(f"invoices:{invoice.company_id}")


def _post_differences(
    invoice: PurchaseInvoice,
    found: Sequence[Matched],
    actor: User | None,
    access: Access,
    at: datetime | None,
) -> int | None:
    changes = [row.change for row in found if row.change is not None]
    if not changes:
        return None
    company = invoice.company
    supplier = catalog.virtual_place(company, "supplier").pk
    revaluation = catalog.virtual_place(company, "revaluation").pk
    with words.of_books(company.pk):
        why = _("Price difference of invoice %(number)s") % {"number": invoice.number}

    def post() -> Posted:
        return posting.post(
            remaining.lines(
                "price_difference", changes, supplier=supplier, revaluation=revaluation
            ),
            company=company,
            key=f"invoice:{invoice.key}",
            actor=actor,
            access=access,
            document=invoice.number,
            effective_at=at,
            why=why,
        )

    there = [one for one in changes if one.quantity > 0]
    return remaining.posted(there, company, post).posting_id


def _book(invoice: PurchaseInvoice, found: Sequence[Matched], actor: User | None) -> int:
    """The entry of the invoice itself: what was estimated, and tax, against what is owed."""
    company = invoice.company
    rules = journal.fresh(company.pk)
    roles = dict(Account.objects.filter(company=company).exclude(role="").values_list("role", "pk"))
    payable = roles[Account.Role.PAYABLE]
    dialect = Dialect(connection.vendor)
    with connection.cursor() as cursor:
        before = origins.read(
            cursor, dialect, [row.receipt.movement for row in found if row.receipt is not None]
        )
        pairs = []
        for row in found:
            pairs += _pairs(row, roles, payable, before)
        tax = to_scaled(invoice.tax, VALUE_SCALE)
        if tax:
            pairs.append(
                Pair(roles[Account.Role.INPUT_TAX], payable, tax, partner=invoice.partner_id)
            )
        for pair in pairs:
            pair.partner = pair.partner or invoice.partner_id
        with words.of_books(company.pk):
            memo = _("Invoice %(number)s of %(partner)s")
        entry = Beside(
            company=company.pk,
            kind=JournalEntry.Kind.INVOICE,
            key=f"invoice:{invoice.key}",
            date=periods.open_day(company, invoice.date),
            recorded_at=timezone.now(),
            actor=actor.pk if actor else None,
            document=invoice.number,
            summary=memo % {"number": invoice.number, "partner": invoice.partner.name},
            pairs=pairs,
        )
        written = entries.beside(cursor, dialect, [entry], rules)
    if written is None:
        raise InvoiceRefused(
            _("Accounts changed meanwhile. Try again."), code="changed", status=409
        )
    return written[0]


def _pairs(
    row: Matched,
    roles: Mapping[str, int],
    payable: int,
    before: Mapping[int, origins.Origin],
) -> list[Pair]:
    if row.receipt is None:
        made = [Pair(roles[Account.Role.CHARGES], payable, row.estimated)]
        if row.difference:
            made.append(Pair(roles[Account.Role.VARIANCE], payable, row.difference))
        return made
    origin = before.get(row.receipt.movement)
    answer = origin.of_kind("supplier") if origin else None
    account = answer.account if answer else roles[Account.Role.GRNI]
    amount = row.estimated + row.difference
    if not amount:
        return []
    return [
        Pair(
            account,
            payable,
            amount,
            item=row.receipt.item,
            quantity=to_scaled(row.line.quantity, QUANTITY_SCALE),
        )
    ]


def _tell_settled(company: Company, found: Sequence[Matched], actor: User | None) -> None:
    """Postings of whose receipts nothing is open any more."""
    mine = [row.receipt.movement for row in found if row.receipt is not None]
    touched = set(Movement.objects.filter(pk__in=mine).values_list("posting_id", flat=True))
    bought = Movement.objects.filter(posting__in=touched, type="purchase_in")
    whole: dict[int, list[int]] = {}
    for movement, its in bought.values_list("pk", "posting_id"):
        whole.setdefault(its, []).append(movement)
    known = receipts.these(company.pk, [one for some in whole.values() for one in some])
    done = [
        its
        for its, movements in whole.items()
        if not any(known[one].open_quantity for one in movements if one in known)
    ]
    if done:
        settled.tell(done, actor)


@transaction.atomic
def discard(invoice: PurchaseInvoice, *, access: Access) -> None:
    """Take a draft away. Raises NotAllowed or InvoiceRefused."""
    access.require(RIGHT)
    one = _locked(invoice)
    if one.state != State.DRAFT:
        raise InvoiceRefused(_("This invoice is posted."), code="state", status=409)
    one.delete()


def landed_open(company: Company) -> Sequence[LandedCost]:
    """Landed costs whose invoice has not come."""
    return list(
        LandedCost.objects.filter(company=company)
        .exclude(invoice_lines__invoice__state=State.POSTED)
        .select_related("partner")
    )
