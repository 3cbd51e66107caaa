"""One move of a document under the lock: the document, its lines, who moves it, and what must be logged."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from core import asked
from core.fields import plain
from core.together import Writes
from people.access import Access
from people.models import User
from workflows import amounts, clock, content, facts, papers, who
from workflows.counting import figures
from workflows.errors import DocumentRefused
from workflows.models import Document, Editor, Event, Line, StepRun, Task
from workflows.steps import Options, Step


@dataclass
class Move:
    """What one call of the door works on; bodies change it, the door saves and logs it.

    What is read of the document is read once. ``writes`` wait until the move is saved, or until somebody
    must find them in the database (``reread``, ``route`` for the keys of steps).
    """

    document: Document
    actor: User | None
    access: Access
    verb: str
    now: datetime
    reason: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    door: str = "form"
    task: Task | None = None
    events: list[Event] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    notices: list[tuple[list[int], str, dict[str, Any]]] = field(default_factory=list)
    after: list[Callable[[], None]] = field(default_factory=list)
    """What is done in the same transaction once the document is saved: it may move the document on."""
    writes: Writes = field(default_factory=Writes)
    was: str = ""
    """The state in which the document was read."""

    def __post_init__(self) -> None:
        """Remember how the document was."""
        self.was = self.document.state

    def tell(self, users: Iterable[int], kind: str, data: dict[str, Any] | None = None) -> None:
        """Put a notice that leads to the document behind the bell of users, once it is saved.

        Its type and number are in the data then: a number is given last.
        """
        told = [pk for pk in dict.fromkeys(users) if self.actor is None or pk != self.actor.pk]
        if told:
            self.notices.append((told, kind, data or {}))

    @cached_property
    def lines(self) -> list[Line]:
        """The lines in order."""
        return papers.lines(self.document)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What conditions may ask; forget it (``reckon``) after lines were changed."""
        known = {}
        if self.document.kind.shape == "count":
            found = self.findings
            known = {
                "differences": Decimal(len(found.differences)),
                "recounts": Decimal(found.waiting),
            }
        return facts.gather(self.document, self.lines, known)

    @cached_property
    def findings(self) -> figures.Findings:
        """What was found in a stocktake."""
        return figures.findings(self.document)

    @cached_property
    def counted(self) -> str:
        """What approvals of a stocktake are bound to beside its content."""
        return self.findings.digest()

    def reckon(self) -> None:
        """Ask anew next time what follows from the lines: they were changed."""
        self.__dict__.pop("facts", None)
        self.__dict__.pop("counted", None)
        self.__dict__.pop("findings", None)

    def forget(self) -> None:
        """Read everything anew next time: the document was moved by another."""
        self.reckon()
        self.__dict__.pop("lines", None)
        self.was = self.document.state
        self.reread()

    def reread(self) -> None:
        """Write what waits, and read steps, tasks and editors anew next time: they were written directly."""
        self.writes.send()
        self.again()
        self.__dict__.pop("editors", None)

    def again(self) -> None:
        """Read steps and tasks anew when they are asked for next: one was added whose key is not known."""
        self.__dict__.pop("_work", None)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the version that the document is on."""
        return self.document.process.read_steps() if self.document.process else ()

    @cached_property
    def options(self) -> Options:
        """The options of that version."""
        return self.document.process.read_options() if self.document.process else Options()

    @cached_property
    def _work(self) -> tuple[list[StepRun], list[Task]]:
        self.writes.send()
        return papers.work(self.document)

    @property
    def runs(self) -> list[StepRun]:
        """The steps as they were run, oldest first; whoever writes one keeps this up to date."""
        return self._work[0]

    @property
    def tasks(self) -> list[Task]:
        """The tasks of these steps, oldest first; whoever writes one keeps this up to date."""
        return self._work[1]

    @cached_property
    def editors(self) -> set[int]:
        """Who wrote content."""
        return papers.editors(self.document)

    @property
    def barred(self) -> set[int]:
        """Who must not approve: the asker and everybody who wrote content."""
        return who.barred(self.document, self.editors)

    def sign(self, *users: int) -> None:
        """These have written content: they are editors from now on."""
        new = [pk for pk in users if pk not in self.editors]
        Editor.objects.bulk_create(
            [Editor(document=self.document, user_id=pk) for pk in new], ignore_conflicts=True
        )
        self.editors.update(new)

    @cached_property
    def staff(self) -> who.Staff:
        """Who is looked up for this document; the roles of its steps are read together."""
        found = who.Staff()
        found.expect(who.roles_of(self.steps, self.document))
        return found

    @cached_property
    def calendar(self) -> clock.Calendar:
        """The working time of its company."""
        return clock.calendar_with(self.document)

    @property
    def open_run(self) -> StepRun | None:
        """The run that is open now, if any (finance runs aside)."""
        ours = [run for run in self.runs if run.left_at is None and run.kind != "finance"]
        return ours[-1] if ours else None

    def log(self, verb: str, **facts_: Any) -> None:
        """Note something for the timeline; written when the move is saved."""
        data = facts_.pop("data", {})
        given = {
            "actor": self.actor,
            "old_state": self.document.state,
            "new_state": self.document.state,
            "step": self.document.step,
            "content_version": self.document.content_version,
            **facts_,
        }
        self.events.append(
            Event(
                document=self.document, at=self.now, verb=verb, door=self.door, data=data, **given
            )
        )


def whole(value: Any) -> int:
    """A whole number that a key of the database can hold; 0 for anything else."""
    return asked.whole(value) or 0


def rows(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """``data.lines`` as a list of objects; raises DocumentRefused for anything else."""
    given = data.get("lines") or ()
    if not isinstance(given, list | tuple) or not all(isinstance(row, Mapping) for row in given):
        raise DocumentRefused(_("Lines are a list of objects with a key."), code="lines")
    return list(given)


def excess(move: Move) -> list[dict[str, str]]:
    """What was carried out beyond what was approved: lines over the tolerance, or the amount.

    Empty while everything is within tolerance; what it says is part of what an approval is bound to.
    """
    document, options = move.document, move.options
    limit = 1 + Decimal(options.over_percent) / 100
    found = [
        {"line": str(line.key), "actual": plain(line.actual)}
        for line in move.lines
        if line.actual is not None
        and line.actual > (planned := amounts.planned(line))
        and line.actual > planned * limit
    ]
    if any(line.actual is not None for line in move.lines) and document.amount > 0:
        now = move.facts["amount"]
        if now > document.amount * (1 + Decimal(options.amount_percent) / 100):
            found.append({"amount": plain(now)})
    return found


def input_hash(step: Step, move: Move) -> str:
    """What the step looks at; a step that was done is done again only when this has changed."""
    if step.kind == "confirm":
        return content.hashed(move.document, move.lines, confirmed=False)
    if step.about.decides:
        whole, beyond = bound(move), excess(move)
        return sha256(f"{whole}{json.dumps(beyond)}".encode()).hexdigest() if beyond else whole
    if step.about.writes == "actual" and move.document.kind.shape == "count":
        first = next(one.key for one in move.steps if one.about.writes == "actual")
        return "everything" if step.key == first else move.findings.asked()
    if step.about.writes == "actual":
        plan = [(str(line.key), line.item_id, plain(amounts.planned(line))) for line in move.lines]
        return sha256(json.dumps(plan).encode()).hexdigest()
    return bound(move)


def bound(move: Move) -> str:
    """What approvals are bound to: the content as it was submitted or confirmed.

    Lots and places that are chosen while it is carried out do not change it, unless somebody agreed to
    go below zero or to issue an expired lot: that was agreed of these lots and places only.
    """
    document = move.document
    if document.kind.shape == "count":
        return sha256(f"{document.content_hash}{move.counted}".encode()).hexdigest()
    if document.override or document.accept_expired:
        return content.hashed(document, move.lines)
    return document.content_hash
