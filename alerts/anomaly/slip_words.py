"""What kinds of slips, fields of lines and judgements are called on the page that measures warnings."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_KINDS = (
    gettext_noop("ten times"),
    gettext_noop("hundred times"),
    gettext_noop("a tenth"),
    gettext_noop("digit too many"),
    gettext_noop("digit missing"),
    gettext_noop("digits transposed"),
    gettext_noop("neighbouring key"),
    gettext_noop("decimal point lost"),
    gettext_noop("packs typed as pieces"),
    gettext_noop("pieces typed as packs"),
    gettext_noop("barcode in the quantity"),
    gettext_noop("telephone number in the quantity"),
    gettext_noop("quantity and price swapped"),
    gettext_noop("quantity of the line above"),
    gettext_noop("guessed round number"),
    gettext_noop("over the order"),
    gettext_noop("scanned twice"),
    gettext_noop("line repeated with another quantity"),
    gettext_noop("price ten times"),
    gettext_noop("price a tenth"),
    gettext_noop("price digits transposed"),
    gettext_noop("price of a pack"),
    gettext_noop("tax in the price"),
    gettext_noop("tax taken off twice"),
    gettext_noop("currency mistaken"),
    gettext_noop("price forgotten"),
    gettext_noop("similar item code"),
    gettext_noop("neighbour's bin to take from"),
    gettext_noop("neighbour's bin to put into"),
    gettext_noop("lot of another item"),
    gettext_noop("lot that is not first"),
    gettext_noop("expired lot"),
    gettext_noop("expiry in the wrong year"),
    gettext_noop("lot forgotten"),
    gettext_noop("wrong partner"),
    gettext_noop("supplier taken for a customer"),
    gettext_noop("wrong warehouse"),
    gettext_noop("wrong department"),
    gettext_noop("wrong reason"),
    gettext_noop("somebody else's account"),
    gettext_noop("at night"),
    gettext_noop("on a Sunday night"),
    gettext_noop("date of last year"),
    gettext_noop("month and day swapped"),
    gettext_noop("date of the future"),
    gettext_noop("wrong type of document"),
    gettext_noop("issue instead of receipt"),
    gettext_noop("document written twice"),
    gettext_noop("delivery note entered twice"),
)


def kind(code: str) -> str:
    """A kind of slip in the reader's language; codes are English."""
    return _(code)


def known() -> tuple[str, ...]:
    """The kinds that have words."""
    return _KINDS


def field(name: str) -> str:
    """A field of a line."""
    return {
        "type": _("type"),
        "item": _("item"),
        "number": _("quantity"),
        "at": _("written at"),
        "unit": _("unit"),
        "factor": _("pack size"),
        "price": _("price"),
        "partner": _("partner"),
        "person": _("person"),
        "warehouse": _("warehouse"),
        "source": _("from"),
        "target": _("to"),
        "department": _("department"),
        "reason": _("reason"),
        "happened": _("happened"),
        "lot": _("lot"),
        "expires": _("expires"),
        "reference": _("source number"),
    }.get(name, name)
