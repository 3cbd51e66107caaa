"""The tables of documents and processes."""

from workflows.models.attachments import Attachment
from workflows.models.boms import Bom, BomLine
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
from workflows.models.followups import FollowUp
from workflows.models.numbering import NumberRule
from workflows.models.orders import OrderLine
from workflows.models.organisation import Absence, Calendar, Holiday
from workflows.models.processes import Process, ProcessVersion
from workflows.models.tasks import Copy, StepRun, Task
from workflows.models.timeline import Event

__all__ = [
    "Absence",
    "Attachment",
    "Bom",
    "BomLine",
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
    "FollowUp",
    "Holiday",
    "Line",
    "NumberRule",
    "NumberSeries",
    "OrderLine",
    "Process",
    "ProcessVersion",
    "StepRun",
    "Stocktake",
    "Task",
]
