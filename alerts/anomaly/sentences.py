"""Says a judgement in words, with what is usual and what may have been meant; kept words can be said again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from alerts.anomaly.lines import Judgement
from alerts.anomaly.surrounding import Case
from core.fields import plain
from core.said import Said
from core.said import said as _

MONEY = frozenset({"price", "price_mistake", "source_price"})
"""Judgements that tell prices: for those only who may see them."""


def say(found: Judgement, case: Case) -> Said:
    """The sentence of a judgement on a line."""
    return _SENTENCES[found.code](found.facts, case)


def action(found: Judgement) -> str:
    """What the button says that takes what is suggested; "" without a suggestion."""
    if found.suggestion is None:
        return ""
    return str(_("Take %(value)s") % {"value": found.suggestion.value})


def _figure(value: Any) -> str:
    return plain(Decimal(f"{float(value):.6g}"))


def _range(facts: Mapping[str, Any]) -> str:
    low, high = _figure(facts["low"]), _figure(facts["high"])
    return low if low == high else f"{low}–{high}"


_MEANT: dict[str, Callable[[str], Said]] = {
    "unit": lambda value: _("did you mean %(unit)s?") % {"unit": value},
    "packs": lambda value: _("were packs counted as pieces? Then %(value)s.") % {"value": value},
    "digits": lambda value: _("did you mean %(value)s?") % {"value": value},
    "swapped": lambda value: (
        _("are quantity and price swapped? Then %(value)s.") % {"value": value}
    ),
}


def _mistake(facts: Mapping[str, Any], case: Case) -> Said:
    values = {
        "usual": _range(facts),
        "value": _figure(facts["value"]),
        "unit": case.around.base_unit,
        "meant": _MEANT[facts["mistake"]](facts["instead"]),
    }
    return _("Usual is %(usual)s, this is %(value)s %(unit)s; %(meant)s") % values


def _quantity(facts: Mapping[str, Any], case: Case) -> Said:
    values = {
        "usual": _range(facts),
        "value": _figure(facts["value"]),
        "unit": case.around.base_unit,
    }
    return _("Usual is %(usual)s, this is %(value)s %(unit)s.") % values


def _step(facts: Mapping[str, Any], case: Case) -> Said:
    values = {"step": _figure(facts["step"]), "unit": case.around.base_unit}
    return _("It has always been moved in multiples of %(step)s %(unit)s.") % values


def _over(facts: Mapping[str, Any], case: Case) -> Said:
    values = {"left": _figure(facts["left"]), "unit": case.around.base_unit}
    return _("Its source document leaves %(left)s %(unit)s open.") % values


def _slip(facts: Mapping[str, Any], case: Case) -> Said:
    values = {"left": _figure(facts["left"]), "unit": case.around.base_unit}
    return _("Its source document says %(left)s %(unit)s; is this a slip of the keys?") % values


def _source_price(facts: Mapping[str, Any], _case: Case) -> Said:
    values = {"usual": _figure(facts["usual"]), "value": _figure(facts["value"])}
    return _("Its source document says %(usual)s, this is %(value)s.") % values


def _price(facts: Mapping[str, Any], _case: Case) -> Said:
    values = {"usual": _figure(facts["usual"]), "value": _figure(facts["value"])}
    return _("The usual price is %(usual)s, this is %(value)s.") % values


def _price_mistake(facts: Mapping[str, Any], case: Case) -> Said:
    values = {"price": _price(facts, case), "why": _why(str(facts["mistake"]))}
    return _("%(price)s %(why)s") % values


def _why(mistake: str) -> Said:
    return {
        "tax": lambda: _("Is the tax in it, or taken off twice?"),
        "packs": lambda: _("Is it the price of a pack?"),
        "currency": lambda: _("Is it in another currency?"),
        "swapped": lambda: _("Are quantity and price swapped?"),
        "digits": lambda: _("Is a digit wrong?"),
    }[mistake]()


def _first(facts: Mapping[str, Any], _case: Case) -> Said:
    values = {"lot": facts["lot"], "expires": f"{facts['expires']:%Y-%m-%d}"}
    return _("Lot %(lot)s lies there too and expires earlier, on %(expires)s.") % values


def _arrives(facts: Mapping[str, Any], _case: Case) -> Said:
    return _("It has expired already, on %(expires)s.") % {
        "expires": f"{facts['expires']:%Y-%m-%d}"
    }


def _expiry(facts: Mapping[str, Any], _case: Case) -> Said:
    if not facts["usual"]:
        return _("It would keep for %(life)s days. Is the year right?") % {"life": facts["life"]}
    values = {"life": facts["life"], "usual": facts["usual"]}
    return _("It would keep for %(life)s days; its shelf life is %(usual)s.") % values


def _new(sentence: str) -> Callable[[Mapping[str, Any], Case], Said]:
    def words(facts: Mapping[str, Any], case: Case) -> Said:
        return _(sentence) % {"name": _name(case), "count": facts.get("count", 0)}

    return words


def _name(case: Case) -> str:
    return case.line.item.code


def _days(facts: Mapping[str, Any], _case: Case) -> Said:
    return _("It is said to have happened %(days)s days ago.") % {"days": round(facts["days"])}


def _future(_facts: Mapping[str, Any], _case: Case) -> Said:
    return _("It is said to have happened in the future.")


def _at(facts: Mapping[str, Any], _case: Case) -> Said:
    at: datetime = facts["at"]
    values = {"time": f"{at:%H:%M}", "day": date_format(at, "l")}
    return _("Nothing of the kind is usually written on %(day)s at %(time)s.") % values


def _twin(facts: Mapping[str, Any], _case: Case) -> Said:
    return _("%(document)s has just these items and quantities.") % {"document": facts["document"]}


def _twin_reference(facts: Mapping[str, Any], _case: Case) -> Said:
    return _("%(document)s has the same source number.") % {"document": facts["document"]}


def _plain(text: str) -> Callable[[Mapping[str, Any], Case], Said]:
    return lambda _facts, _case: _(text)


_SENTENCES: dict[str, Callable[[Mapping[str, Any], Case], Said]] = {
    "unit_mistake": _mistake,
    "quantity": _quantity,
    "odd_step": _step,
    "over_source": _over,
    "source_slip": _slip,
    "source_price": _source_price,
    "price": _price,
    "price_mistake": _price_mistake,
    "not_first": _first,
    "arrives_expired": _arrives,
    "odd_expiry": _expiry,
    "new_partner": _new(
        gettext_noop("%(name)s has never gone to or come from this partner before.")
    ),
    "new_warehouse": _new(gettext_noop("%(name)s has never been in this warehouse in this way.")),
    "new_source": _new(gettext_noop("%(name)s has never been taken from this place.")),
    "new_target": _new(gettext_noop("%(name)s has never been put into this place.")),
    "new_department": _new(gettext_noop("%(name)s has never been for this department.")),
    "new_reason": _new(gettext_noop("This reason has never been given for it.")),
    "new_person": _new(gettext_noop("Its writer has never written documents of this type.")),
    "new_type": _new(gettext_noop("%(name)s moves often, but never in this way.")),
    "old": _days,
    "future": _future,
    "odd_hour": _at,
    "odd_day": _at,
    "twin": _twin,
    "twin_reference": _twin_reference,
    "not_in_source": _plain(gettext_noop("Its source document does not have this item.")),
    "partner_kind": _plain(gettext_noop("This partner is not of the kind that the type asks for.")),
}
