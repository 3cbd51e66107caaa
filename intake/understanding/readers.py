"""Makes the reader of one column from what is known about its table, and from what a person answered."""

from collections.abc import Callable

from intake.reading.grid import Book
from intake.understanding.cells import Column as Reader
from intake.understanding.cells import span_of_header
from intake.understanding.dates import ORDERS
from intake.understanding.fields import field_of
from intake.understanding.plan import Plan
from intake.understanding.result import Column, Wish


def make_reader(
    column: Column, book: Book, plan: Plan, wish: Wish, question_id: Callable[[str, Column], str]
) -> Reader:
    """A reader that has not seen its column yet."""

    def answer(kind: str) -> str:
        return wish.answers.get(question_id(kind, column), "").strip()

    reader = Reader(field_of(column.field), column.field, column.scale)
    reader.comma = answer("decimal") == "comma"
    days = reader.days
    days.ends = column.field == "expiry"
    days.epoch_1904 = book.epoch_1904
    days.month = plan.context.month
    days.year = wish.year or plan.context.year
    if answer("date_order") in ORDERS:
        days.order = answer("date_order")
    year = answer("year")
    if len(year) == 4 and year.isascii() and year.isdigit():
        days.year = int(year)
    span = answer("duration_unit")
    reader.span = span if span in {"D", "M", "Y", "W"} else span_of_header(column.header)
    return reader
