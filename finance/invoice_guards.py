"""Laws of purchase invoices as triggers: they begin as drafts, and where a company wants two people, two there are."""

from core.triggers import Trigger

_BY_TWO = (
    "EXISTS (SELECT 1 FROM finance_books b WHERE b.company_id = NEW.company_id "
    "AND b.invoices_by_two)"
)

TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_invoice_begins",
        "finance_purchaseinvoice",
        ("INSERT",),
        "an invoice begins as a draft",
        "NEW.state <> 'draft'",
    ),
    Trigger(
        "guard_invoice_four_eyes",
        "finance_purchaseinvoice",
        ("UPDATE OF state, posted_by_id, created_by_id",),
        "who entered an invoice does not post it",
        "(NEW.posted_by_id IS NULL OR NEW.posted_by_id = NEW.created_by_id "
        f"OR NEW.posted_by_id = OLD.created_by_id) AND {_BY_TWO}",
        only="NEW.state = 'posted' AND (OLD.state = 'draft' "
        "OR OLD.posted_by_id IS DISTINCT FROM NEW.posted_by_id "
        "OR OLD.created_by_id IS DISTINCT FROM NEW.created_by_id)",
    ),
]
