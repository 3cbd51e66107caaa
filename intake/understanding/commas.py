"""Decides that a comma is the decimal point of a table, where its numbers leave no doubt; else each column is asked about."""

from django.utils.translation import gettext as _

from intake.understanding.result import Question, Wish
from intake.understanding.told import Told, readers_of
from intake.understanding.words import is_chinese

_ENOUGH = 2
"""So many numbers that can only have a decimal comma are needed: one may be a slip."""


def settle(told: Told, wish: Wish) -> None:
    """Tell the readers that a comma is their decimal point, if the whole table writes so.

    12,5 and 1.234,50 can be nothing else; a number with a decimal point, or with commas between thousands, speaks against
    it, and so do Chinese headers, where nobody writes so and a comma is a slip.
    """
    readers = readers_of(told)
    sure = [text for reader in readers for text in reader.commas]
    if len(sure) < _ENOUGH:
        return
    if any(reader.points or reader.grouped for reader in readers):
        return
    if any(is_chinese(column.header) for column in told.all_columns):
        return
    identifier = told.plan.where("decimal")
    answer = "no" if wish.answers.get(identifier) == "no" else "comma"
    text = _("Is the comma in the numbers of sheet %(sheet)s a decimal point?")
    options = [("comma", _("yes")), ("no", _("no"))]
    facts = {"sheet": told.table.sheet}
    question = Question(identifier, "decimal", text % facts, options, sure[:3], False, answer)
    told.out.questions.append(question)
    if answer == "no":
        return
    for reader in readers:
        reader.comma = True
    if identifier not in wish.answers:
        message = _("The comma in numbers such as %(sample)s was read as a decimal point.")
        told.warn(0, "", "comma_assumed", message % {"sample": sure[0][:20]})
