"""Only what a load is told, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from intake.movements import Problem, Types


@dataclass(frozen=True, slots=True)
class Order:
    """What to load, and how."""

    path: Path
    warehouse: str
    """Its code; made with ``create`` where it is unknown and there is one company."""
    columns: dict[str, str]
    types: Types
    create: bool = False
    shortage: str = "refuse"
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What became of the rows; ``notes`` says in words what was skipped or left out."""

    rows: int = 0
    posted: int = 0
    skipped: int = 0
    refused: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The command's output; one entry of ``refused`` per row."""
        return {
            "rows": self.rows,
            "posted": self.posted,
            "skipped": self.skipped,
            "refused": [problem.as_dict() for problem in self.refused],
            "seconds": self.seconds,
        }


Progress = Callable[[int, int], None]
"""Called with (done, of) while rows are read and again while they are posted."""
