"""The tables of documents and processes."""

from workflows.models.attachments import Attachment
from workflows.models.counting import (
    CountBin,
    CountEntry,
    CountLine,
    CountSheet,
    CountTolerance,
    Stocktake,
)
from workflows.models.documents import Document, Editor, Line, NumberSeries
from workflows.models.fields import CustomField
from workflows.models.organisation import Absence, Calendar, Holiday
from workflows.models.processes import Process, ProcessVersion
from workflows.models.tasks import Copy, StepRun, Task
from workflows.models.timeline import Event

__all__ = [
    "Absence",
    "Attachment",
    "Calendar",
    "Copy",
    "CountBin",
    "CountEntry",
    "CountLine",
    "CountSheet",
    "CountTolerance",
    "CustomField",
    "Document",
    "Editor",
    "Event",
    "Holiday",
    "Line",
    "NumberSeries",
    "Process",
    "ProcessVersion",
    "StepRun",
    "Stocktake",
    "Task",
]
