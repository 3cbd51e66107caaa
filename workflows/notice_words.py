"""The words of notices about documents, put together in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from people.notice_kinds import NoticeKind, register
from workflows import document_types
from workflows.models import FollowUp


def _words(data: Mapping[str, Any]) -> dict[str, Any]:
    zh = (get_language() or "").startswith("zh")
    step = data.get("step_zh" if zh else "step_en") or ""
    name = data.get("name_zh" if zh else "name_en") or ""
    words = {
        **data,
        "name": name,
        "type": document_types.label(str(data.get("type", ""))),
        "step": step,
    }
    if "kind" in data:
        words["kind"] = dict(FollowUp.Kind.choices).get(data["kind"], data["kind"])
    return words


def register_all() -> None:
    """Make the kinds known."""
    for code, text, icon in (
        ("workflows.task", _("%(type)s %(number)s waits for you: %(step)s."), "check"),
        ("workflows.urged", _("%(by)s asks you to look at %(type)s %(number)s: %(step)s."), "bell"),
        ("workflows.overdue", _("%(type)s %(number)s is overdue: %(step)s."), "clock"),
        ("workflows.escalated", _("%(type)s %(number)s was not done in time: %(step)s."), "clock"),
        ("workflows.returned", _("%(by)s returned %(type)s %(number)s: %(text)s"), "undo"),
        ("workflows.refused", _("%(by)s refused %(type)s %(number)s: %(text)s"), "x"),
        ("workflows.mentioned", _("%(by)s in %(type)s %(number)s: %(text)s"), "chat"),
        ("workflows.copied", _("%(by)s sent you a copy of %(type)s %(number)s."), "copy"),
        ("workflows.feedback", _("%(type)s %(number)s differs from what you asked for."), "warn"),
        (
            "workflows.short",
            _("%(type)s %(number)s: not everything that it needs could be reserved."),
            "warn",
        ),
        ("workflows.followup", _("%(kind)s of %(type)s %(number)s waits for you."), "truck"),
        (
            "workflows.followup_cancelled",
            _("%(type)s %(number)s was reversed: %(kind)s is off."),
            "x",
        ),
        (
            "workflows.proposed",
            _("%(by)s proposes version %(number)s of “%(name)s”. Look at it and activate it."),
            "flow",
        ),
        ("workflows.nobody", _("Nobody was found for %(type)s %(number)s: %(step)s."), "warn"),
    ):
        register(NoticeKind(code, text, icon, localise=_words))
