"""Which way a document would go: per step whether it is needed, passes by rule, or whom it asks, and why.

The preview asks it of a draft, the simulator of old documents and another version; nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows import conditions, who
from workflows.models import Document
from workflows.steps import Step
from workflows.who import Asked


@dataclass(frozen=True, slots=True)
class Forecast:
    """One step: ``outcome`` is skip, auto, ask, nobody, system."""

    step: Step
    outcome: str
    people: Sequence[Asked] = ()
    trace: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stops(self) -> bool:
        """Whether somebody has to do something."""
        return self.outcome in {"ask", "nobody"}


def forecast(
    steps: Sequence[Step], document: Document, facts: Mapping[str, Any], *, ask: bool = True
) -> list[Forecast]:
    """The way of the document; ``ask=False`` leaves the people out (cheaper)."""
    barred = who.barred(document)
    found = []
    for step in steps:
        needed = conditions.evaluate(step.when, facts, empty=True)
        if not needed.holds:
            found.append(Forecast(step, "skip", trace=needed.trace))
            continue
        if step.about.decides or step.kind == "confirm":
            rule = conditions.evaluate(step.auto, facts, empty=False)
            if rule.holds:
                found.append(Forecast(step, "auto", trace=rule.trace))
                continue
        if step.automatic:
            found.append(Forecast(step, "system", trace=needed.trace))
            continue
        people = who.people(step, document, barred=barred) if ask else ()
        outcome = "ask" if people or not ask else "nobody"
        found.append(Forecast(step, outcome, people, needed.trace))
    return found
