"""Remarks on rows of a sheet before they are documents: the same judgement as on typed lines, of what a sheet can say.

Who writes, at which hour and how late says nothing here: a sheet tells of many days at once.
"""

from collections.abc import Mapping, Sequence

from alerts.anomaly import judging, sentences, surrounding
from alerts.anomaly.lines import Around, Judgement, Typed
from alerts.anomaly.surrounding import Case, Facts
from stock.models import Item
from workflows import row_checks
from workflows.checks import Check
from workflows.models import Line
from workflows.row_checks import SheetRow

_OF_WRITING = frozenset({"odd_hour", "odd_day", "old", "future", "new_person"})


def rule(rows: Sequence[SheetRow]) -> Mapping[int, Sequence[Check]]:
    """What is unusual, by place in the sequence; prices are marked as money."""
    known = [(place, row) for place, row in enumerate(rows) if row.item and row.quantity > 0]
    facts = Facts()
    surrounding.remember(
        facts, {row.item for _place, row in known}, {row.type for _place, row in known}
    )
    found = {place: _checks(row, facts) for place, row in known}
    return {place: checks for place, checks in found.items() if checks}


def _checks(row: SheetRow, facts: Facts) -> list[Check]:
    typed = _typed(row)
    around = Around(packs=facts.packs.get(row.item, ()), base_unit=row.base_unit)
    known = surrounding.known_of(row.item, 0, row.type, facts)
    judged = [one for one in judging.judge(typed, around, known) if one.code not in _OF_WRITING]
    if not judged:
        return []
    line = Line(item=Item(pk=row.item, code=row.item_code))
    case = Case(line, typed, around, known)
    return [_check(one, case) for one in judged]


def _check(found: Judgement, case: Case) -> Check:
    suggestion = found.suggestion
    return Check(
        "warn",
        found.code,
        str(sentences.say(found, case)),
        suggestion=(suggestion.field, suggestion.value) if suggestion else None,
        action=sentences.action(found),
        money=found.code in sentences.MONEY,
    )


def _typed(row: SheetRow) -> Typed:
    return Typed(
        item=row.item,
        type=row.type,
        number=float(row.quantity),
        at=row.at,
        unit=row.base_unit,
        price=None if row.price is None else float(row.price),
        partner=row.partner,
        warehouse=row.warehouse,
        source=row.source,
        target=row.target,
        department=row.department,
        reason=row.reason,
        lot=row.lot,
        expires=row.expires,
    )


def register() -> None:
    """Let looks at sheets ask; called when the app starts."""
    row_checks.register("alerts.anomaly", rule)
