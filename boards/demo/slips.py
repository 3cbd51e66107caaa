"""Two drafts of the demo with a slip of the keys, labelled as such in their notes: try what is said of them."""

from decimal import Decimal

from alerts.anomaly import observing
from alerts.models import Habit
from boards.demo.words import said
from core.fields import plain
from people.access import access_for
from people.models import User
from stock.models import Item
from workflows import drafting

_SLIPS = (
    ("production_issue", "wulei", {"department": "PRD", "cost_object": "WO-3320"}),
    ("sales_out", "xulin", {"partner": "C01"}),
)
_NOTE = "练习：数量多打了一个零 Exercise: one zero too many"


def _unsteady(habit: Habit) -> float:
    """How many times its largest quantity is the smallest."""
    seen = [one.quantity for one in observing.unpacked(habit.seen)]
    return max(seen) / min(seen)


def write() -> None:
    """For each type a draft of the item that moves most steadily, with ten times its usual quantity."""
    for kind, username, header in _SLIPS:
        known = Habit.objects.filter(level=Habit.Level.ITEM, type=kind, total__gte=5)
        habit = min(known, key=lambda row: (_unsteady(row), row.subject), default=None)
        if habit is None:
            continue
        item = Item.objects.get(pk=habit.subject)
        seen = sorted(one.quantity for one in observing.unpacked(habit.seen))
        usual = Decimal(str(round(seen[len(seen) // 2])))
        user = User.objects.get(username=username)
        drafting.create(
            kind,
            actor=user,
            access=access_for(user),
            header={"warehouse": "MAIN", "note": said(_NOTE), **header},
            lines=[{"item": item.code, "quantity": plain(usual * 10)}],
        )
