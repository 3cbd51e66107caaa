"""What reading one file may cost; above it the file is refused in words."""

from core import confining

FILE_BYTES = 50 * 2**20
"""Larger files are refused before they are opened."""
PART_BYTES = 300 * 2**20
"""What the parts of a workbook that are read may hold together, unpacked."""
RATIO = 250
"""So many times larger unpacked than packed is a bomb, if the part is larger than RATIO_FROM."""
RATIO_FROM = 20 * 2**20
PARTS = 2_000
"""Parts of a workbook's archive."""
CELLS = 3_000_000
"""Cells that are not in blank rows."""
COLUMNS = 1_024
"""Columns of a sheet that are read; more is a refusal, never a cut."""
TEXT = 32_767
"""Characters of one cell, as in Excel."""
SHEETS = 400
MEMORY = 768 * 2**20
"""Address space of the child in bytes."""
CPU_SECONDS = 60
WALL_SECONDS = 120
OUTPUT_BYTES = 400 * 2**20
"""What the parent takes from the child."""
BLOCK = 1_000
"""Rows that are handed over at once."""


def confine() -> None:
    """Put this process under the limits, for good: it can write no file and leaves no core."""
    confining.confine(memory=MEMORY, seconds=CPU_SECONDS)
