"""What a case says, to whom: the reason in the reader's language, without money for those who may not see costs."""

from alerts import kinds
from alerts.models import Case
from core.said import Noted, again, noted
from core.said import said as _
from people.access import Access

MONEY = "money"
"""A figure of this name, if true, says that the reason and the figures hold prices or values."""


def shows_figures(case: Case, access: Access) -> bool:
    """Whether the reader may know the figures of the case."""
    if not case.figures.get(MONEY):
        return True
    scope = case.warehouse.scope_id if case.warehouse is not None else None
    return access.may("cost.view", scope)


def told(case: Case, access: Access | None) -> Noted:
    """The reason as it is told to somebody, as data; to a room (None) no figures that only some may know."""
    shown = not case.figures.get(MONEY) if access is None else shows_figures(case, access)
    return case.reason if shown else noted(_("The figures are for those who may see costs."))


def reason(case: Case, access: Access) -> str:
    """Why the case is there, in the active language."""
    if shows_figures(case, access):
        return again(case.reason)
    return _("%(kind)s: the figures are for those who may see costs.") % {
        "kind": kinds.label(case.rule.kind)
    }


def rule_sentence(case: Case) -> str:
    """Which rule found it, as the page of rules says it."""
    kind = kinds.get(case.rule.kind)
    return kind.says(case.rule) if kind is not None else case.rule.kind


def subject(case: Case) -> str:
    """What it is about, in one line."""
    parts = [
        f"{case.item.code} {case.item.name}" if case.item else "",
        case.lot.number if case.lot else "",
        str(case.document) if case.document else "",
        case.warehouse.name if case.warehouse else "",
        case.partner.name if case.partner else "",
    ]
    return " · ".join(part for part in parts if part)


def whose(case: Case) -> str:
    """Who looks after it: its owner, or else the people of its role."""
    return str(case.owner or case.role or "")
