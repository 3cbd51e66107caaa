"""The tables of rules and cases."""

from alerts.models.cases import Case, Cause, Sighting
from alerts.models.habits import Acceptance, Habit, Manner
from alerts.models.reorder import Suggestion
from alerts.models.rules import Rule
from alerts.models.telling import Telling
from alerts.models.timeline import CaseEvent, CasePhoto

__all__ = [
    "Acceptance",
    "Case",
    "CaseEvent",
    "CasePhoto",
    "Cause",
    "Habit",
    "Manner",
    "Rule",
    "Sighting",
    "Suggestion",
    "Telling",
]
