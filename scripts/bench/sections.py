"""The sections of the table: each measures, prints its rows and names the limits that were missed."""

import os
from collections.abc import Callable

from finance import backfill, charts
from scripts.bench import closing, counting, documents, posting, reads, reports
from scripts.bench.databases import LONG, MIDDLE, SHORT, Size
from scripts.bench.stations import stations
from scripts.bench.world import World
from stock.verify import verify

_LIMITS = {1: (3.0, 4.0), 10: (2.0, 2.5), 100: (1.5, 2.0)}
"""Lines → the ratio aimed at and the most allowed."""
_JOURNAL = 1.5
"""The most that a posting may take with the journal, as a multiple of one without."""
_HOT = 5
_HOT_CLIENTS = 16
_missed: list[str] = []


def run(world: World, size: Size, only: str | None) -> tuple[list[str], bool]:
    """Print the sections; returns what was missed, and whether the book is right after all of it."""
    parts: dict[str, Callable[[World, Size], None]] = {
        "reads": _reads,
        "history": _history,
        "document": _document,
        "posting": _posting,
        "journal": _journal,
        "reports": _reports,
        "documents": _documents,
        "counting": _counting,
    }
    for name, part in parts.items():
        if only in {None, name}:
            part(world, size)
    return list(_missed), _proof()


def _judge(what: str, value: float, limit: float) -> str:
    """``limit`` with a mark if it is missed."""
    if value > limit:
        _missed.append(f"{what} {value:.2f}")
        return f"{limit:g} MISSED"
    return f"{limit:g}"


def _head(title: str, *columns: str) -> None:
    print(f"\n{title}\n{'':<34}" + "".join(f"{column:>11}" for column in columns), flush=True)


def _row(name: str, *cells: str) -> None:
    # Chinese characters are two columns wide.
    width = 34 - sum(ord(letter) > 0x2E80 for letter in name)
    print(f"{name:<{width}}" + "".join(f"{cell:>11}" for cell in cells), flush=True)


def _posting(world: World, size: Size) -> None:
    _head(
        f"Posting on {size.long:,} movements; documents a second, times as a multiple of raw SQL's",
        *("raw/s", "ledger/s", "ratio", "from", "to", "CPU ratio", "others", "aim", "limit"),
    )
    for lines, (aim, limit) in _LIMITS.items():
        for clients in (1, 4):
            with stations(*[LONG] * clients) as made:
                found = posting.compare(made, world, world.items[1:], lines, size=size)
            name = f"{lines} line{'s'[: lines > 1]}, {clients} process{'es'[: 2 * (clients > 1)]}"
            _row(name, *_compared(found), f"{aim:g}", _judge(name, found.ratio, limit))
    _hot(world, size)


def _journal(world: World, size: Size) -> None:
    _head(
        f"The journal on {size.long:,} movements; ms a document",
        *("bare", "journal", "ratio", "of means", "limit"),
    )
    for lines in _LIMITS:
        for clients in (1, 4):
            with stations(*[LONG] * clients) as made:
                bare, full, ratio, means = posting.with_journal(
                    made, world, world.items[1:], lines, size
                )
            among = "" if clients == 1 else f", {clients} processes"
            name = f"{lines} line{'s'[: lines > 1]}, with the journal{among}"
            limit = _judge(name, ratio, _JOURNAL)
            _row(name, f"{bare:.1f}", f"{full:.1f}", f"{ratio:.2f}", f"{means:.2f}", limit)
    _closing(world, size)


def _closing(world: World, size: Size) -> None:
    """A closing over the whole book against the statement that somebody would write by hand."""
    with stations(LONG) as (station,):
        raw, ours = station.do(closing.compare, world)
    name = f"closing over {size.long:,} movements, ms"
    _row(
        name,
        f"{raw:.0f}",
        f"{ours:.0f}",
        f"{ours / raw:.2f}",
        "",
        _judge(name, ours / raw, 2),
    )


def _reports(world: World, size: Size) -> None:
    _head(
        f"The period summary with movement types, {len(world.items):,} items, ms",
        *("raw SQL", "ours", "ratio", "fastest", "limit"),
    )
    with stations(LONG) as (station,):
        for name, (sql, own, ratio) in reports.compare(station, world, size.repeats).items():
            limit = _judge(name, own / sql, 1.5)
            _row(name, f"{sql:.0f}", f"{own:.0f}", f"{ratio:.2f}", f"{own / sql:.2f}", limit)


def _compared(found: posting.Comparison) -> list[str]:
    return [
        f"{found.raw:.0f}",
        f"{found.ledger:.0f}",
        f"{found.ratio:.2f}",
        f"{found.spread[0]:.2f}",
        f"{found.spread[1]:.2f}",
        f"{found.work:.2f}",
        f"{found.foreign:.0%}",
    ]


def _hot(world: World, size: Size) -> None:
    """Many clients on few items, each taking one of them or all."""
    before = posting.deadlocks()
    hot = world.items[1 : _HOT + 1]
    for lines in (1, _HOT):
        with stations(*[LONG] * _HOT_CLIENTS) as made:
            found = posting.compare(made, world, hot, lines, size)
        name = f"{lines} of {_HOT} hot items, {_HOT_CLIENTS} processes"
        _row(name, *_compared(found), "", _judge(name, found.ratio, 2.0))
        _row("  slowest 1 % of these, ms", f"{found.raw_p99:.0f}", f"{found.ledger_p99:.0f}")
    broken = posting.deadlocks() - before
    _row("  deadlocks", "", str(broken), *[""] * 6, _judge("deadlocks", broken, 0))


def _history(world: World, size: Size) -> None:
    _head(
        "Posting on a short and a long history, ms a document",
        *(f"{size.short:,}", f"{size.long:,}", "ratio", "limit"),
    )
    with stations(SHORT, LONG) as (short, long):
        for lines in _LIMITS:
            before, after, ratio = posting.by_history(
                short, long, world, lines, documents=size.documents
            )
            name = f"{lines} line{'s'[: lines > 1]} on {size.long:,} movements"
            _row(name, f"{before:.2f}", f"{after:.2f}", f"{ratio:.2f}", _judge(name, ratio, 1.2))


def _document(world: World, size: Size) -> None:
    _head("One document of many lines, ms a line", "100", f"{size.big:,}", "ratio", "limit")
    with stations(LONG) as (station,):
        small, large, grown = station.do(
            posting.big_document, world, size.big, max(size.rounds // 2, 1)
        )
    name = f"{size.big:,} lines in one transaction"
    ratio = large / small
    _row(name, f"{small:.3f}", f"{large:.3f}", f"{ratio:.2f}", _judge(name, ratio, 1.0))
    _row("  memory at its peak, MB more", "", f"{grown:.0f}", "", _judge("memory", grown, 150))


def _documents(world: World, size: Size) -> None:
    _head(
        "A document of 1 line by API, ms",
        *("page", "submit", "approve", "ratio", "limit", "messages"),
    )
    with stations(LONG) as (station,):
        page, submit, approve, ratio, statements = station.do(documents.by_api, world, size.repeats)
        name = "from submit to posted, 1 approval"
        cells = [f"{1000 * seconds:.0f}" for seconds in (page, submit, approve)]
        _row(name, *cells, f"{ratio:.1f}", _judge(name, ratio, 12), str(statements))
        _head(
            "Posting through the door of documents, ms a document",
            *("ledger", "door", "ratio", "limit", "messages"),
        )
        for lines, limit in ((1, None), (100, 2.0)):
            book, whole, ratio, statements = station.do(
                documents.through_the_door, world, lines, size.repeats
            )
            name = f"{lines} line{'s'[: lines > 1]}, picked and posted"
            judged = "" if limit is None else _judge(name, ratio, limit)
            figures = (f"{1000 * book:.1f}", f"{1000 * whole:.1f}", f"{ratio:.2f}")
            _row(name, *figures, judged, str(statements))


def _counting(world: World, size: Size) -> None:
    _head(
        f"A stocktake of {size.bins:,} bins × 2 items, ms",
        *("raw SQL", "ours", "ratio", "limit", "lines"),
    )
    with stations(LONG) as (station,):
        found = station.do(counting.compare, world, size.bins, max(size.repeats // 3, 1))
        for name, (raw, own, ratio, lines) in found.items():
            cells = (f"{1000 * raw:.0f}", f"{1000 * own:.0f}", f"{ratio:.2f}")
            _row(name, *cells, _judge(name, ratio, 3), f"{lines:,}")
        _head("One count line accepted, ms", "page", "count", "ratio", "limit")
        page, own, ratio = station.do(counting.one_count, world, size.bins, size.repeats * 3)
        cells = (f"{1000 * page:.1f}", f"{1000 * own:.1f}", f"{ratio:.2f}")
        _row("from the phone", *cells, _judge("one count", ratio, 4))


def _reads(world: World, size: Size) -> None:
    _head(
        "Pages of a busy item, ms in the database",
        *(f"{size.short:,}", f"{size.long:,}", "ratio", "limit", "whole page"),
    )
    with stations(SHORT, LONG) as (short, long):
        found = reads.pages(short, long, world, size.repeats)
        for page, (before, after, ratio, whole) in found.items():
            limit = _judge(page, ratio, 1.3)
            _row(page, f"{before:.2f}", f"{after:.2f}", f"{ratio:.2f}", limit, f"{whole:.0f}")
    items = f"{len(world.items):,}"
    _head(f"Whole stock of {items} items, ms", "raw SQL", "ours", "ratio", "limit")
    with stations(LONG) as (long,):
        for name, (sql, own, ratio) in reads.against_sql(long, world, size.repeats).items():
            _row(name, f"{sql:.0f}", f"{own:.0f}", f"{ratio:.2f}", _judge(name, ratio, 1.5))
    _head(f"Search over everything, {items} items, ms", "one pass", "search", "ratio", "limit")
    with stations(LONG) as (long,):
        for name, (sql, own, ratio) in reads.searched(long, world, size.repeats).items():
            _row(name, f"{sql:.1f}", f"{own:.1f}", f"{ratio:.2f}")
    _head(
        "The same with months as busy, but more of them, ms",
        *(f"{size.long // 4:,}", f"{size.long:,}", "ratio", "limit"),
    )
    with stations(MIDDLE, LONG) as (middle, long):
        for name, (before, after, ratio) in reads.by_length(
            middle, long, world, size.repeats
        ).items():
            limit = _judge(f"{name} by length", ratio, 1.3)
            _row(name, f"{before:.0f}", f"{after:.0f}", f"{ratio:.2f}", limit)


def _proof() -> bool:
    """Whether the book that all of this has left is right, once what was posted past the journal is in it."""
    charts.ensure_all()
    backfill.run()
    report = verify()
    wrong = [finding for finding in report.findings if finding.wrong]
    print(
        f"\nverify_ledger on {report.movements:,} movements: "
        f"{'clean' if report.ok else wrong} ({report.seconds:.0f} s, load {os.getloadavg()[0]:.1f})"
    )
    return report.ok
