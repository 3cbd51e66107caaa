"""Technical troubles: finance that does not get its vouchers, a book that is not proved right, no fresh backup.

What is wrong is said by whoever knows it (core.troubles); a rule of a kind watches one of its topics.
"""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from alerts.kinds import register
from alerts.kinds.base import Action, Finding, Kind, Touched
from alerts.models import Case, Rule
from core import troubles


def _kind(topic: str, label: str | Promise, about: str | Promise) -> Kind:
    def find(rule: Rule, touched: Touched, margin: bool) -> list[Finding]:
        del rule, touched, margin
        return [
            Finding("trouble", one.key, one.reason, dict(one.figures))
            for one in troubles.now(topic)
        ]

    def says(rule: Rule) -> str:
        del rule
        return str(about)

    def action(case: Case) -> Action | None:
        url = troubles.address(topic)
        del case
        return Action(url or reverse("boards:system"), gettext_lazy("See what is wrong"))

    return Kind(
        code=topic,
        label=label,
        about=about,
        group="system",
        watches="clock",
        find=find,
        says=says,
        action=action,
        scopes=(),
    )


SYNC = register(
    _kind(
        "sync",
        gettext_lazy("Finance not in step"),
        gettext_lazy("What was posted does not reach finance."),
    )
)
BOOK = register(
    _kind(
        "book",
        gettext_lazy("Book not proved"),
        gettext_lazy("The check of the book found something wrong, or has not run for two days."),
    )
)
BACKUP = register(
    _kind(
        "backup",
        gettext_lazy("No backup"),
        gettext_lazy("No backup was made for more than a day, or the last one failed."),
    )
)
