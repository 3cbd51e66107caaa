"""Ask the book from the command line; the names of commands, options and keys are a contract."""

import csv
import json
import unicodedata
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from core.errors import DomainError
from core.fields import plain
from people.access import SYSTEM, Access, access_for
from people.models import User
from stock import movement_types, sealing
from stock.queries import codes
from stock.queries.as_of import as_of, seal_at
from stock.queries.card import card
from stock.queries.explain import explain
from stock.queries.movements import MovementFilter, MovementRow, movements, told
from stock.queries.on_hand import FINEST, OnHand, StockFilter, on_hand
from stock.queries.sight import Sight, see
from stock.queries.summary import Summary, SummaryRow, summary
from stock.queries.trace import Step, trace

Row = dict[str, Any]

EPILOG = """
Quantities are in the item's base unit. In JSON they are numbers written with all their decimals (read
them with parse_float=Decimal to keep every digit); moments are ISO 8601 with their offset. Moments
without an offset, and days, are meant in the company's time zone; a day given to --as-of, --known-at or
--to includes the whole day. --known-at takes a moment or the number of a seal; what is committed is
sealed first. value and unit_cost are left out for a --user without the right to see costs.
"""


class Command(BaseCommand):
    """`manage.py stock on-hand|movements|card|summary|trace|explain`."""

    help = "Answers questions about stock: what is there, what moved, why, and where it came from."

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Any:
        """Explain numbers, moments and costs below the options."""
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The question and its limits."""
        parser.add_argument("question", choices=sorted(_ANSWERS), help="what to ask")
        parser.add_argument("--item", help="code of an item")
        parser.add_argument("--lot", help="number of a lot or serial")
        parser.add_argument("--place", help="code or path of a place")
        parser.add_argument(
            "--warehouse", action="append", help="code of a warehouse; may be repeated"
        )
        parser.add_argument("--category", help="code of a category (with all below it)")
        parser.add_argument("--type", action="append", help="movement type, such as purchase_in")
        parser.add_argument("--document", help="document of a posting")
        parser.add_argument("--as-of", help="as it was at this moment or at the end of this day")
        parser.add_argument("--known-at", help="as it was known at this moment or seal number")
        parser.add_argument("--from", dest="start", help="from this day or moment on")
        parser.add_argument("--to", dest="end", help="up to this moment or the end of this day")
        parser.add_argument(
            "--by",
            help="on-hand: any of item,lot,place,warehouse (default all); summary: item or category",
        )
        parser.add_argument("--limit", type=int, help="at most this many movements")
        parser.add_argument("--user", help="ask as this user (default: everything may be seen)")
        parser.add_argument("--format", choices=["json", "csv", "table"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and print; a code that does not exist ends with status 1."""
        _refuse_unheard(options)
        try:
            question = _Question(options)
            keys, rows = _ANSWERS[options["question"]](question)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not question.sight.shows_cost:
            keys = [key for key in keys if not _is_cost(key)]
        getattr(self, f"_{options['format']}")(
            keys, [{key: row[key] for key in keys} for row in rows]
        )

    def _json(self, _keys: Sequence[str], rows: Iterable[Row]) -> None:
        lines = ",\n".join(
            "{" + ", ".join(f"{json.dumps(key)}: {_json_value(row[key])}" for key in row) + "}"
            for row in rows
        )
        self.stdout.write(f"[\n{lines}\n]" if lines else "[]")

    def _csv(self, keys: Sequence[str], rows: Iterable[Row]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(keys)
        writer.writerows([_text(row[key]) for key in keys] for row in rows)

    def _table(self, keys: Sequence[str], rows: Iterable[Row]) -> None:
        rows = list(rows)
        table = [list(keys), *([_text(row[key]) for key in keys] for row in rows)]
        widths = [max(_width(line[n]) for line in table) for n in range(len(keys))]
        right = [
            any(
                isinstance(row[key], Decimal | int) and not isinstance(row[key], bool)
                for row in rows
            )
            for key in keys
        ]
        for line in table:
            cells = [
                _pad(cell, width, right=at_right)
                for cell, width, at_right in zip(line, widths, right, strict=True)
            ]
            self.stdout.write("  ".join(cells).rstrip())


class _Question:
    """The options as ids and moments."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.access = self._access(options["user"])
        names = options["warehouse"]
        self.warehouses = (
            [codes.warehouse_id(self.access, name) for name in names] if names else None
        )
        self.sight: Sight = see(self.access, self.warehouses)
        self.zone = self.sight.zone()
        self.item = codes.item_id(options["item"]) if options["item"] else None
        self.items = (self.item,) if self.item is not None else None
        self.lots = codes.lot_ids(options["lot"], self.items) if options["lot"] else None
        self.places = (
            codes.place_ids(self.access, options["place"], self.warehouses)
            if options["place"]
            else None
        )
        self.categories = codes.category_ids(options["category"]) if options["category"] else None
        self.as_of = self._moment(options["as_of"], "--as-of", end=True)
        self.start = self._moment(options["start"], "--from", end=False)
        self.end = self._moment(options["end"], "--to", end=True)
        self.seal = self._seal(options["known_at"])
        self.limit = self._limit(options["limit"])

    @property
    def upto(self) -> datetime | None:
        """The last moment asked about: --as-of or --to, the earlier of both."""
        ends = [moment for moment in (self.end, self.as_of) if moment is not None]
        return min(ends) if ends else None

    @property
    def stock(self) -> StockFilter:
        """What stock is asked about."""
        return StockFilter(self.items, self.lots, self.places, self.warehouses, self.categories)

    def need_item(self) -> int:
        """The one item of a question that needs one; that of the lot if only a lot is given."""
        if self.item is None:
            raise CommandError("Name the item: --item CODE.")
        return self.item

    @staticmethod
    def _access(name: str | None) -> Access:
        if not name:
            return SYSTEM
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user named “{name}”.")
        return access_for(user)

    @staticmethod
    def _limit(number: int | None) -> int | None:
        if number is not None and not 1 <= number <= _MOST:
            raise CommandError(f"--limit: write a number from 1 to {_MOST}.")
        return number

    def _moment(self, text: str | None, option: str, *, end: bool) -> datetime | None:
        """A moment; a day stands for its last moment (``end``) or its first."""
        if not text:
            return None
        try:
            day = parse_date(text)
            moment = None if day else parse_datetime(text)
        except ValueError:
            day = moment = None
        meant = day or moment
        if meant and meant.year not in _YEARS:
            raise CommandError(
                f"{option}: the year of “{text}” lies outside {_YEARS[0]} to {_YEARS[-1]}."
            )
        if day:
            edge = time.max if end else time.min
            return datetime.combine(day, edge, tzinfo=self.zone)
        if moment is None:
            raise CommandError(
                f"{option}: “{text}” is no day or moment; write 2026-03-31 or 2026-03-31T18:00."
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def _seal(self, text: str | None) -> int | None:
        if not text:
            return None
        newest = sealing.seal()
        if text.isdecimal():
            if len(text) > len(str(_MOST)) or int(text) > (newest or 0):
                raise CommandError(
                    f"--known-at: there is no seal {text} yet; the newest is {newest or 0}."
                )
            return int(text)
        moment = self._moment(text, "--known-at", end=True)
        return None if moment is None else seal_at(moment)


def _answer_on_hand(question: _Question) -> tuple[list[str], list[Row]]:
    by = question.options["by"].split(",") if question.options["by"] else list(FINEST)
    if unknown := set(by) - set(FINEST):
        raise CommandError(
            f"--by: unknown {', '.join(sorted(unknown))}; choose from {', '.join(FINEST)}."
        )
    past = question.as_of is not None or question.seal is not None
    rows = (
        as_of(question.access, question.stock, at=question.as_of, seal=question.seal, by=by)
        if past
        else on_hand(question.access, question.stock, by=by)
    )
    keys = ["item", "name", "lot", "place", "warehouse", "on_hand"]
    if not past:
        keys += ["reserved", "available", "held", "in_transit"]
    return [*keys, "unit", "value", "unit_cost"], [_on_hand_row(row) for row in rows]


def _on_hand_row(row: OnHand) -> Row:
    figures = row.figures
    return {
        "item": row.item.code if row.item else None,
        "name": row.item.name if row.item else None,
        "lot": row.lot.number if row.lot else None,
        "place": row.place.code if row.place else None,
        "warehouse": row.warehouse_code or None,
        "on_hand": figures.on_hand,
        "reserved": figures.reserved,
        "available": figures.available,
        "held": figures.held,
        "in_transit": figures.in_transit,
        "unit": row.item.unit if row.item else None,
        "value": figures.value,
        "unit_cost": figures.unit_cost,
    }


_MOVEMENT_KEYS = [
    "effective_at",
    "recorded_at",
    "document",
    "type",
    "item",
    "lot",
    "quantity",
    "source",
    "target",
    "place",
    "warehouse",
    "partner",
    "reversal",
    "movement",
    "posting",
    "value",
    "unit_cost",
]


def _movement_row(question: _Question, row: MovementRow, *, quantity: Decimal | None = None) -> Row:
    return told(row, question.sight, question.zone, quantity=quantity)


def _answer_movements(question: _Question) -> tuple[list[str], list[Row]]:
    types = question.options["type"]
    if unknown := set(types or ()) - movement_types.BY_CODE.keys():
        raise CommandError(f"--type: there is no movement type {', '.join(sorted(unknown))}.")
    where = MovementFilter(
        items=question.items,
        lots=question.lots,
        types=types,
        warehouses=question.warehouses,
        places=question.places,
        categories=question.categories,
        document=question.options["document"] or "",
        start=question.start,
        end=question.upto,
        inclusive=True,
        seal=question.seal,
    )
    page = movements(question.access, where, newest_first=False, limit=question.limit)
    return _MOVEMENT_KEYS, [_movement_row(question, row) for row in page.rows]


def _answer_card(question: _Question) -> tuple[list[str], list[Row]]:
    page = card(
        question.access,
        question.need_item(),
        warehouses=question.warehouses,
        places=question.places,
        lots=question.lots,
        start=question.start,
        end=question.upto,
        inclusive=True,
        seal=question.seal,
        newest_first=False,
        limit=question.limit,
    )
    rows = []
    for line in page.rows:
        row = _movement_row(question, line.movement, quantity=line.change)
        row |= {
            "quantity_in": line.quantity_in,
            "quantity_out": line.quantity_out,
            "on_hand": line.balance,
            "balance_value": line.balance_value,
        }
        rows.append(row)
    keys = [*_MOVEMENT_KEYS[:7], "quantity_in", "quantity_out", "on_hand", *_MOVEMENT_KEYS[7:]]
    return [*keys, "balance_value"], rows


def _answer_explain(question: _Question) -> tuple[list[str], list[Row]]:
    answer = explain(
        question.access,
        question.need_item(),
        lots=question.lots,
        places=question.places,
        warehouses=question.warehouses,
        at=question.upto,
        seal=question.seal,
        limit=question.limit,
    )
    running = Decimal(0)
    rows = []
    for part in answer.parts:
        running += part.change
        row = _movement_row(question, part.movement, quantity=part.change)
        rows.append(row | {"on_hand": running})
    return [*_MOVEMENT_KEYS[:7], "on_hand", *_MOVEMENT_KEYS[7:]], rows


_AMOUNTS = ("opening", "in", "out", "closing")


def _answer_summary(question: _Question) -> tuple[list[str], list[Row]]:
    today = timezone.localdate(timezone=question.zone)
    end = _day(question, "end", "--to") or today
    start = _day(question, "start", "--from") or end.replace(day=1)
    if start > end:
        raise CommandError("--from lies after --to.")
    by = question.options["by"] or "item"
    if by not in {"item", "category"}:
        raise CommandError("--by: choose item or category.")
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
        by=by,
    )
    keys = [by, *(["name"] if by == "item" else []), *(f"{name}_quantity" for name in _AMOUNTS)]
    if answer.shows_value:
        keys += [f"{name}_value" for name in _AMOUNTS]
    return [*keys, "balanced"], [_summary_row(row, answer) for row in answer.rows]


def _summary_row(row: SummaryRow, answer: Summary) -> Row:
    made: Row = {
        "item": row.item.code if row.item else None,
        "name": row.item.name if row.item else None,
        "category": row.category,
        "balanced": row.balanced,
    }
    for name in _AMOUNTS:
        field = "into" if name == "in" else name
        made[f"{name}_quantity"] = row.number("quantity", field)
        if answer.shows_value:
            made[f"{name}_value"] = row.number("value", field)
    return made


def _day(question: _Question, name: str, option: str) -> date | None:
    """The day of --from or --to; a moment inside a day is refused, for a summary counts whole days."""
    text = question.options[name]
    if text and parse_date(text) is None:
        raise CommandError(f"{option}: a summary counts whole days; write one such as 2026-03-31.")
    moment: datetime | None = getattr(question, name)
    return moment.astimezone(question.zone).date() if moment else None


def _answer_trace(question: _Question) -> tuple[list[str], list[Row]]:
    if question.lots is None:
        raise CommandError("Name the lot: --lot NUMBER (and --item CODE if several items have it).")
    rows: list[Row] = []
    for lot in question.lots:
        answer = trace(question.access, lot, at=question.as_of, seal=question.seal)
        rows += [_trace_row(question, "from", step) for step in answer.origins]
        rows += [_trace_row(question, "to", step) for step in answer.uses]
        for here in answer.places:
            blank: Row = dict.fromkeys(_MOVEMENT_KEYS)
            found = {key: value for key, value in _on_hand_row(here).items() if key in blank}
            rows.append(
                blank | found | {"direction": "here", "depth": 0, "quantity": here.figures.on_hand}
            )
    return ["direction", "depth", *_MOVEMENT_KEYS], rows


def _trace_row(question: _Question, direction: str, step: Step) -> Row:
    return {"direction": direction, "depth": step.depth} | _movement_row(question, step.movement)


_ANSWERS = {
    "on-hand": _answer_on_hand,
    "movements": _answer_movements,
    "card": _answer_card,
    "summary": _answer_summary,
    "trace": _answer_trace,
    "explain": _answer_explain,
}


_OPTIONS = {
    "item": "--item",
    "lot": "--lot",
    "place": "--place",
    "warehouse": "--warehouse",
    "category": "--category",
    "type": "--type",
    "document": "--document",
    "as_of": "--as-of",
    "known_at": "--known-at",
    "start": "--from",
    "end": "--to",
    "by": "--by",
    "limit": "--limit",
}
_HEEDS = {
    "on-hand": {"item", "lot", "place", "warehouse", "category", "as_of", "known_at", "by"},
    "movements": _OPTIONS.keys() - {"by"},
    "card": _OPTIONS.keys() - {"category", "type", "document", "by"},
    "summary": _OPTIONS.keys() - {"type", "document", "as_of", "limit"},
    "trace": {"item", "lot", "as_of", "known_at"},
    "explain": _OPTIONS.keys() - {"category", "type", "document", "start", "by"},
}
"""What each question can be limited by; --user and --format go with all."""
_MOST = 1_000_000_000
_YEARS = range(1900, 3000)
"""Years that can be meant; beyond them neither the calendar nor the databases reckon safely."""


def _refuse_unheard(options: dict[str, Any]) -> None:
    """An option that a question would not heed is refused, so that no other number is printed."""
    question = options["question"]
    heeded = _HEEDS[question]
    for name, option in _OPTIONS.items():
        if options[name] is not None and name not in heeded:
            known = ", ".join(text for key, text in _OPTIONS.items() if key in heeded)
            raise CommandError(f"{question} cannot be asked with {option}; it heeds {known}.")


def _is_cost(key: str) -> bool:
    return key.endswith("value") or key == "unit_cost"


def _json_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return json.dumps(value.isoformat())
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank
