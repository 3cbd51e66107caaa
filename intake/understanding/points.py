"""Decides what the point in 12.000 is, by the other numbers of a table, or asks."""

from django.utils.translation import gettext as _

from intake.understanding.result import Question, Wish
from intake.understanding.told import Told, readers_of
from intake.understanding.words import is_chinese

_MEANINGS = frozenset({"point", "group"})


def settle(told: Told, wish: Wish) -> None:
    """Tell the readers what a point before exactly three digits is.

    Any other number of the table with a point decides it. Else it is a question; sheets with Chinese headers, where nobody
    separates thousands with points, are read with a decimal point meanwhile, and that is said.
    """
    readers = readers_of(told)
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
