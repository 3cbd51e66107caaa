"""Tells rows that name columns from rows that hold data, and joins the layers of a header."""

import re
from dataclasses import dataclass, field

from intake.reading.grid import Grid, Raw
from intake.understanding.cells import shown
from intake.understanding.dictionary import Dictionary
from intake.understanding.pivots import sequences
from intake.understanding.words import folded, header_key

LAYERS = 4
SEARCHED = 15
"""The first header is looked for in so many rows."""
_NUMERIC = re.compile(r"[-+(¥$]?[0-9][0-9,.%]*\)?|[0-9]{1,4}[-/.年][0-9]{1,2}([-/.月].*)?")
_UNIT_ROW = re.compile(r"[(（\[【][^()（）]{1,8}[)）\]】]")
"""A row of units in brackets below the names."""
_YEAR = re.compile("(19|20)[0-9]{2}年?", re.ASCII)
_LABEL = re.compile(r"[^:：]{1,20}[:：].*", re.DOTALL)
GROUPS = {
    "opening",
    "quantity_in",
    "quantity_out",
    "balance",
    "quantity",
    "counted",
    "book",
    "difference",
}


@dataclass(slots=True)
class Head:
    """A header: its rows, by index and by number, and the layers of each column."""

    first: int
    last: int
    row: int
    """The number of its last row: the one that people call the header."""
    layers: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def name(self, column: int) -> str:
        """The layers joined, without repetitions."""
        return "/".join(self.layers.get(column, ()))

    @property
    def columns(self) -> list[int]:
        """The columns that have a name."""
        return sorted(self.layers)


class Finder:
    """Finds the headers of one grid."""

    def __init__(self, grid: Grid, words: Dictionary) -> None:
        self.grid = grid
        self.words = words
        self._exact: dict[str, bool] = {}
        self._sequences = False
        self.found = False
        """Whether a header was found above: from then on, one known word beside numbers is a row of data."""
        self._across: dict[tuple[int, int], tuple[int, int]] = {}
        self._covered: dict[tuple[int, int], tuple[int, int]] = {}
        for top, left, bottom, right in grid.merges:
            if (bottom - top) < LAYERS and (right - left) < 1_024:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        self._covered[row, column] = (top, left)
                        self._across[row, column] = (left, right)

    def text(self, index: int, column: int) -> str:
        """The text of a header cell; one in a merged range has that of its first."""
        number, cells = self.grid.rows[index]
        if column < len(cells) and cells[column] != "":
            return folded(shown(cells[column]))
        origin = self._covered.get((number, column))
        if origin is None or origin == (number, column):
            return ""
        return self._at(*origin)

    def _at(self, number: int, column: int) -> str:
        low, high = 0, len(self.grid.rows)
        while low < high:
            middle = (low + high) // 2
            if self.grid.rows[middle][0] < number:
                low = middle + 1
            else:
                high = middle
        if low < len(self.grid.rows) and self.grid.rows[low][0] == number:
            cells = self.grid.rows[low][1]
            return folded(shown(cells[column])) if column < len(cells) else ""
        return ""

    def hit(self, text: str) -> bool:
        """Whether the dictionary knows a text as a header."""
        known = self._exact.get(text)
        if known is None:
            known = self._exact[text] = len(text) <= 40 and bool(self.words.exact(text))
        return known

    def hits(self, index: int) -> int:
        """How many columns a row names; 0 if it holds data."""
        cells = self.grid.rows[index][1]
        known, named = self._exact, 0
        for cell in cells:
            if type(cell) is str and cell:
                hit = known.get(cell)
                named += self.hit(cell) if hit is None else hit
        if not named:
            return 3 if self._only_days(index, cells) else 0
        others = [
            cell for cell in cells if cell != "" and not (type(cell) is str and self.hit(cell))
        ]
        loose = sum(_is_number(cell) for cell in others)
        if loose or named < 2:
            return named + 3 if self._names_values(index, named, cells, others) else 0
        texts = [cell for cell in cells if type(cell) is str and cell]
        labels = sum(
            bool(_LABEL.fullmatch(text)) and not text.rstrip().endswith((":", "："))
            for text in texts
        )
        if labels > 1 or labels * 2 >= len(texts):
            return 0
        if named * 5 >= len(texts) * 2:
            return named
        return named + 3 if self._names_values(index, named, cells, others) else 0

    def _only_days(self, index: int, cells: list[Raw]) -> bool:
        """Whether a row holds the days below months, or the months below years, and nothing else."""
        if self.found or not 0 < index < SEARCHED:
            return False
        filled = {at: shown(cell) for at, cell in enumerate(cells) if cell != ""}
        if len(filled) < 7:
            return False
        runs = [run for run in sequences(filled) if run.kind != "size"]
        return sum(len(run.columns) for run in runs) == len(filled)

    def _names_values(self, index: int, named: int, cells: list[Raw], others: list[Raw]) -> bool:
        """Whether the cells that are no words of the dictionary are days, months or sizes; data rows are not searched."""
        if (
            len(others) < 3
            or (named < 2 and self.found)
            or not (index < SEARCHED or self._sequences)
        ):
            return False
        self._sequences = self._sequences or self._has_sequence(cells)
        return self._has_sequence(cells)

    def _has_sequence(self, cells: list[Raw]) -> bool:
        return any(
            len(run.columns) >= 3
            for run in sequences({at: shown(c) for at, c in enumerate(cells) if c != ""})
        )

    def signature(self, index: int) -> tuple[str, ...]:
        """What two prints of a header have in common."""
        return tuple(header_key(shown(cell)) for cell in self.grid.rows[index][1] if cell != "")

    def head(self, index: int, above: int) -> Head:
        """The header around a row of names; it does not reach above index ``above``."""
        first = last = index
        while first > above and last - first < LAYERS - 1 and self._is_layer(first - 1, first):
            first -= 1
        while (
            last + 1 < len(self.grid.rows)
            and last - first < LAYERS - 1
            and self._is_below(last, last + 1)
        ):
            last += 1
        head = Head(first, last, self.grid.rows[last][0])
        width = max(len(self.grid.rows[i][1]) for i in range(first, last + 1))
        carried = [""] * (last - first + 1)
        for column in range(width):
            layers = self._layers(first, last, column, carried)
            if layers:
                head.layers[column] = layers
        return head

    def _layers(self, first: int, last: int, column: int, carried: list[str]) -> tuple[str, ...]:
        """The texts above a column; a group's name goes on to the right until another begins."""
        texts = [self.text(i, column) for i in range(first, last + 1)]
        lowest = max((at for at, text in enumerate(texts) if text), default=-1)
        if lowest < 0:
            return ()
        for at in range(lowest):
            if texts[at]:
                carried[at:] = [texts[at], *[""] * (len(texts) - at - 1)]
            else:
                texts[at] = carried[at]
        if lowest < len(texts) - 1:
            carried[lowest:] = [""] * (len(texts) - lowest)
        return tuple(dict.fromkeys(text for text in texts if text))

    def _is_layer(self, upper: int, lower: int) -> bool:
        """Whether a row groups the columns that the row below names."""
        number, cells = self.grid.rows[upper]
        if self.grid.rows[lower][0] != number + 1:
            return False
        filled = [at for at, cell in enumerate(cells) if cell != ""]
        below = [at for at, cell in enumerate(self.grid.rows[lower][1]) if cell != ""]
        numbers = any(self._is_data(lower, at, cells[at]) for at in filled)
        if not filled or not below or numbers:
            return False
        grouping = repeats = self._repeats(upper, lower)
        for at in filled:
            text = shown(cells[at])
            left, right = self._across.get((number, at), (at, at))
            whole = right - left + 1 >= max(len(below), 2) or len(filled) == 1
            label = _LABEL.fullmatch(folded(text)) and not self.hit(text)
            if label or (whole and left <= below[0]):
                return False
            lower_text = self.text(lower, at)
            if right > left:
                grouping = True
            elif not lower_text or lower_text == folded(text):
                continue
            elif not (repeats or self.hit(text)):
                return False
            elif at + 1 >= len(cells) or cells[at + 1] == "":
                grouping = True
        return grouping

    def _is_data(self, lower: int, at: int, cell: Raw) -> bool:
        """Whether a cell of an upper layer is a number; the year above its months and days is none."""
        if not _is_number(cell):
            return False
        return not (_YEAR.fullmatch(shown(cell)) and self.text(lower, at) in {"月", "月份"})

    def _repeats(self, upper: int, lower: int) -> bool:
        """Whether one name stands several times in the lower row, each under another known one: 数量 under 收入, 发出, 结存."""
        names: dict[str, set[str]] = {}
        for at in range(len(self.grid.rows[lower][1])):
            above, below = self.text(upper, at), self.text(lower, at)
            if below and self.hit(below) and self.hit(above):
                names.setdefault(below, set()).add(above)
        return any(len(above) > 1 for above in names.values())

    def _is_below(self, upper: int, lower: int) -> bool:
        """Whether a row names parts of the groups above it."""
        number, cells = self.grid.rows[lower]
        if self.grid.rows[upper][0] != number - 1:
            return False
        filled = [at for at, cell in enumerate(cells) if cell != ""]
        if not filled or any(type(cells[at]) is not str or _is_number(cells[at]) for at in filled):
            return False
        if len(filled) > 1 and all(_UNIT_ROW.fullmatch(shown(cells[at]).strip()) for at in filled):
            return True
        upper_number = self.grid.rows[upper][0]
        upper_cells = self.grid.rows[upper][1]
        parts = 0
        for at in filled:
            left, right = self._across.get((upper_number, at), (at, at))
            blank = at >= len(upper_cells) or upper_cells[at] == ""
            if (
                right > left
                or blank
                or (
                    at + 1 < len(cells)
                    and cells[at + 1] != ""
                    and (at + 1 >= len(upper_cells) or upper_cells[at + 1] == "")
                )
            ):
                parts += 1
            else:
                return self._is_second_language(upper, lower)
        known = sum(self.hit(shown(cells[at])) for at in filled)
        return parts > 1 and (known * 2 >= len(filled) or self._grouped(upper_number, filled))

    def _grouped(self, number: int, columns: list[int]) -> bool:
        """Whether each of the columns lies under a merged cell."""
        return all(self._across.get((number, at), (at, at)) != (at, at) for at in columns)

    def _is_second_language(self, upper: int, lower: int) -> bool:
        """Whether both rows name the same columns, as in English and in Chinese."""
        one, two = self.grid.rows[upper][1], self.grid.rows[lower][1]
        both = [(shown(a), shown(b)) for a, b in zip(one, two, strict=False) if a != "" and b != ""]
        if len(both) < 3 or self.hits(lower) < 3:
            return False
        same = sum(bool(set(self.words.exact(a)) & set(self.words.exact(b))) for a, b in both)
        return same * 2 >= len(both) and self.signature(upper) != self.signature(lower)


def _is_number(cell: Raw) -> bool:
    return type(cell) is not str or bool(_NUMERIC.fullmatch(cell.strip()))
