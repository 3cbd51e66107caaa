"""Words that the sentences of rules share."""

from django.utils.translation import gettext as _

from alerts.models import Rule


def scope(rule: Rule) -> str:
    """What the rule covers, as a part of a sentence."""
    if rule.item is not None:
        what = str(rule.item)
    elif rule.category is not None:
        what = _("items of category %(category)s") % {"category": rule.category}
    else:
        what = _("all items")
    if rule.warehouse is not None:
        return _("%(what)s in %(warehouse)s") % {"what": what, "warehouse": rule.warehouse}
    return what


def place(rule: Rule) -> str:
    """Where the rule looks, for rules that are not about items."""
    return str(rule.warehouse) if rule.warehouse is not None else _("every warehouse")
