"""Decides what the point in 12.000 is, by the other numbers of a table, or asks."""

from typing import Protocol

from django.utils.translation import gettext as _

from intake.understanding.cells import Column as Reader
from intake.understanding.plan import Plan
from intake.understanding.result import Column, Question, Table, Understanding, Wish
from intake.understanding.unpivoting import Matrix
from intake.understanding.words import is_chinese

_MEANINGS = frozenset({"point", "group"})


class Told(Protocol):
    """What a builder offers here: its readers have seen their columns."""

    table: Table
    plan: Plan
    out: Understanding
    columns: list[Column]
    all_columns: list[Column]
    readers: dict[int, Reader]
    matrix: Matrix

    def warn(self, number: int, cell: str, code: str, message: str) -> None:
        """Say what is uncertain."""


def settle(told: Told, wish: Wish) -> None:
    """Tell the readers what a point before exactly three digits is.

    Any other number of the table with a point decides it. Else it is a question; sheets with Chinese headers, where nobody
    separates thousands with points, are read with a decimal point meanwhile, and that is said.
    """
    readers = [*told.readers.values(), *told.matrix.readers.values()]
    if not any(r.thirds for r in readers) or any(r.points and not r.comma for r in readers):
        return
    identifier = told.plan.where("point")
    chinese = any(is_chinese(column.header) for column in told.all_columns)
    # Where a comma is the decimal point, as a person said, a point separates thousands.
    assumed = "group" if any(r.comma for r in readers) else "point" if chinese else ""
    answer = wish.answers.get(identifier, assumed)
    answer = answer if answer in _MEANINGS else assumed
    for reader in readers:
        reader.point = answer
    text = _("What is the point in numbers such as 12.000 in sheet %(sheet)s?")
    options = [("point", _("a decimal point: 12")), ("group", _("thousands: 12000"))]
    samples = [c.samples for c in told.columns if told.readers[c.at].thirds]
    question = Question(
        identifier,
        "point",
        text % {"sheet": told.table.sheet},
        options,
        samples[0] if samples else [],
        not assumed,
        answer,
    )
    told.out.questions.append(question)
    if assumed and identifier not in wish.answers:
        taken = dict(options)[answer]
        message = _("Numbers such as 12.000 were read with %(meaning)s.") % {"meaning": taken}
        told.warn(0, "", "point_assumed", message)
