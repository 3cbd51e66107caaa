"""Why an amount of an entry is what it is: the rule of each account, where the cost came from, which layers are left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from finance.models import AccountRule, JournalEntry, JournalLine
from stock import movement_types, place_kinds
from stock.models import CostLayer, Movement
from stock.movement_types import Cost


@dataclass(frozen=True, slots=True)
class Why:
    """A line, why it stands on its two accounts, and where its amount comes from."""

    line: JournalLine
    debit: str
    credit: str
    cost: str
    unit_cost: Decimal | None
    original: Movement | None
    layers: Sequence[CostLayer] = field(default_factory=list)


def explain(entry: JournalEntry) -> list[Why]:
    """Every line of an entry; a constant number of statements."""
    lines = list(_lines(entry))
    layers: dict[int, list[CostLayer]] = {}
    receipts = [line.movement_id for line in lines if line.movement_id]
    for layer in CostLayer.objects.filter(movement__in=receipts, quantity__gt=0):
        layers.setdefault(layer.movement_id or 0, []).append(layer)
    return [_why(line, layers.get(line.movement_id or 0, [])) for line in lines]


def _lines(entry: JournalEntry) -> QuerySet[JournalLine]:
    rules = ("category", "warehouse", "department")
    return entry.every_line.order_by("number").select_related(
        "debit_account",
        "credit_account",
        "item__category",
        "item__base_unit",
        "partner",
        "department",
        "movement__original__posting",
        "movement__source",
        "movement__target",
        "adjusts__entry",
        *(f"{side}_rule__{name}" for side in ("debit", "credit") for name in rules),
    )


def _why(line: JournalLine, layers: Sequence[CostLayer]) -> Why:
    movement = line.movement
    quantity = movement.quantity if movement else None
    return Why(
        line,
        _rule(line, line.debit_rule, debit=True),
        _rule(line, line.credit_rule, debit=False),
        _cost(line),
        (abs(line.amount) / quantity).quantize(Decimal("0.000001")) if quantity else None,
        movement.original if movement else None,
        layers,
    )


def _rule(line: JournalLine, rule: AccountRule | None, *, debit: bool) -> str:
    """The rule in words: the kind of place and what else it asks for."""
    if line.adjusts_id and rule is None:
        return _("where it was booked before")
    if rule is None:
        if line.entry.kind == JournalEntry.Kind.INVOICE:
            return _("what an invoice is booked to")
        if not line.waiting:
            return _("as what it completes was booked")
        account = line.debit_account if debit else line.credit_account
        if account.role:
            return _("no rule fits: %(role)s") % {"role": account.get_role_display()}
        return _("no rule fits")
    words: list[str | Promise] = [place_kinds.BY_CODE[rule.place_kind].label]
    words += [str(one) for one in (rule.category, rule.warehouse, rule.department) if one]
    if rule.type:
        words.append(movement_types.BY_CODE[rule.type].label)
    if rule.reason:
        words.append(rule.reason_name)
    return _("rule: %(conditions)s") % {"conditions": " · ".join(str(word) for word in words)}


def _cost(line: JournalLine) -> str:
    """Where the value of its movement came from."""
    movement = line.movement
    if movement is None:
        return str(line.entry.summary)
    if movement.reversal:
        return _("the value of what it reverses")
    kind = movement_types.BY_CODE[movement.type]
    if kind.cost is Cost.GIVEN:
        return _("as stated on the document")
    if kind.cost is Cost.ORIGINAL and movement.original_id:
        return _("what the returned movement cost")
    if kind.cost is Cost.SHARED:
        return _("shared among what was made")
    method = line.item.category.get_cost_method_display() if line.item else ""
    return _("what the goods cost where they left: %(method)s") % {"method": method}


def reclassified(entry: JournalEntry) -> QuerySet[JournalEntry]:
    """Entries that corrected lines of this one, and those that this one corrects."""
    return JournalEntry.objects.filter(
        Q(every_line__adjusts__entry=entry) | Q(every_line__adjustments__entry=entry)
    ).distinct()
