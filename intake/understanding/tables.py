"""Cuts a grid into its tables: stacked, side by side, one block per item, or a single list."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from intake.reading.grid import Grid, Raw, address, place_of
from intake.understanding.cells import shown
from intake.understanding.dictionary import Dictionary
from intake.understanding.fields import FIELDS, Kind
from intake.understanding.heads import SEARCHED, Finder, Head
from intake.understanding.words import folded, header_key

_TITLES = 8
"""So many lines above a header are read as its titles."""
_WHO = frozenset({"name", "item", "name_spec", "barcode", "date", "source", "component"})


@dataclass(slots=True)
class Block:
    """A table: its header, its columns and its rows, all by index into the grid's rows."""

    head: Head
    columns: list[int]
    start: int
    end: int
    titles: list[tuple[str, str]] = field(default_factory=list)
    """(address, text) of what stands above it."""
    repeats: list[int] = field(default_factory=list)
    """Numbers of rows that print the header again."""
    known: bool = True
    """Whether the dictionary found the header; False where it was only guessed from the look."""

    def rows(self, grid: Grid) -> Iterator[tuple[int, list[Raw]]]:
        """Number and cells of the rows between the header and the end, repeated headers left out."""
        left_out = set(self.repeats)
        width = max(self.columns, default=-1) + 1
        for index in range(self.start, self.end):
            number, cells = grid.rows[index]
            if number not in left_out:
                yield number, cells if len(cells) >= width else cells + [""] * (width - len(cells))


def find(grid: Grid, words: Dictionary) -> list[Block]:
    """The tables of a grid, from the top and from the left."""
    finder = Finder(grid, words)
    blocks: list[Block] = []
    free = 0
    index = 0
    while index < len(grid.rows):
        hits = finder.hits(index)
        if not hits or hits < _enough(grid.rows[index][1]) or (blocks and _to_sign(finder, index)):
            index += 1
            continue
        if not blocks and index < SEARCHED:
            index = _best(finder, index)
        finder.found = True
        head = finder.head(index, free)
        if blocks and _repeats(finder, blocks[-1], head):
            blocks[-1].repeats += [grid.rows[i][0] for i in range(head.first, head.last + 1)]
        else:
            titles = _titles(grid, head.first, free, blocks)
            if blocks:
                blocks[-1].end = head.first - len(titles)
            texts = [
                line
                for at in range(head.first - len(titles), head.first)
                for line in _texts(grid, at)
            ]
            blocks.append(Block(head, head.columns, head.last + 1, len(grid.rows), texts))
        free = index = head.last + 1
    if not blocks:
        blocks = _guessed(finder)
    return [part for block in blocks for part in _side_by_side(finder, block, words)]


def _to_sign(finder: Finder, index: int) -> bool:
    """Whether a row below a table holds nothing but labels for names and days: 盘点人： 监盘人："""
    texts = [shown(cell).strip() for cell in finder.grid.rows[index][1] if cell != ""]
    if not all(text.endswith((":", "：")) for text in texts):
        return False
    known = {code for text in texts for code in finder.words.exact(text)}
    return known <= {"person", "contact", "date", "remark", "department", "type"}


def _enough(cells: list[Raw]) -> int:
    filled = len(cells) - cells.count("")
    return 2 if filled <= 5 else 3


def _best(finder: Finder, index: int) -> int:
    """The row with the most hits of those that follow each other directly."""
    best = index
    while (
        index + 1 < min(len(finder.grid.rows), SEARCHED)
        and finder.grid.rows[index + 1][0] == finder.grid.rows[index][0] + 1
    ):
        index += 1
        if finder.hits(index) > finder.hits(best):
            best = index
        elif not finder.hits(index):
            break
    return best


def _repeats(finder: Finder, block: Block, head: Head) -> bool:
    """Whether a header is the one above, printed again on a new page; not if a title line names something new."""
    if finder.signature(block.head.last) != finder.signature(head.last):
        return False
    for at in range(head.first - 1, max(block.start, head.first - 1 - _TITLES), -1):
        lines = _texts(finder.grid, at)
        if not lines or len(lines) > 4:
            return True
        if any(":" in folded(text) or "：" in text for _a, text in lines) and not _is_foot(lines):
            return False
    return True


def _is_foot(lines: list[tuple[str, str]]) -> bool:
    words = (
        "制单",
        "审核",
        "经办",
        "主管",
        "签字",
        "签名",
        "记账",
        "复核",
        "保管",
        "领料人",
        "打印",
        "页",
        "prepared",
        "approved",
        "page",
    )
    return any(word in text.casefold() for _a, text in lines for word in words)


def _texts(grid: Grid, index: int) -> list[tuple[str, str]]:
    """Address and text of the cells of a row, a label and the value beside it as one."""
    number, cells = grid.rows[index]
    filled = [(at, shown(cell).strip()) for at, cell in enumerate(cells) if shown(cell).strip()]
    found: list[tuple[str, str]] = []
    for at, text in filled:
        if found and found[-1][1].rstrip().endswith((":", "：")):
            found[-1] = (address(number, at), f"{found[-1][1]}{text}")
        else:
            found.append((address(number, at), text))
    return found


def _titles(grid: Grid, first: int, free: int, blocks: list[Block]) -> list[int]:
    """The lines above a header that belong to it: few cells, and for a later table no gap and no data."""
    found: list[int] = []
    for at in range(first - 1, max(free - 1, first - 1 - _TITLES), -1):
        cells = grid.rows[at][1]
        lines = _texts(grid, at)
        if blocks:
            gap = grid.rows[at + 1][0] - grid.rows[at][0] > 2
            numbers = any(type(cell) is not str for cell in cells if cell != "")
            few = len(lines) == 1 or all("：" in t or ":" in t for _a, t in lines)
            if gap or (numbers and not few) or not few or _is_foot(lines) or _is_sum(lines):
                break
        found.append(at)
    return found


def _is_sum(lines: list[tuple[str, str]]) -> bool:
    return header_key(lines[0][1]).endswith(("合计", "小计", "总计", "累计", "total"))


def _guessed(finder: Finder) -> list[Block]:
    """One table below the first row that looks like a header although no word in it is known; else no header."""
    rows = finder.grid.rows
    for index in range(min(len(rows) - 1, SEARCHED)):
        cells = [cell for cell in rows[index][1] if cell != ""]
        texts = [cell for cell in cells if type(cell) is str and not _numeric(cell)]
        below = [cell for cell in rows[index + 1][1] if cell != ""]
        if (
            len(texts) >= 2
            and len(texts) == len(cells) == len(set(texts))
            and len(below) * 2 >= len(cells)
        ):
            head = finder.head(index, index)
            return [Block(head, head.columns, head.last + 1, len(rows), known=False)]
    if not rows:
        return []
    width = max(len(cells) for _number, cells in rows)
    head = Head(
        0,
        -1,
        0,
        {
            at: (f"#{at + 1}",)
            for at in range(width)
            if any(at < len(c) and c[at] != "" for _n, c in rows)
        },
    )
    return [Block(head, head.columns, 0, len(rows), known=False)] if len(head.layers) > 1 else []


def _numeric(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and not any(letter.isalpha() for letter in text)


def _side_by_side(finder: Finder, block: Block, words: Dictionary) -> list[Block]:
    """The block, or its parts if one of its columns that say who or when is there twice."""
    cuts = _cuts(finder, block, words)
    if not cuts:
        return [block]
    parts = []
    edges = [block.columns[0], *cuts, block.columns[-1] + 1]
    for left, right in pairwise(edges):
        columns = [at for at in block.columns if left <= at < right]
        titles = [
            (a, t)
            for a, t in block.titles
            if left <= _column(a) < right or (_column(a) < left and left == edges[0])
        ]
        if len(columns) > 1:
            shared = [(a, t) for a, t in block.titles if len(block.titles) == 1]
            parts.append(
                Block(
                    block.head,
                    columns,
                    block.start,
                    block.end,
                    titles or shared,
                    block.repeats,
                    block.known,
                )
            )
    return parts


def _column(where: str) -> int:
    place = place_of(where)
    return place[1] if place else 0


def _cuts(finder: Finder, block: Block, words: Dictionary) -> list[int]:
    """Where the next table begins: at the first name that comes again, moved left to a gap between the tables."""
    names = {at: header_key(block.head.layers[at][-1]) for at in block.columns}
    who = {at for at in block.columns if set(words.exact(block.head.layers[at][-1])) & _WHO}
    cuts: list[int] = []
    part: list[int] = []
    for at in block.columns:
        if at in who and names[at] in {names[before] for before in part}:
            start = _after_gap(block, part, at)
            cuts.append(start)
            part = [before for before in part if before >= start]
        part.append(at)
    return [at for at in cuts if _is_table(block, cuts, at, words)] or _cut_at_gap(
        finder, block, words
    )


def _is_table(block: Block, cuts: list[int], start: int, words: Dictionary) -> bool:
    """Whether what begins at a cut has a number of its own: a name that comes twice makes no second table."""
    end = next((at for at in cuts if at > start), block.columns[-1] + 1)
    part = [at for at in block.columns if start <= at < end]
    codes = {code for at in part for code in words.scores(block.head.layers[at][-1])}
    return len(part) > 1 and any(FIELDS[code].kind is Kind.QUANTITY for code in codes)


def _after_gap(block: Block, part: list[int], repeated: int) -> int:
    """The column after the nearest gap to the left of a repeated name, else that column itself."""
    for at in reversed([*part[1:], repeated]):
        if at - 1 not in block.head.layers:
            return at
    return repeated


def _cut_at_gap(finder: Finder, block: Block, words: Dictionary) -> list[int]:
    """Two tables with other words for the same, with an empty column between them that nothing fills."""
    cuts = []
    for at in block.columns[1:]:
        if at - 1 in block.head.layers:
            continue
        left = {c for b in block.columns if b < at for c in words.exact(block.head.layers[b][-1])}
        right = {c for b in block.columns if b >= at for c in words.exact(block.head.layers[b][-1])}
        both = left & right & _WHO
        sample = range(block.start, min(block.end, block.start + 50))
        empty = all(
            len(finder.grid.rows[i][1]) <= at - 1 or finder.grid.rows[i][1][at - 1] == ""
            for i in sample
        )
        if empty and both:
            cuts.append(at)
    return cuts
