"""Problems that people report from the floor: nobody looks for them, so this kind finds nothing by itself."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.kinds import register, wording
from alerts.kinds.base import Action, Finding, Kind, Touched
from alerts.models import Case, Rule


def _nothing(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
    del rule, touched, margin
    return []


def _action(case: Case) -> Action | None:
    if case.document is not None:
        url = reverse("workflows:page", args=[case.document.key])
        return Action(url, gettext_lazy("Open the document"))
    if case.item_id is not None:
        url = reverse("stock:item", args=[case.item_id])
        return Action(url, gettext_lazy("Put it on hold"), "hold")
    return None


KIND = register(
    Kind(
        code="problem",
        label=gettext_lazy("Reported problem"),
        about=gettext_lazy(
            "What people report with the phone: something damaged, missing or in the wrong place."
        ),
        group="people",
        watches="clock",
        find=_nothing,
        says=lambda rule: (
            _("Somebody reports a problem, in %(place)s.") % {"place": wording.place(rule)}
        ),
        action=_action,
        scopes=("warehouse",),
        lasting=False,
    )
)
