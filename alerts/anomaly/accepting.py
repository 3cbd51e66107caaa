"""The only writer of acceptances: somebody looked at a warning and says "it is right"; it is not said again."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.anomaly import patience, remarking
from alerts.anomaly.remarking import Remark
from alerts.models import Acceptance, Manner
from core.errors import NotAllowed
from core.said import noted
from people.access import Access
from people.models import User
from workflows import checks, states
from workflows.errors import DocumentRefused, WrongState
from workflows.models import Document, Task

_HANDS = ("inspect", "execute")
"""Steps at which figures are entered."""


@transaction.atomic
def accept(document: Document, line_key: str, code: str, *, actor: User, access: Access) -> None:
    """Say that a warning on a line is wrong: of a draft, or of what one carries out; the second time changes nothing.

    Raises WrongState when it is in other hands, NotAllowed for who may not write the draft, DocumentRefused
    for a warning that is not there.
    """
    _check(document, actor, access)
    line = document.lines.select_related(*checks.NAMES).filter(key=line_key).first()
    found = remarking.remarks(document, [line], access) if line is not None else []
    remark = next((one for one in found if one.found.code == code), None)
    if remark is not None:
        _keep(document, remark, actor)
    elif not Acceptance.objects.filter(document=document, line=line_key, code=code).exists():
        raise DocumentRefused(_("This is not said of the line (any more)."), code="no_warning")


def _check(document: Document, actor: User, access: Access) -> None:
    if document.state in states.EDITABLE:
        scope = document.warehouse.scope_id if document.warehouse else None
        if document.asker_id != actor.pk and not access.may("document.ask", scope):
            raise NotAllowed(_("Only whoever asked for it may do that."), right="document.ask")
        return
    mine = document.tasks.filter(user=actor, state=Task.State.OPEN, kind__in=_HANDS)
    if document.state not in states.RUNNING or not mine.exists():
        raise WrongState(_("%s cannot be edited any more.") % document, state=document.state)


def _keep(document: Document, remark: Remark, actor: User) -> None:
    Acceptance.objects.update_or_create(
        document=document,
        line=remark.line.key,
        code=remark.found.code,
        defaults={
            "mark": remark.found.mark[:80],
            "amount": remark.found.amount,
            "item": remark.line.item,
            "type": remark.type,
            "said": noted(remark.text),
            "by": actor,
            "at": timezone.now(),
        },
    )
    row = Manner.objects.select_for_update().filter(type=remark.type).first()
    if row is not None:
        levels = {code: (float(level), int(lines)) for code, (level, lines) in row.levels.items()}
        row.levels = patience.accepted(levels, remark.found.code, sum(row.hours))
        row.save(update_fields=["levels"])
