"""How long documents take: per step and as a whole, the last 30 days beside the 30 before; the page and its tiles."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from boards.homes import asking, places
from core.columns import Column, Filter, Table
from people.homes import Asked, Figure, Tile
from workflows import document_types, wording
from workflows.finding import RECENT
from workflows.models import StepRun

MOST = 2_000
"""The newest documents and steps of each stretch that are looked at."""
WHOLE = "whole"


@dataclass(slots=True)
class Row:
    """One step of one type (or the whole of it): how long it took now and before, in seconds."""

    type: str
    step: str
    name: str
    now: list[float] = field(default_factory=list)
    then: list[float] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type in words; of the row of everything, that."""
        return str(document_types.BY_CODE[self.type].label) if self.type else _("All documents")

    @property
    def number(self) -> int:
        """How many ended there lately."""
        return len(self.now)

    @property
    def seconds(self) -> int:
        """The median of the last 30 days."""
        return round(median(self.now)) if self.now else 0

    @property
    def before(self) -> int | None:
        """The median of the 30 days before."""
        return round(median(self.then)) if self.then else None

    @property
    def change(self) -> int | None:
        """Percent against the days before."""
        return round(100 * (self.seconds - self.before) / self.before) if self.before else None

    @property
    def median_words(self) -> str:
        """The median as people say it."""
        return _lasted(self.seconds)

    @property
    def change_words(self) -> str:
        """The change as people say it; empty without days before."""
        return _percent(self.change)

    @property
    def weight(self) -> int:
        """Seconds that documents spent there: what would be saved without it."""
        return round(sum(self.now))


def rows(asked: Asked) -> list[Row]:
    """Whole types and their steps, as far as the reader sees the documents; four statements, once per page."""

    def read() -> list[Row]:
        found: dict[tuple[str, str], Row] = {}
        for stretch, begin, end in _stretches(asked.now):
            for key, name, seconds in [*_whole(asked, begin, end), *_steps(asked, begin, end)]:
                row = found.setdefault(key, Row(key[0], key[1], name))
                getattr(row, stretch).append(seconds)
        return [row for row in found.values() if row.now]

    made: list[Row] = asked.once("handling", read)
    return made


def _stretches(now: datetime) -> list[tuple[str, datetime, datetime]]:
    return [
        ("now", now - RECENT, now + timedelta(days=1)),
        ("then", now - 2 * RECENT, now - RECENT),
    ]


def _whole(asked: Asked, begin: datetime, end: datetime) -> list[Any]:
    done = asking.documents(asked).filter(
        ~Q(door="import"), posted_at__gte=begin, posted_at__lt=end, submitted_at__isnull=False
    )
    found: list[Any] = []
    for kind, submitted, posted in done.order_by("-posted_at").values_list(
        "type", "submitted_at", "posted_at"
    )[:MOST]:
        if posted is None or submitted is None:
            continue
        seconds = (posted - submitted).total_seconds()
        found.append(((kind, WHOLE), _("submitted to posted"), seconds))
        found.append((("", WHOLE), _("submitted to posted"), seconds))
    return found


def _steps(asked: Asked, begin: datetime, end: datetime) -> list[Any]:
    """Steps that people did; those passed by rule took nobody's time."""
    done = StepRun.objects.filter(
        document__in=asking.documents(asked).order_by().values("pk"),
        outcome=StepRun.Outcome.DONE,
        left_at__gte=begin,
        left_at__lt=end,
    ).exclude(kind__in=["post", "finance"])
    zh = (get_language() or "").startswith("zh")
    return [
        ((kind, step), (zh_name if zh else en_name) or step, _between(entered, left))
        for kind, step, en_name, zh_name, entered, left in done.order_by("-left_at").values_list(
            "document__type", "step", "name_en", "name_zh", "entered_at", "left_at"
        )[:MOST]
    ]


def _between(begin: datetime, end: datetime | None) -> float:
    return (end - begin).total_seconds() if end else 0.0


def table(asked: Asked, may: Any) -> Table:
    """The list: whole documents first, then the steps where most time goes."""
    return Table(
        name="handling",
        title=_("Handling time"),
        caption=_("Medians of the last 30 days beside the 30 days before"),
        columns=_columns(),
        rows=ordered(rows(asked)),
        filters=[
            Filter(
                "of",
                _("Show"),
                _narrow,
                lambda: [("whole", _("whole documents")), ("steps", _("steps"))],
            ),
            Filter(
                "type",
                _("Type"),
                lambda found, value: [row for row in found if row.type == value],
                lambda: document_types.CHOICES,
            ),
        ],
        may=may,
        empty=_("Nothing was finished in the last 30 days."),
    )


def ordered(found: list[Row]) -> list[Row]:
    """All documents, whole types, then steps; where most time goes first."""
    return sorted(found, key=lambda row: (row.step != WHOLE, bool(row.type), -row.weight))


def _narrow(found: list[Row], value: str) -> list[Row]:
    return [row for row in found if (row.step == WHOLE) == (value == "whole")]


def _columns() -> list[Column]:
    return [
        Column("type", _("Document type"), "kind", card="s"),
        Column("name", _("From → to"), card="m"),
        Column("number", _("Documents"), kind="number", sort="number", card="x"),
        Column("seconds", _("Median"), lambda row: _lasted(row.seconds), sort="seconds", card="n"),
        Column(
            "before",
            pgettext("a stretch of time", "Before"),
            lambda row: _lasted(row.before),
            card="x",
        ),
        Column("change", _("Change"), lambda row: _percent(row.change), sort="change", card="t"),
        Column("weight", _("Time in all"), lambda row: _lasted(row.weight), sort="weight"),
    ]


def _lasted(seconds: int | None) -> str:
    return "" if seconds is None else wording.lasted(timedelta(seconds=seconds))


def _percent(change: int | None) -> str:
    return "" if change is None else f"{change:+d} %".replace("-", "\u2212")


def bottleneck(asked: Asked) -> Row | None:
    """The step where most time goes."""
    found = [row for row in ordered(rows(asked)) if row.step != WHOLE]
    return found[0] if found else None


def _handling(asked: Asked) -> Figure | None:
    everything = next((row for row in rows(asked) if not row.type), None)
    if everything is None:
        return None
    return Figure(
        everything.seconds,
        asking.address("boards:handling", of="whole"),
        text=wording.lasted(timedelta(seconds=everything.seconds), short=True),
        note=_percent(everything.change)
        and _("%(change)s against the 30 days before") % {"change": _percent(everything.change)},
        series=_recent(everything.now),
        past=_("the last documents, one by one"),
    )


def _slowest(asked: Asked) -> Figure | None:
    row = bottleneck(asked)
    if row is None:
        return None
    return Figure(
        row.seconds,
        asking.address("boards:handling", of="steps"),
        text=wording.lasted(timedelta(seconds=row.seconds), short=True),
        note=f"{row.kind} · {row.name}",
        series=_recent(row.now),
        past=_("the last documents, one by one"),
    )


def _recent(seconds: list[float]) -> list[int]:
    """The newest, oldest first; they come newest first."""
    return [round(one) for one in seconds[:14]][::-1]


TILES = (
    Tile(
        "handling",
        gettext_lazy("Submitted to posted"),
        {places.MANAGER: 10, places.WAREHOUSE: 20},
        _handling,
        check=False,
    ),
    Tile("bottleneck", gettext_lazy("Slowest step"), {places.MANAGER: 11}, _slowest, check=False),
)
