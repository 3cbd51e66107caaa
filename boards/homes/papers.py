"""Tiles about documents: what waits for the reader, what is late, ready, short, blocked, unusual, stuck."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.homes import asking, places, series
from people.homes import Asked, Figure, Text, Tile
from workflows import finding, states, wording
from workflows.models import StepRun, Task

W, M, P, S = places.WAREHOUSE, places.MANAGER, places.PROCUREMENT, places.SALES
R, F_, A, K = places.PRODUCTION, places.FINANCE, places.ADMIN, places.WORK
_ENDED = Coalesce("decided_at", "run__left_at")


def _past(rows: Any, began: str, ended: Any, asked: Asked) -> list[int]:
    return series.standing(rows, began, ended, asked.now, asking.zone(asked))


def _todo(asked: Asked, *, kinds: Sequence[str] = (), overdue: bool = False) -> Figure:
    """The reader's open tasks: all, of some types, or those that are late; with the age of the oldest."""
    mine = Task.objects.filter(user=asked.user)
    if kinds:
        mine = mine.filter(document__type__in=kinds)
    waiting = mine.filter(state=Task.State.OPEN)
    if overdue:
        mine, waiting = mine.filter(due_at__isnull=False), waiting.filter(due_at__lte=asked.now)
    number = waiting.count()
    past = _past(
        mine.exclude(state=Task.State.WAITING), "due_at" if overdue else "created_at", _ENDED, asked
    )
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    note = ""
    if oldest is not None:
        time = wording.lasted(asked.now - oldest, short=True)
        note = _("the oldest for %(time)s") % {"time": time}
    return Figure(
        number,
        asking.address("workflows:inbox", type=",".join(kinds), late="1" if overdue else ""),
        note=note,
        before=past[-2],
        against=_("yesterday"),
        series=[*past[:-1], number],
        past=_("open at the end of each day"),
        tone="bad" if overdue else "",
    )


def _found(
    asked: Asked,
    question: str,
    *,
    kind: str = "",
    state: str = "",
    tone: str = "",
    note: Text = "",
    mine: bool = False,
) -> Figure:
    """How many documents a question finds, and when they came."""
    about = finding.FINDINGS.get(question)
    rows = asking.documents(asked)
    if kind:
        rows = rows.filter(type=kind)
    if state:
        rows = rows.filter(state=state)
    if mine:
        rows = rows.filter(asker=asked.user)
    at = asking.moment(asked)
    number = finding.narrow(rows, question, at).count()
    before = None
    field = about.field if about else ""
    if about is not None and field:
        window = about.window
        earlier = about.narrow(rows, finding.Moment(at.now - window, at.zone))
        before = earlier.filter(**{f"{field}__lt": at.now - window}).count()
    past = (
        series.per_day(finding.narrow(rows, question, at), field or "submitted_at", at.now, at.zone)
        if number
        else []
    )
    return Figure(
        number,
        asking.address(
            "workflows:documents",
            type=kind,
            state=state,
            view="mine" if mine else "",
            **{"is": question},
        ),
        note=note,
        before=before,
        against=_("the %(days)s days before") % {"days": about.window.days}
        if about and field
        else "",
        series=past,
        past=_("of these, by day"),
        tone=tone,
    )


def _steps(
    asked: Asked, *, kinds: Sequence[str], url: dict[str, str], state: Sequence[str]
) -> Figure:
    """Documents in some states, with how many stood at such steps at the end of each day."""
    rows = asking.documents(asked).filter(state__in=state)
    if "is" in url:
        rows = finding.narrow(rows, url["is"], asking.moment(asked))
    runs = StepRun.objects.filter(
        kind__in=kinds, document__in=asking.documents(asked).order_by().values("pk")
    )
    past = _past(runs, "entered_at", F("left_at"), asked)
    number = rows.count()
    return Figure(
        number,
        asking.address("workflows:documents", **url),
        before=past[-2],
        against=_("yesterday"),
        series=[*past[:-1], number],
        past=_("at such steps at the end of each day"),
    )


def _question(
    code: str,
    label: Text,
    homes: dict[str, int],
    question: str,
    rights: tuple[str, ...] = (),
    **asked: Any,
) -> Tile:
    """A tile that counts what a ready-made question of the documents finds; it leads to the same question."""
    return Tile(code, label, homes, partial(_found, question=question, **asked), rights)


TILES = (
    Tile("todo", gettext_lazy("Waits for me"), {M: 1, P: 1, S: 1, R: 1, F_: 1, A: 1, K: 1}, _todo),
    Tile("overdue", gettext_lazy("Overdue for me"), {W: 2, M: 2, P: 2, S: 2, R: 2, F_: 2, K: 2}, partial(_todo, overdue=True)),
    Tile("ready", gettext_lazy("To carry out"), {W: 3}, partial(_steps, kinds=("inspect", "execute", "post"), url={"is": "ready"}, state=(states.APPROVED, states.IN_EXECUTION))),
    Tile("in_approval", gettext_lazy("In approval"), {M: 3}, partial(_steps, kinds=("approve", "confirm"), url={"state": states.IN_APPROVAL}, state=(states.IN_APPROVAL,))),
    _question("late", gettext_lazy("Late documents"), {W: 4, M: 4}, "late", tone="bad"),
    _question("purchase_orders", gettext_lazy("Open purchase orders"), {P: 18}, "running", kind="purchase_order"),
    _question("sales_orders", gettext_lazy("Open sales orders"), {S: 18}, "running", kind="sales_order"),
    _question("production_orders", gettext_lazy("Open production orders"), {R: 18}, "running", kind="production_order"),
    _question("counts", gettext_lazy("Stocktakes under way"), {W: 14, M: 42}, "running", kind="stocktake"),
    _question("late_receipts", gettext_lazy("Late receipts"), {P: 20}, "late", kind="purchase_in", tone="bad"),
    _question("late_shipments", gettext_lazy("Late shipments"), {S: 20}, "late", kind="sales_out", tone="bad"),
    _question("short_receipts", gettext_lazy("Arrived short"), {P: 21}, "short", kind="purchase_in", tone="warn"),
    _question("over_receipts", gettext_lazy("Arrived over"), {P: 22}, "over", kind="purchase_in", tone="warn"),
    Tile("confirm_price", gettext_lazy("Receipts for me to confirm"), {P: 3}, partial(_todo, kinds=("purchase_in",))),
    _question("unpriced", gettext_lazy("Receipts without a price"), {P: 4, F_: 30}, "unpriced", kind="purchase_in", tone="warn", rights=("cost.view",)),
    _question("blocked_sales", gettext_lazy("Blocked: lacks stock"), {S: 11}, "blocked", kind="sales_out", tone="bad"),
    Tile("returns_for_me", gettext_lazy("Returns that wait for me"), {S: 12}, partial(_todo, kinds=("sales_return",))),
    _question("returns_running", gettext_lazy("Returns on their way"), {S: 13}, "ready", kind="sales_return"),
    _question("to_pick", gettext_lazy("Material to be picked"), {R: 3}, "ready", kind="production_issue"),
    _question("blocked_material", gettext_lazy("Material lacking"), {R: 4}, "blocked", kind="production_issue", tone="bad"),
    _question("over_used", gettext_lazy("Used more than planned"), {R: 20}, "over", kind="production_issue", tone="warn"),
    _question("big", gettext_lazy("Unusually large"), {M: 20}, "big", tone="warn", note=gettext_lazy("over 4 times the usual, 7 days"), rights=("cost.view",)),
    _question("odd_hour", gettext_lazy("At an odd hour"), {M: 21}, "odd_hour", tone="warn", note=gettext_lazy("22–6 h, 7 days")),
    _question("repeated", gettext_lazy("Again and again"), {M: 22}, "repeated", tone="warn", note=gettext_lazy("3 corrections by one person in 30 days")),
    _question("after_close", gettext_lazy("Changed after the close"), {F_: 21}, "after_close", tone="bad"),
    _question("backdated", gettext_lazy("Dated back"), {F_: 22}, "backdated", tone="warn"),
    _question("reversed", gettext_lazy("Reversed"), {F_: 23}, "reversed"),
    _question("stuck", gettext_lazy("Stuck: nobody is asked"), {A: 10, M: 30}, "stuck", tone="bad"),
    _question("mine_running", gettext_lazy("My requests on their way"), {K: 3, R: 5}, "running", mine=True),
    _question("mine_returned", gettext_lazy("Returned to me"), {K: 4, R: 6, S: 5, P: 5}, "", state=states.RETURNED, mine=True, tone="warn"),
)  # fmt: skip
