"""What the lines of a form are worth: by their prices, else what the book says."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.templatetags import ui
from stock.models import Movement
from workflows import amounts
from workflows.models import Document, Line
from workflows.printing.capitals import capitals

ONE = Decimal(1)
Booked = dict[tuple[int, str], list[Movement]]
"""(posting, key of the line) → its movements."""


class Money:
    """The money of one document, without tax, in ``currency`` (its own where its lines have prices).

    ``booked`` holds what the book says of its lines.
    """

    def __init__(self, document: Document, lines: Sequence[Line], booked: Booked) -> None:
        self.document, self.lines, self.booked = document, lines, booked
        self.places = document.company.currency_places
        self.priced = any(line.price is not None for line in lines)
        own = document.company.currency
        self.currency = (document.currency or own) if self.priced else own

    def worth(self, line: Line) -> Decimal | None:
        """A line's amount; None where it is not known."""
        if self.priced:
            return amounts.net_value(line, amounts.done(line), ONE, self.places)
        if self.document.posting_id and self.document.kind.shape != "value":
            rows = self.booked.get((self.document.posting_id, str(line.key)))
            return sum((row.value for row in rows), Decimal(0)) if rows else None
        return line.value

    def amount(self, line: Line) -> str:
        """A line's amount as written."""
        worth = self.worth(line)
        return "" if worth is None else ui.money(worth, self.places)

    def price(self, line: Line) -> str:
        """A line's price per unit as written."""
        if self.document.kind.shape == "value":
            return ""
        net = amounts.net_price(line, ONE)
        if net is not None:
            return ui.unit_cost(Decimal(net.numerator) / Decimal(net.denominator))
        worth, done = self.worth(line), amounts.done(line)
        return ui.unit_cost(worth / done) if worth is not None and done else ""

    def total(self) -> Decimal | None:
        """The sum of the lines; None where nothing is known, or where lines turn into one another."""
        if self.document.kind.shape == "conversion":
            return None
        worths = [worth for line in self.lines if (worth := self.worth(line)) is not None]
        return sum(worths, Decimal(0)) if worths else None

    def words(self) -> list[tuple[str, str]]:
        """The total in words, with its tax where there is any."""
        total = self.total()
        if total is None:
            return []
        words = [(_("Amount"), self._in_words(total))]
        tax = self._tax() if self.priced else Decimal(0)
        if tax:
            words.append((_("Tax"), ui.money(tax, self.places)))
            words.append((_("Amount with tax"), self._in_words(total + tax)))
        return words

    def _tax(self) -> Decimal:
        taxes = [amounts.tax(line, amounts.done(line), ONE, self.places) for line in self.lines]
        return sum(taxes, Decimal(0))

    def _in_words(self, amount: Decimal) -> str:
        """Capitals where Chinese is read and yuan are meant; digits elsewhere."""
        digits = f"{self.currency} {ui.money(amount, self.places)}"
        if (get_language() or "").startswith("zh") and self.currency == "CNY":
            return f"{capitals(amount)}（{digits}）"
        return digits
