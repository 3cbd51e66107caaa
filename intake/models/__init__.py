"""What intake keeps: rows that are in the book, imports and their rows, and what was learned of senders."""

from intake.models.imports import Import, ImportedRow
from intake.models.learned import Alias, GoingLive, HeaderWord, RememberedMapping
from intake.models.loaded import LoadedRow

__all__ = [
    "Alias",
    "GoingLive",
    "HeaderWord",
    "Import",
    "ImportedRow",
    "LoadedRow",
    "RememberedMapping",
]
