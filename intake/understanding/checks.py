"""Checks that need nothing but the sheet: quantity × price = amount, running balances, opening + in − out, counts, days of the month, tax."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from intake.understanding import context
from intake.understanding.result import Caution, Row, Table, Understanding

_TOLERANCE = Decimal("0.01")
_NONE = Decimal(0)


def check(out: Understanding) -> None:
    """Add what does not fit together to the warnings."""
    by_table: dict[int, list[Row]] = {}
    for row in out.rows:
        by_table.setdefault(row.table, []).append(row)
    for table in out.tables:
        rows = by_table.get(table.number, [])
        for found in _CHECKS:
            out.warnings += found(out, table, rows)


def slack(quantity: Decimal, price: Decimal) -> Decimal:
    """What quantity × price may differ from the amount: half a unit of the price's last digit times the quantity.

    A price without decimals is taken as it stands: rounded to whole units, it would let any amount pass.
    """
    exponent = price.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return _TOLERANCE
    return max(_TOLERANCE, abs(quantity) * Decimal(1).scaleb(exponent) / 2)


def _number(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return value if isinstance(value, Decimal) else None


def _warning(
    out: Understanding, table: Table, row: Row, name: str, code: str, message: str
) -> Caution:
    return Caution(table.sheet, row.number, out.cell(row, name), code, message)


def _amounts(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Amount = quantity × price, to a cent, for each of the pairs that a table may have."""
    found = []
    for quantity, price, amount in (
        ("quantity", "unit_price", "amount"),
        ("quantity_in", "in_price", "in_amount"),
        ("quantity_out", "out_price", "out_amount"),
        ("balance", "balance_price", "balance_amount"),
        ("opening", "opening_price", "opening_amount"),
    ):
        if not (table.column_of(price) and table.column_of(amount)):
            continue
        for row in rows:
            one, two, three = _number(row, quantity), _number(row, price), _number(row, amount)
            if one is None or two is None or three is None:
                continue
            if abs(one * two - three) > slack(one, two):
                message = _("%(quantity)s × %(price)s is %(right)s, not %(amount)s.")
                facts = {"quantity": one, "price": two, "right": one * two, "amount": three}
                found.append(_warning(out, table, row, amount, "amount_differs", message % facts))
    return found


def _running(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Each balance is the one before, plus in, minus out; the first that breaks is said, for each item."""
    if table.shape not in {"in_out_list", "card"} or not table.column_of("balance"):
        return []
    found = []
    balances: dict[object, Decimal] = {}
    breaks: set[object] = set()
    for row in rows:
        key = tuple(
            row.get(name)
            for name in ("item", "barcode", "name", "spec", "warehouse", "place", "lot")
        )
        balance = _number(row, "balance")
        change = (_number(row, "quantity_in") or _NONE) - (_number(row, "quantity_out") or _NONE)
        if balance is None:
            balances[key] = balances.get(key, _NONE) + change
            continue
        before = balances.get(key)
        opening = _number(row, "opening")
        if opening is not None and before is not None and opening != before and key not in breaks:
            breaks.add(key)
            message = _("%(opening)s are said to be there before; the row above left %(before)s.")
            facts = {"opening": opening, "before": before}
            found.append(_warning(out, table, row, "opening", "balance_breaks", message % facts))
        before = opening if opening is not None else before
        carried = row.values.get("opening")
        if (
            before is not None
            and before + change != balance
            and not (carried and carried.rule == "carried_forward")
            and key not in breaks
        ):
            breaks.add(key)
            message = _("%(before)s and %(change)s make %(right)s; the balance says %(balance)s.")
            facts = {
                "before": before,
                "change": change,
                "right": before + change,
                "balance": balance,
            }
            found.append(_warning(out, table, row, "balance", "balance_breaks", message % facts))
        balances[key] = balance
    return found


def _summary(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Opening + in − out = closing, for each row of a summary."""
    if table.shape != "summary" or not table.column_of("balance"):
        return []
    found = []
    for row in rows:
        closing = _number(row, "balance")
        if closing is None or (row.get("opening") is None and table.column_of("opening") is None):
            continue
        sums = dict.fromkeys(("opening", "quantity_in", "quantity_out"), _NONE)
        for name, value in row.values.items():
            plain = name.partition("[")[0]
            if plain in sums and isinstance(value.value, Decimal):
                sums[plain] += value.value
        right = sums["opening"] + sums["quantity_in"] - sums["quantity_out"]
        if right != closing:
            message = _(
                "Opening %(opening)s, in %(in)s and out %(out)s make %(right)s; the closing balance says %(closing)s."
            )
            facts = {
                "opening": sums["opening"],
                "in": sums["quantity_in"],
                "out": sums["quantity_out"],
                "right": right,
                "closing": closing,
            }
            found.append(_warning(out, table, row, "balance", "closing_differs", message % facts))
    return found


def _counts(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Counted − book = difference; rows that were not counted are numbered once."""
    if table.shape != "count":
        return []
    found = []
    missing = 0
    for row in rows:
        counted, book, difference = (
            _number(row, "counted"),
            _number(row, "book"),
            _number(row, "difference"),
        )
        missing += counted is None
        if counted is None or book is None or difference is None:
            continue
        if difference not in {counted - book, book - counted} or (
            difference == book - counted != 0
        ):
            message = _(
                "Counted %(counted)s and book %(book)s differ by %(right)s, not by %(difference)s."
            )
            facts = {
                "counted": counted,
                "book": book,
                "right": counted - book,
                "difference": difference,
            }
            found.append(
                _warning(out, table, row, "difference", "difference_differs", message % facts)
            )
    if missing:
        message = _("%(count)d rows were not counted: blank is not zero.") % {"count": missing}
        found.append(Caution(table.sheet, 0, "", "not_counted", message))
    return found


def _units(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Of an item with two quantities, one is always the same multiple of the other."""
    if not (table.column_of("quantity") and table.column_of("quantity_2")):
        return []
    found = []
    factors: dict[object, tuple[Decimal, Decimal]] = {}
    for row in rows:
        one, two = _number(row, "quantity"), _number(row, "quantity_2")
        if not one or not two:
            continue
        key = tuple(row.get(name) for name in ("item", "barcode", "name", "spec"))
        first = factors.setdefault(key, (one, two))
        if one * first[1] != two * first[0]:
            message = _(
                "%(one)s and %(two)s are in another ratio than %(first)s and %(second)s above."
            )
            facts = {"one": one, "two": two, "first": first[0], "second": first[1]}
            found.append(_warning(out, table, row, "quantity_2", "factor_differs", message % facts))
    return found


def _month(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """A sheet that is named after a month holds days of that month only."""
    if table.purpose != "movements":
        return []
    year, month = context.one_month([*table.titles, table.sheet])
    if not month:
        year, month = context.one_month([Path(out.file).stem])
    if not month:
        return []
    found = []
    for row in rows:
        day = row.get("date")
        if not isinstance(day, date) or (day.month == month and year in {0, day.year}):
            continue
        message = _("%(day)s is not in the month that the sheet is named after: %(month)s.")
        facts = {"day": day.strftime("%Y-%m-%d"), "month": f"{year}-{month:02}" if year else month}
        found.append(_warning(out, table, row, "date", "outside_month", message % facts))
    return found


def _shelf(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Nothing expires before it is made."""
    if not (table.column_of("made_on") and table.column_of("expiry")):
        return []
    found = []
    for row in rows:
        made, ends = row.get("made_on"), row.get("expiry")
        if isinstance(made, date) and isinstance(ends, date) and ends < made:
            message = _("It expires on %(ends)s, before it was made on %(made)s.")
            facts = {"ends": ends, "made": made}
            found.append(_warning(out, table, row, "expiry", "expires_before", message % facts))
    return found


def _tax(out: Understanding, table: Table, rows: Iterable[Row]) -> list[Caution]:
    """Amount + tax = amount with tax."""
    names = ("amount", "tax_amount", "amount_taxed")
    if not all(table.column_of(name) for name in names):
        return []
    found = []
    for row in rows:
        net, tax, gross = (_number(row, name) for name in names)
        if net is None or tax is None or gross is None or abs(net + tax - gross) <= _TOLERANCE:
            continue
        message = _("%(net)s and a tax of %(tax)s are %(right)s, not %(gross)s.")
        facts = {"net": net, "tax": tax, "right": net + tax, "gross": gross}
        found.append(_warning(out, table, row, "amount_taxed", "tax_differs", message % facts))
    return found


_CHECKS = (_amounts, _running, _summary, _counts, _units, _month, _shelf, _tax)
