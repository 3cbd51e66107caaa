"""Offers one answer for all columns that nobody knows and nobody asked after, and says which were left out by it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from intake.understanding.plan import Plan
from intake.understanding.result import Caution, Column, Question, Understanding, Wish

REST = "rest"
"""Id of the question, of its kind, and of its answer in a file of answers: one for all tables."""
_LEAVE_OUT = "ignore"
_FEW = 6
"""So many columns are asked about one by one."""
_NAMED = 10


def are_left_out(wish: Wish) -> bool:
    """Whether columns that are not answered one by one are left out."""
    return wish.answers.get(REST) == _LEAVE_OUT


def offer(out: Understanding) -> None:
    """Ask once what the columns come to that are asked about, if they are more than a few."""
    count = sum(question.kind == "column" for question in out.open_questions)
    if count <= _FEW:
        return
    text = _("%(count)d columns are open. Answer those that matter; the others can be left out.")
    options = [(_LEAVE_OUT, _("Leave the remaining columns out"))]
    out.questions.append(Question(REST, REST, text % {"count": count}, options))


def say(out: Understanding, plan: Plan, columns: Sequence[Column]) -> None:
    """Tell which columns of a table were left out by that answer."""
    if not columns:
        return
    names = ", ".join(column.header or column.letter for column in columns[:_NAMED])
    more = " …" if len(columns) > _NAMED else ""
    message = _("%(count)d columns are left out, as was answered: %(names)s")
    facts = {"count": len(columns), "names": f"{names}{more}"}
    out.warnings.append(Caution(plan.table.sheet, 0, "", "columns_left_out", message % facts))
