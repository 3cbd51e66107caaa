"""The end of counting: what is stale or beyond tolerance is sent back, what is blank is named.

Bodies of the one door call it under the document's lock; the database refuses to post what was not recounted.
"""

from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import LineError
from workflows.counting import figures, staleness
from workflows.errors import DocumentRefused
from workflows.models import CountBin, CountLine, Document
from workflows.move import Move
from workflows.steps import Step

_NAMED = 20
"""So many lines are named in a refusal."""


def finish(move: Move, step: Step) -> bool:
    """Whether a counting step is over; what is sent back meanwhile keeps the last one open.

    ``data.leave`` says that what nobody counted stays as the book has it. The first counting step passes
    what has to be counted again on to the next. Raises DocumentRefused while lines are blank or wait for a
    count that was asked for before.
    """
    document = move.document
    stale = staleness.flag(staleness.find(document))
    left = _check_blank(move)
    beyond = _flag_beyond(document)
    if stale or beyond:
        move.log("recount", step=step.key, data={"stale": stale, "beyond": beyond})
    move.reckon()
    counting = [one.key for one in move.steps if one.kind == "execute"]
    if step.key == counting[-1] and figures.again(document).exists():
        if stale or beyond:
            move.result["again"] = stale + beyond
            return False
        _refuse_waiting(document)
    if left:
        move.log("left", step=step.key, data={"lines": left})
    return True


def _check_blank(move: Move) -> int:
    """Blank is not zero: it is counted, called empty, or left as it is by somebody who says so."""
    document = move.document
    blank = figures.blank(document).count()
    bins = unseen(document)
    if not (blank or bins) or move.data.get("leave"):
        return blank
    rows = figures.blank(document).select_related("place", "item").order_by("bin__position")
    message = _("%(place)s: %(item)s has not been counted.")
    errors = [
        LineError(0, "not_counted", message % {"place": row.place.code, "item": row.item.code})
        for row in rows[:_NAMED]
    ]
    words = ngettext("%(lines)d line is not counted", "%(lines)d lines are not counted", blank) % {
        "lines": blank
    }
    more = ngettext(
        "%(bins)d empty place is not confirmed",
        "%(bins)d empty places are not confirmed",
        bins,
    ) % {"bins": bins}
    raise DocumentRefused(
        _("%(lines)s, %(bins)s. Count them, or say that they are left as they are.")
        % {"lines": words, "bins": more},
        code="not_counted",
        lines=errors,
    )


def send_back(move: Move) -> None:
    """A stocktake is returned: what is stale by now, and the lines in ``data.lines`` (keys), are counted again."""
    staleness.flag(staleness.find(move.document))
    given = move.data.get("lines") or ()
    keys = [str(key) for key in given] if isinstance(given, list | tuple) else []
    if keys:
        known = CountLine.objects.filter(document=move.document, key__in=keys)
        ask(list(known.values_list("pk", flat=True)))
    move.reckon()


def unseen(document: Document) -> int:
    """How many places without lines nobody has called empty."""
    return CountBin.objects.filter(
        document=document, emptied_at__isnull=True, lines__isnull=True
    ).count()


def _flag_beyond(document: Document) -> int:
    """Ask for a recount of what is beyond tolerance and was counted once only; returns how many lines."""
    lines = list(figures.differing(document).filter(wanted=1, stale=False).select_related("item"))
    if not lines:
        return 0
    rates = figures.Rates(document, {line.item_id for line in lines})
    tolerances = figures.Tolerances(document.stocktake, document.company)
    return ask(
        [
            line.pk
            for line in lines
            if tolerances.of(line.item.category_id).beyond(
                line.difference, line.book or figures.ZERO, rates.value(line, line.difference)
            )
        ]
    )


def ask(lines: Sequence[int]) -> int:
    """Have counted lines counted once more by somebody else; returns how many."""
    return CountLine.objects.filter(pk__in=lines, round__gt=0, wanted=F("round")).update(
        wanted=F("round") + 1, asks=F("asks") + 1
    )


def _refuse_waiting(document: Document) -> None:
    rows = figures.again(document).select_related("place", "item").order_by("bin__position")
    waiting = rows.count()
    errors = [
        LineError(0, "recount", _("%(place)s: %(item)s has to be counted again.")
                  % {"place": row.place.code, "item": row.item.code})
        for row in rows[:_NAMED]
    ]  # fmt: skip
    message = ngettext(
        "%(count)d line has to be counted again first.",
        "%(count)d lines have to be counted again first.",
        waiting,
    )
    raise DocumentRefused(message % {"count": waiting}, code="recount", lines=errors)
