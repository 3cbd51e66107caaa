"""Only cuts lines into bounded postings: one moment, direction and document each."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from intake.known import chunks
from intake.movements import Change, hashed
from stock.plan import LineInput

Pair = tuple[Change, LineInput]
"""A row and the line of the book that it becomes."""
Numbered = list[tuple[int, Pair]]
"""Rows of one document with their numbers in the batch, counted from 1."""
BATCH = 500
"""So many lines at most are one posting."""
TOGETHER = 500
"""Postings share a transaction up to so many lines; the goods that they move stay locked until it ends."""


def batches(
    lines: list[Pair],
) -> Iterator[list[Pair]]:
    """The lines of one moment, direction and document, at most BATCH at once."""

    def moment(pair: Pair) -> tuple[datetime, bool]:
        return pair[0].at, not pair[0].brings_in

    for _moment, group in groupby(sorted(lines, key=moment), key=moment):
        documents: dict[str, list[Pair]] = {}
        for pair in group:
            documents.setdefault(pair[0].document, []).append(pair)
        for document in documents.values():
            yield from chunks(document, BATCH)


def documents(batch: Sequence[Pair]) -> list[Numbered]:
    """The rows of a batch that make one document: of one type, partner, department and cost object."""
    found: dict[tuple[object, ...], Numbered] = {}
    for number, pair in enumerate(batch, 1):
        line = pair[1]
        kind = (line.type, line.partner, line.department, line.cost_object)
        found.setdefault(kind, []).append((number, pair))
    return list(found.values())


def groups(batches: Iterable[list[Pair]], lines: int) -> Iterator[list[list[Pair]]]:
    """Batches in a row that have about so many lines together."""
    group: list[list[Pair]] = []
    count = 0
    for batch in batches:
        group.append(batch)
        count += len(batch)
        if count >= lines:
            yield group
            group, count = [], 0
    if group:
        yield group


def key_of(batch: Sequence[Pair]) -> str:
    """A key for the posting of a batch, made of the keys of its rows."""
    return hashed("".join(change.key for change, _line in batch))
