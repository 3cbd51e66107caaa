"""Takes a posted invoice back: its entry and its price differences are reversed, and its receipts are open again."""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.dialect import Dialect
from core.numbers import VALUE_SCALE, to_scaled
from finance import entries, journal, posting, words
from finance.entries import Beside, Pair
from finance.invoice_matching import InvoiceRefused
from finance.invoicing import RIGHT
from finance.models import JournalEntry, JournalLine, PurchaseInvoice
from people.access import Access
from people.models import User
from stock import periods


@transaction.atomic
def void(
    invoice: PurchaseInvoice, *, reason: str, actor: User | None, access: Access
) -> PurchaseInvoice:
    """Undo a posted invoice; a reason is required. Raises NotAllowed, InvoiceRefused, or what the ledger raises."""
    access.require(RIGHT)
    if not reason.strip():
        raise InvoiceRefused(_("Voiding an invoice needs a reason."), code="reason_required")
    one = PurchaseInvoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if one.state != PurchaseInvoice.State.POSTED:
        raise InvoiceRefused(_("Only a posted invoice can be voided."), code="state", status=409)
    if one.posting_id is not None:
        posting.reverse(
            one.posting_id,
            key=f"invoice-void:{one.key}",
            actor=actor,
            access=access,
            why=reason,
        )
    _unbook(one, reason, actor)
    one.state = PurchaseInvoice.State.VOID
    one.version += 1
    one._history_user = actor  # type: ignore[attr-defined]  # simple-history reads both
    one._change_reason = reason[:100]  # type: ignore[attr-defined]
    one.save()
    return one


def _unbook(invoice: PurchaseInvoice, reason: str, actor: User | None) -> None:
    rules = journal.fresh(invoice.company_id)
    pairs = []
    for line in JournalLine.objects.filter(entry=invoice.entry_id).order_by("number"):
        amount = to_scaled(line.amount, VALUE_SCALE)
        ends = line.debit_account_id, line.credit_account_id
        debit, credit = ends if rules.red else ends[::-1]
        pairs.append(
            Pair(
                debit,
                credit,
                -amount if rules.red else amount,
                item=line.item_id,
                partner=line.partner_id,
            )
        )
    today = timezone.localdate()
    with words.of_books(invoice.company_id):
        memo = _("Invoice %(number)s voided: %(reason)s")
    entry = Beside(
        company=invoice.company_id,
        kind=JournalEntry.Kind.INVOICE,
        key=f"invoice-void:{invoice.key}",
        date=periods.open_day(invoice.company, max(invoice.date, today)),
        recorded_at=timezone.now(),
        actor=actor.pk if actor else None,
        document=invoice.number,
        summary=memo % {"number": invoice.number, "reason": reason},
        pairs=pairs,
    )
    with connection.cursor() as cursor:
        written = entries.beside(cursor, Dialect(connection.vendor), [entry], rules)
    if written is None:
        raise InvoiceRefused(
            _("Accounts changed meanwhile. Try again."), code="changed", status=409
        )
