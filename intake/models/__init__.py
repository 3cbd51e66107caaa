"""What intake keeps: rows that are in the book, imports and their rows, what was learned of senders, scans of devices."""

from intake.models.imports import Import, ImportedRow
from intake.models.learned import Alias, GoingLive, HeaderWord, RememberedMapping
from intake.models.loaded import LoadedRow
from intake.models.scans import DeviceScan

__all__ = [
    "Alias",
    "DeviceScan",
    "GoingLive",
    "HeaderWord",
    "Import",
    "ImportedRow",
    "LoadedRow",
    "RememberedMapping",
]
