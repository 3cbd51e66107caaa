"""Makes drafts of the invoices of a sheet that are whole, each once, and remembers what a person chose."""

from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from core.numbers import NumberError
from finance import invoicing
from finance.invoice_matching import InvoiceRefused
from finance.invoicing import LineGiven
from finance.models import PurchaseInvoice
from intake.invoices.lines import Fault, Sheet, SheetInvoice
from intake.invoices.matching import Said
from intake.models import Alias
from intake.resolving.names import canonical
from intake.resolving.records import PartnerRef
from people.access import Access
from people.models import Company, User
from stock.models import Partner


@dataclass(slots=True)
class Made:
    """The drafts that were made, and how many were left because they are entered or not whole."""

    drafts: list[PurchaseInvoice] = field(default_factory=list)
    known: int = 0
    left: int = 0


def make(sheet: Sheet, company: Company, said: Said, *, actor: User, access: Access) -> Made:
    """Drafts of what is whole; one that finance refuses is left with the reason. Raises NotAllowed."""
    access.require(invoicing.RIGHT)
    made = Made(known=len(sheet.known))
    for one in sheet.ready:
        if one.partner is None or one.day is None:
            continue
        try:
            made.drafts.append(_draft(one, one.partner, one.day, company, said, actor, access))
        except (InvoiceRefused, NumberError) as refused:
            one.faults.append(Fault(0, refused.code, str(refused)))
    made.left = len(sheet.invoices) - made.known - len(made.drafts)
    return made


@transaction.atomic
def _draft(
    one: SheetInvoice,
    partner: PartnerRef,
    day: date,
    company: Company,
    said: Said,
    actor: User,
    access: Access,
) -> PurchaseInvoice:
    draft = invoicing.save(
        company,
        partner=Partner.objects.get(pk=partner.pk or 0),
        number=one.number,
        day=day,
        tax=one.tax,
        lines=[
            LineGiven(
                share.amount,
                share.receipt.movement if share.receipt else None,
                share.quantity,
                share.landed,
            )
            for line in one.lines
            for share in line.shares
        ],
        actor=actor,
        access=access,
    )
    _remember(one, partner, company, said)
    return draft


def _remember(one: SheetInvoice, partner: PartnerRef, company: Company, said: Said) -> None:
    """What the supplier is called, and what it calls the goods that were chosen by hand."""
    if one.supplier in said.suppliers:
        _learn(company, "", Alias.Kind.PARTNER, one.supplier, partner.code)
    for line in one.lines:
        if line.row in said.lines and line.item is not None and line.chosen.startswith("r"):
            _learn(company, partner.code, Alias.Kind.ITEM, line.title, line.item.code)


def _learn(company: Company, sender: str, kind: str, text: str, code: str) -> None:
    key = canonical(text)[:200]
    if key:
        Alias.objects.update_or_create(
            company=company,
            sender=sender[:80],
            kind=kind,
            text=key,
            defaults={"code": code[:80], "used_at": timezone.now()},
        )
