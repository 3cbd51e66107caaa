"""How templates say which way a document goes: who is asked in a step, and why."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from core.words import listed
from workflows import conditions, wording
from workflows.forecasting import Forecast

register = template.Library()

MANY = 4
"""More people than this are counted, not named."""


@register.filter
def asked(part: Forecast) -> str:
    """Whom a step asks, or why it asks nobody."""
    if part.outcome == "ask":
        names = list(dict.fromkeys(str(one.user) for one in part.people))
        if len(names) > MANY:
            return _("%(names)s and %(n)d more") % {
                "names": listed(names[:MANY]),
                "n": len(names) - MANY,
            }
        return listed(names)
    return {
        "skip": _("not needed"),
        "auto": _("passes by rule"),
        "system": _("by itself"),
        "nobody": _("nobody can do this step: tell an administrator"),
    }[part.outcome]


@register.filter
def why(part: Forecast, money: bool) -> str:
    """The conditions that decided, with what was found (an amount only with ``money``); empty for a step that
    is always there.
    """
    names = wording.code_names([part.trace])
    if part.outcome == "skip":
        return _("only where: %s") % listed(_words(row, names) for row in part.trace)
    found = [wording.sentence(row, names, money=money) for row in part.trace if row["outcome"]]
    return _("because: %s") % listed(found) if found else ""


def _words(row: Mapping[str, Any], names: wording.Names) -> str:
    """A condition with the names of the records that it mentions."""
    called = {code: name for (field, code), name in names.items() if field == row["field"]}
    return conditions.words(row, called)
