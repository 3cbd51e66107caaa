"""The first steps of a new user: a line on his home until he has done them or puts it away."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boards.demo import leaving
from people.access import Access
from people.models import User
from workflows.models import Document, Event, Task

NEW = timedelta(days=30)
"""Longer than this nobody is new."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try; ``needs`` is the right without which it is not offered."""

    code: str
    label: str | Promise
    url: str
    needs: str = ""
    demo: bool = False
    """Only while the system is the demo."""


STEPS: tuple[Step, ...] = (
    Step("look", _("Choose language, density and home"), "people:profile"),
    Step("find", _("Find an item: scan it, or type its initials"), "boards:search"),
    Step("ask", _("Ask for a change of stock"), "workflows:documents", "document.ask"),
    Step("decide", _("Decide something that waits"), "workflows:inbox", "document.approve"),
    Step("carry", _("Carry something out"), "workflows:inbox", "document.execute"),
    Step(
        "real", _("Start for real, with an empty system"), "boards:for_real", "system.manage", True
    ),
    Step("guide", _("Read the guide of your work"), "boards:guides"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The line: steps with whether each is done."""

    steps: list[tuple[Step, bool]]

    @property
    def done(self) -> int:
        """How many are."""
        return sum(done for _step, done in self.steps)


def shown(user: User, access: Access) -> Shown | None:
    """What is still to try; None for whoever is not new, has done it, or has put it away. One statement."""
    kept = user.first_day
    if kept.get("away") or timezone.now() - user.date_joined > NEW:
        return None
    seen = (
        User.objects.filter(pk=user.pk)
        .annotate(
            ask=Exists(Document.objects.filter(asker=OuterRef("pk"))),
            decide=Exists(Task.objects.filter(decided_by=OuterRef("pk"))),
            carry=Exists(Event.objects.filter(actor=OuterRef("pk"), verb__in=["post", "complete"])),
        )
        .values("ask", "decide", "carry")
        .get()
    )
    steps = [
        (step, step.code in kept.get("done", []) or bool(seen.get(step.code)))
        for step in STEPS
        if (not step.needs or access.may(step.needs)) and (not step.demo or leaving.is_demo())
    ]
    return None if all(done for _step, done in steps) else Shown(steps)


def go(user: User, code: str) -> str:
    """Note that a step was tried; answers where it is. Raises LookupError for an unknown step."""
    step = next((one for one in STEPS if one.code == code), None)
    if step is None:
        raise LookupError(code)
    _keep(user, done=sorted({*user.first_day.get("done", []), code}))
    return reverse(step.url)


def put_away(user: User) -> None:
    """Do not show it again."""
    _keep(user, away=True)


def _keep(user: User, **change: object) -> None:
    user.first_day = {**user.first_day, **change}
    User.objects.filter(pk=user.pk).update(first_day=user.first_day)
