"""Doors of the API to the book: on hand, movements, card, summary, explain, trace. All read only."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.operations import Operation, reads
from core.api.paging import Page
from core.api.parameters import choice, text
from core.api.shapes import Malformed
from people.api.doors import Door
from stock.api import question as ask
from stock.api import rows
from stock.api.question import Question
from stock.queries.as_of import as_of
from stock.queries.card import card
from stock.queries.explain import explain
from stock.queries.movements import Cursor, MovementFilter, movements
from stock.queries.on_hand import FINEST, OnHand, on_hand
from stock.queries.summary import SummaryRow, summary
from stock.queries.trace import trace

GROUP = _("The book")
SEES: dict[str, Any] = {"scope": "read", "right": "stock.view", "group": GROUP, "refusals": (422,)}
_ORDER = choice("order", _("Which rows come first"), ("oldest", "newest"), default="oldest")


def _cursor(values: dict[str, Any]) -> Cursor | None:
    parts = paging.decode(values["cursor"], str)
    if parts is None:
        return None
    found = Cursor.parse(parts[0])
    if found is None or not 1 <= found.at.year < 9999 or abs(found.id) >= 2**63:
        raise Malformed(_("This cursor is not one of ours; take “next” of the page before."))
    return found


def _next(following: Cursor | None) -> str:
    return paging.encode(str(following)) if following else ""


class OnHandNow(Door):
    """What is there."""

    @reads(
        Operation(
            "on_hand",
            summary=_("What is there: on hand, reserved, available, held, in transit, value"),
            help=_("With as-of or known-at: what was there; reservations have no history."),
            parameters=(
                ask.ITEM,
                ask.LOT,
                ask.PLACE,
                ask.WAREHOUSE,
                ask.CATEGORY,
                ask.AS_OF,
                ask.KNOWN_AT,
                choice(
                    "by",
                    _("Sum up by these; may be repeated, without it all of them"),
                    FINEST,
                    many=True,
                ),
            ),
            answer=rows.ON_HAND,
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows of stock."""
        question = Question(self.access, values)
        by = values["by"] or FINEST
        past = question.as_of is not None or question.seal is not None
        found = (
            as_of(question.access, question.stock, at=question.as_of, seal=question.seal, by=by)
            if past
            else on_hand(question.access, question.stock, by=by)
        )
        page, following = paging.of_list(
            sorted(found, key=_stock_key),
            _stock_key,
            cursor=values["cursor"],
            limit=values["limit"],
        )
        shown = [rows.on_hand_row(row, past=past) for row in page]
        return Page(shown, following, costs=question.sight.shows_cost)


def _stock_key(row: OnHand) -> list[str | int]:
    """The order of rows of stock: items by code, then the lot that expires first, then places."""
    expires = (row.lot.expires_on if row.lot else None) or date.max
    return [
        row.item.code if row.item else "",
        expires.isoformat(),
        row.lot.number if row.lot else "",
        row.lot.id if row.lot else 0,
        row.warehouse_code,
        row.place.path if row.place else "",
    ]


class Movements(Door):
    """The movements book."""

    @reads(
        Operation(
            "movements",
            summary=_("What moved: the rows of the book in the order in which they happened"),
            parameters=(
                ask.ITEM,
                ask.LOT,
                ask.PLACE,
                ask.WAREHOUSE,
                ask.CATEGORY,
                ask.TYPE,
                ask.DOCUMENT,
                ask.FROM,
                ask.TO,
                ask.AS_OF,
                ask.KNOWN_AT,
                _ORDER,
            ),
            answer=rows.MOVEMENT,
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows of the book."""
        question = Question(self.access, values)
        where = MovementFilter(
            items=question.items,
            lots=question.lots,
            types=values["type"],
            warehouses=question.warehouses,
            places=question.places,
            categories=question.categories,
            document=values["document"] or "",
            start=question.start,
            end=question.upto,
            inclusive=True,
            seal=question.seal,
        )
        page = movements(
            question.access,
            where,
            cursor=_cursor(values),
            newest_first=values["order"] == "newest",
            limit=values["limit"],
        )
        return Page(
            [rows.movement_row(question, row) for row in page.rows],
            _next(page.following),
            costs=question.sight.shows_cost,
        )


class Card(Door):
    """The stock card."""

    @reads(
        Operation(
            "card",
            summary=_("The stock card of an item: what came, what went, what was left"),
            help=_("The sign of quantity is that of the change here."),
            parameters=(
                text("item", ask.ITEM.help, required=True),
                ask.LOT,
                ask.PLACE,
                ask.WAREHOUSE,
                ask.FROM,
                ask.TO,
                ask.AS_OF,
                ask.KNOWN_AT,
                _ORDER,
            ),
            answer=rows.CARD,
            beside=rows.CARD_BESIDE,
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows with their running balance."""
        question = Question(self.access, values)
        page = card(
            question.access,
            question.item or 0,
            warehouses=question.warehouses,
            places=question.places,
            lots=question.lots,
            start=question.start,
            end=question.upto,
            inclusive=True,
            seal=question.seal,
            cursor=_cursor(values),
            newest_first=values["order"] == "newest",
            limit=values["limit"],
        )
        made = [
            rows.movement_row(question, line.movement, quantity=line.change)
            | {
                "quantity_in": line.quantity_in,
                "quantity_out": line.quantity_out,
                "on_hand": line.balance,
                "balance_value": line.balance_value,
            }
            for line in page.rows
        ]
        beside = {one.key: getattr(page, one.key) for one in rows.CARD_BESIDE}
        return Page(made, _next(page.following), beside, costs=question.sight.shows_cost)


class Explain(Door):
    """Why a number is what it is."""

    @reads(
        Operation(
            "explain",
            summary=_("Explains what is on hand: exactly the movements that make the number"),
            parameters=(
                text("item", ask.ITEM.help, required=True),
                ask.LOT,
                ask.PLACE,
                ask.WAREHOUSE,
                ask.AS_OF,
                ask.KNOWN_AT,
            ),
            answer=rows.EXPLAIN,
            beside=rows.EXPLAIN_BESIDE,
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """The parts, oldest first; the cursor carries the sum so far."""
        question = Question(self.access, values)
        running = Decimal(0)
        parts = paging.decode(values["cursor"], str, int)
        cursor = None
        if parts is not None:
            cursor = _cursor(values | {"cursor": paging.encode(parts[0])})
            running = Decimal(parts[1]).scaleb(-6)
        answer = explain(
            question.access,
            question.item or 0,
            lots=question.lots,
            places=question.places,
            warehouses=question.warehouses,
            at=question.as_of,
            seal=question.seal,
            cursor=cursor,
            limit=values["limit"],
        )
        made = []
        for part in answer.parts:
            running += part.change
            row = rows.movement_row(question, part.movement, quantity=part.change)
            made.append(row | {"on_hand": running})
        following = (
            paging.encode(str(answer.following), int(running.scaleb(6))) if answer.following else ""
        )
        beside = {"on_hand": answer.on_hand}
        return Page(made, following, beside, costs=question.sight.shows_cost)


class Summary(Door):
    """Opening, in, out, closing."""

    @reads(
        Operation(
            "summary",
            summary=_("Opening, in, out and closing of some days, by item or category"),
            help=_("Without from and to: the present month up to today."),
            parameters=(
                ask.ITEM,
                ask.LOT,
                ask.PLACE,
                ask.WAREHOUSE,
                ask.CATEGORY,
                ask.FROM,
                ask.TO,
                ask.KNOWN_AT,
                choice(
                    "by", _("Rows by item or by category"), ("item", "category"), default="item"
                ),
            ),
            answer=rows.SUMMARY,
            beside=rows.SUMMARY_BESIDE,
            paged=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Rows of the summary."""
        question = Question(self.access, values)
        end = question.day("to") or timezone.localdate(timezone=question.zone)
        start = question.day("from") or end.replace(day=1)
        if start > end:
            raise Malformed(_("“from” lies after “to”."))
        answer = summary(
            question.access,
            start=start,
            end=end,
            warehouses=question.warehouses,
            items=question.items,
            categories=question.categories,
            lots=question.lots,
            places=question.places,
            seal=question.seal,
            by=values["by"],
        )
        page, following = paging.of_list(
            sorted(answer.rows, key=_summary_key),
            _summary_key,
            cursor=values["cursor"],
            limit=values["limit"],
        )
        return Page(
            [rows.summary_row(row) for row in page],
            following,
            {"from": start, "to": end},
            costs=question.sight.shows_cost,
        )


def _summary_key(row: SummaryRow) -> list[str | int]:
    return [row.category, row.item.code if row.item else ""]


class Trace(Door):
    """Where a lot came from and went."""

    @reads(
        Operation(
            "trace",
            summary=_("Where a lot came from, where it went and where it lies"),
            help=_("Without an item: every lot of this number."),
            parameters=(
                text("lot", ask.LOT.help, required=True),
                ask.ITEM,
                ask.AS_OF,
                ask.KNOWN_AT,
            ),
            answer=rows.TRACE,
            listed=True,
            **SEES,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """The steps of the way, whole."""
        question = Question(self.access, values)
        made = []
        for lot in question.lots or ():
            answer = trace(question.access, lot, at=question.as_of, seal=question.seal)
            made += [rows.trace_row(question, "from", step) for step in answer.origins]
            made += [rows.trace_row(question, "to", step) for step in answer.uses]
            made += [rows.here_row(row) for row in answer.places]
        return Page(made, costs=question.sight.shows_cost)
