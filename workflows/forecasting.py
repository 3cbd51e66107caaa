"""Which way a document would go: per step whether it is needed, passes by rule, or whom it asks, and why.

The preview asks it of a draft, the simulator of old documents and another version; nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows import conditions, who
from workflows.models import Document
from workflows.steps import Step
from workflows.who import Asked, Staff


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
    steps: Sequence[Step],
    document: Document,
    facts: Mapping[str, Any],
    *,
    ask: bool = True,
    barred: set[int] | None = None,
    staff: Staff | None = None,
) -> list[Forecast]:
    """The way of the document; ``ask=False`` leaves the people out (cheaper).

    Whoever asks for many documents gives ``barred`` (who must not decide) and the ``staff``.
    """
    if barred is None:
        barred = who.barred(document)
    staff = staff or Staff()
    found = []
    for step in steps:
        needed = conditions.evaluate(step.when, facts, empty=True)
        if not needed.holds:
            found.append(Forecast(step, "skip", trace=needed.trace))
            continue
        trace = needed.trace
        if step.about.decides or step.kind == "confirm":
            rule = conditions.evaluate(step.auto, facts, empty=False, part="auto")
            trace = [*trace, *rule.trace]
            if rule.holds:
                found.append(Forecast(step, "auto", trace=trace))
                continue
        if step.automatic:
            found.append(Forecast(step, "system", trace=trace))
            continue
        people = who.people(step, document, barred=barred, staff=staff) if ask else ()
        outcome = "ask" if people or not ask else "nobody"
        found.append(Forecast(step, outcome, people, trace))
    return found
