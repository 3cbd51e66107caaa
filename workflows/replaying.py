"""The facts of many old documents as they were when they were submitted, in a handful of statements.

What the steps saw is taken from the traces they kept; what no step asked then is worked out from the
document's content. As of now are only: categories of items, roles of askers, which of the other documents
are posted, and stock below zero where no step asked for it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from people.models import Membership
from stock.models import Category
from workflows import amounts, conditions
from workflows.document_types import ORDERS
from workflows.facts import counted, delivers
from workflows.models import Document, Editor, Line, StepRun

_MONTH = timedelta(days=30)
_TRACED = ("times_30_days", "asker_role", "lot_expired", "below_zero", "late")
"""Facts of the moment: the document's content alone does not tell them."""


@dataclass(slots=True)
class Old:
    """One document of the past: its facts, who must not decide it, and its steps as they were run."""

    document: Document
    facts: dict[str, Any]
    barred: set[int]
    runs: list[StepRun] = field(default_factory=list)


def submitted(document: Document) -> datetime:
    """When it was submitted; imported documents count from when they happened."""
    if document.batch and document.effective_at is not None:
        return document.effective_at
    return document.submitted_at or document.created_at


class Replay:
    """Reads documents of one type chunk by chunk; ``asked`` are the fields that conditions ask for."""

    def __init__(self, asked: Iterable[str]) -> None:
        self.asked = set(asked)
        self._parents: dict[int, tuple[str, int | None]] = {}
        if "category" in self.asked:
            rows = Category.objects.values_list("pk", "code", "parent")
            self._parents = {pk: (code, up) for pk, code, up in rows}
        self._roles: dict[int, list[str]] = defaultdict(list)
        if "asker_role" in self.asked:
            held = Membership.objects.order_by("role__code").values_list("user", "role__code")
            for user, code in held:
                self._roles[user].append(code)

    def read(self, documents: Sequence[Document]) -> list[Old]:
        """The documents with their facts; the number of statements does not depend on how many they are."""
        keys = [document.pk for document in documents]
        lines: dict[int, list[Line]] = defaultdict(list)
        rows = Line.objects.filter(document__in=keys).select_related("item", "lot", "reason")
        for line in rows.order_by("document_id", "position", "pk"):
            lines[line.document_id].append(line)
        runs: dict[int, list[StepRun]] = defaultdict(list)
        for run in StepRun.objects.filter(document__in=keys).order_by("pk"):
            runs[run.document_id].append(run)
        barred: dict[int, set[int]] = defaultdict(set)
        for document_id, user in Editor.objects.filter(document__in=keys).values_list(
            "document", "user"
        ):
            barred[document_id].add(user)
        times = self._times(documents, lines)
        approved = self._approved(documents)
        found = []
        for document in documents:
            facts = self._facts(document, lines[document.pk])
            facts["ordered"] = document.source_id in approved and delivers(
                document, lines[document.pk], approved[document.source_id]
            )
            facts["times_30_days"] = Decimal(times.get(document.pk, 0))
            facts |= _traced(runs[document.pk])
            asker = {document.asker_id} if document.asker_id else set()
            out = barred[document.pk] | asker
            found.append(Old(document, facts, out, runs[document.pk]))
        return found

    def _facts(self, document: Document, lines: list[Line]) -> dict[str, Any]:
        day = submitted(document).astimezone(ZoneInfo(document.company.time_zone)).date()
        reasons = [document.reason, *(line.reason for line in lines)]
        facts: dict[str, Any] = {
            "amount": document.amount,
            "quantity": sum((amounts.base(one, amounts.planned(one)) for one in lines), Decimal(0)),
            "lines": Decimal(len(lines)),
            "variance_percent": amounts.difference_percent(document, lines),
            "category": self._categories(lines),
            "warehouse": document.warehouse.code if document.warehouse else "",
            "target_warehouse": document.target_warehouse.code if document.target_warehouse else "",
            "reason": sorted({reason.code for reason in reasons if reason is not None}),
            "partner": document.partner.code if document.partner else "",
            "department": document.department.code if document.department else "",
            "asker_role": self._roles[document.asker_id or 0],
            "lot_expired": any(
                line.lot is not None
                and line.lot.expires_on is not None
                and line.lot.expires_on < day
                for line in lines
            ),
            "below_zero": bool(document.override),
            "without_original": document.kind.returns
            and any(line.original_id is None for line in lines),
            "late": _late(document, day),
            "differences": Decimal(0),
            "recounts": Decimal(0),
        } | counted(document)
        for key, value in document.custom.items():
            for kind in conditions.OPERATORS:
                facts[f"custom:{key}:{kind}"] = value
        return facts

    def _categories(self, lines: list[Line]) -> list[str]:
        found: set[str] = set()
        for line in lines:
            key: int | None = line.item.category_id
            while key is not None and key in self._parents and self._parents[key][0] not in found:
                code, key = self._parents[key]
                found.add(code)
        return sorted(found)

    def _approved(self, documents: Sequence[Document]) -> dict[int | None, dict[int, Line]]:
        """Order → its lines by id, for the documents that were made from orders."""
        if "ordered" not in self.asked:
            return {}
        found: dict[int | None, dict[int, Line]] = defaultdict(dict)
        sources = {one.source_id for one in documents if one.source_id}
        for line in Line.objects.filter(document__in=sources, document__type__in=ORDERS):
            found[line.document_id][line.pk] = line
        return found

    def _times(self, documents: Sequence[Document], lines: dict[int, list[Line]]) -> dict[int, int]:
        """Per document how many others with one of its items were posted in the 30 days before it."""
        if "times_30_days" not in self.asked or not documents:
            return {}
        moments = [submitted(document) for document in documents]
        rows = Line.objects.filter(
            document__type=documents[0].type,
            document__state="posted",
            document__posted_at__gte=min(moments) - _MONTH,
            document__posted_at__lte=max(moments),
        ).values_list("item_id", "document__posted_at", "document_id")
        posted: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        for item, at, key in rows.distinct().order_by("document__posted_at", "document_id"):
            if at is not None:
                posted[item].append((at, key))
        counts = {}
        for document, until in zip(documents, moments, strict=True):
            others: set[int] = set()
            for item in {line.item_id for line in lines[document.pk]}:
                there = posted[item]
                first = bisect_left(there, (until - _MONTH, 0))
                others |= {key for _at, key in there[first : bisect_left(there, (until, 0))]}
            counts[document.pk] = len(others - {document.pk})
        return counts


def _late(document: Document, day: Any) -> bool:
    if document.effective_at is None or document.batch:
        return False
    zone = ZoneInfo(document.company.time_zone)
    return bool(document.effective_at.astimezone(zone).date() < day)


def _traced(runs: Sequence[StepRun]) -> dict[str, Any]:
    """What the first step of the last submission that asked for a fact of the moment saw."""
    found: dict[str, Any] = {}
    last = max((run.content_version for run in runs), default=0)
    for run in runs:
        if run.content_version != last:
            continue
        for row in run.trace:
            if row.get("field") in _TRACED and row["field"] not in found:
                number = conditions.kind_of(row["field"]) == "number"
                found[row["field"]] = Decimal(row["actual"]) if number else row["actual"]
    return found
