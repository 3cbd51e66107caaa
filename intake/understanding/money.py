"""Says once for each currency of a table that its prices and amounts are not in ours: they are taken as they stand."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from intake.reading.grid import address
from intake.understanding.fields import Kind, field_of
from intake.understanding.result import Column, Row, Table
from intake.understanding.words import full_key

HOME = frozenset(
    {"cny", "rmb", "人民币", "人民币元", "元", "元角分", "¥", "本位币", "cn¥", "万元", "千元"}
)
_CODES = frozenset(
    {"usd", "eur", "gbp", "hkd", "jpy", "twd", "ntd", "美元", "欧元", "港币", "日元"}
)
Warn = Callable[[int, str, str, str], None]


def is_foreign(text: str) -> bool:
    """Whether a text names a currency that is not ours."""
    key = full_key(text)
    return bool(key) and key not in HOME


def is_code(text: str) -> bool:
    """Whether a text is the code or the name of a well-known currency that is not ours."""
    return text.casefold() in _CODES


def by_row(table: Table, warn: Warn) -> Callable[[Row], None]:
    """What tells of the currency that a row, or a line above all rows, says."""
    told: set[str] = set()
    priced = [column for column in table.columns if column.field and _is_money(column)]

    def step(row: Row) -> None:
        currency = row.values.get("currency")
        text = str(currency.value) if currency and currency.value else ""
        if text in told or not is_foreign(text):
            return
        column = next((one for one in priced if row.get(one.field)), None)
        if column is None:
            return
        told.add(text)
        message = _("Prices in %(currency)s, from row %(row)d on, were taken as they stand.")
        facts = {"currency": text[:20], "row": row.number}
        warn(row.number, address(row.number, column.at), "currency", message % facts)

    return step


def by_header(table: Table, warn: Warn) -> None:
    """Tell of the currency that the header of a price or an amount says."""
    for column in table.columns:
        if column.field and _is_money(column) and is_code(column.unit):
            message = _(
                "“%(header)s” is in another currency; its numbers were taken as they stand."
            )
            where = address(table.header_row or 1, column.at)
            warn(0, where, "currency", message % {"header": column.header})


def _is_money(column: Column) -> bool:
    return field_of(column.field).kind in {Kind.PRICE, Kind.AMOUNT}
