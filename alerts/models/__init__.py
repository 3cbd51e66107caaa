"""The tables of rules, cases, channels and habits."""

from alerts.models.cases import Case, Cause, Sighting
from alerts.models.channels import Channel, Message
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
    "Channel",
    "Habit",
    "Manner",
    "Message",
    "Rule",
    "Sighting",
    "Suggestion",
    "Telling",
]
