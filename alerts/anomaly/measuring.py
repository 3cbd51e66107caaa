"""Measures the detector: slips are put into the later part of a history, judged by what the earlier part taught. Pure.

Beside the detector's own judgements count the remarks that the form makes anyway (workflows.checks): it is
what a person sees before posting.
"""

import copy
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from alerts.anomaly import calibrating, company, judging, patience, repeats
from alerts.anomaly.histories import TAKES, History, Written, by_document, lots_there
from alerts.anomaly.lines import (
    HOURS,
    Around,
    Known,
    Limits,
    LotThere,
    Manners,
    Pack,
    Seen,
    Typed,
)
from alerts.anomaly.slips import KINDS, Hand, Slip, slip

KEPT = 64
"""Lines that are remembered of an item and type."""
SHARE = 0.02
"""One line in fifty has a slip, when precision is given per kind."""
CAUGHT = 0.5
"""A kind counts as caught if more than half of its slips were."""
EXAMPLES = 3
"""Slips of a kind that are kept to be looked at."""
_TWIN_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled slip: the line it was put into, what that said and what it says now, what was remarked on it."""

    key: int
    was: Mapping[str, str]
    now: Mapping[str, str]
    codes: Sequence[str]


@dataclass(slots=True)
class Result:
    """What came out for one history, or for several together."""

    clean: int = 0
    false: Counter[str] = field(default_factory=Counter)
    """Code → clean lines remarked on; ``""``: by any."""
    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    """Kind → slips on lines of which enough is remembered to judge the quantity."""
    known_caught: Counter[str] = field(default_factory=Counter)
    by: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Kind → code → slips that it caught."""
    examples: dict[str, list["Example"]] = field(default_factory=lambda: defaultdict(list))
    """Kind → the first slips that were judged."""

    def add(self, other: "Result") -> None:
        """Take another result in."""
        self.clean += other.clean
        self.false += other.false
        self.tried += other.tried
        self.caught += other.caught
        self.known += other.known
        self.known_caught += other.known_caught
        for kind, counts in other.by.items():
            self.by[kind] += counts

    def recall(self, kind: str) -> float:
        """The share of slips of the kind that were caught."""
        return self.caught[kind] / self.tried[kind] if self.tried[kind] else 0.0

    def precision(self, kind: str) -> float:
        """Of the lines remarked on with the codes that catch the kind, the share with a slip, if one in fifty has it."""
        codes = [code for code, count in self.by[kind].items() if count >= 0.05 * self.tried[kind]]
        wrong = sum(self.false[code] for code in codes) / self.clean if self.clean else 0.0
        right = self.recall(kind) * SHARE
        return right / (right + wrong * (1 - SHARE)) if right else 0.0

    @property
    def false_share(self) -> float:
        """The share of clean lines that were remarked on."""
        return self.false[""] / self.clean if self.clean else 0.0

    def kinds_caught(self) -> list[str]:
        """Kinds of which more than half were caught."""
        return [kind for kind in self.tried if self.recall(kind) > CAUGHT]


class Memory:
    """What the earlier part of a history taught; names are kept as they are instead of ids."""

    def __init__(self, history: History, lines: Sequence[Written]) -> None:
        self.history = history
        self.habits: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        self.categories: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        self.others: Counter[str] = Counter()
        self.hours: dict[str, list[int]] = defaultdict(lambda: [0] * HOURS)
        self.lags: dict[str, list[int]] = defaultdict(lambda: [0] * (len(company.LAGS) + 1))
        self.counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self.twins: dict[
            tuple[str, str], list[tuple[object, frozenset[tuple[str, float]], str, str]]
        ] = defaultdict(list)
        self.references: dict[tuple[str, str, str], str] = {}
        for document in by_document(lines):
            self.learn(document)
        self.limits: dict[str, Limits] = {}
        for kind in {kind for _item, kind in self.habits}:
            rows = [
                (rows, self._units(item)) for (item, k), rows in self.habits.items() if k == kind
            ]
            others = [
                self.others[item] - len(habit)
                for (item, k), habit in self.habits.items()
                if k == kind
            ]
            self.limits[kind] = calibrating.calibrate(rows, others)
        self.levels: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)

    def learn(self, document: Sequence[Written]) -> None:
        """Take a document in."""
        for line in document:
            seen = _seen(line)
            for rows in (
                self.habits[line.item, line.type],
                self.categories[self.history.goods[line.item].category, line.type],
            ):
                rows.append(seen)
                del rows[:-KEPT]
            self.others[line.item] += 1
            self.hours[line.type][company.hour_of(line.at)] += 1
            self.lags[line.type][company.lag_of(_lag(line))] += 1
            for name in company.OF_TYPE:
                if value := getattr(line, name):
                    self.counts[line.type][name][value] += 1
        self.meet(document)

    def meet(self, document: Sequence[Written]) -> None:
        """Keep a document for later ones that say the same."""
        first = document[0]
        told = (first.at, _content(document), first.document, first.order)
        self.twins[first.type, first.partner].append(told)
        if first.reference:
            self.references.setdefault((first.type, first.partner, first.reference), first.document)

    def _units(self, item: str) -> Around:
        packs = [Pack(*one) for one in self.history.goods[item].packs]
        return Around(packs=packs, base_unit="PCS", rates=self.history.rates)

    def known(self, line: Written) -> Known:
        """What is remembered for a line."""
        category = self.history.goods[line.item].category
        mine = self.habits.get((line.item, line.type), [])
        return Known(
            item=mine,
            category=self.categories.get((category, line.type), []),
            others=self.others[line.item] - len(mine),
            manners=Manners(self.hours[line.type], self.lags[line.type], self.counts[line.type]),
            limits=self.limits.get(line.type, Limits()),
            patience=patience.lifts(self.levels[line.type], sum(self.hours[line.type])),
        )

    def accept(self, line: Written, codes: Sequence[str]) -> None:
        """The writer says that it is right, whatever was remarked."""
        lines = sum(self.hours[line.type])
        for code in codes:
            self.levels[line.type] = patience.accepted(self.levels[line.type], code, lines)

    def knowing(self, document: Sequence[Written]) -> "Memory":
        """The same, with one more document that others can be twins of."""
        again = copy.copy(self)
        again.twins, again.references = copy.deepcopy(self.twins), dict(self.references)
        again.meet(document)
        return again

    def _striking(self, document: Sequence[Written], line: Written) -> bool:
        """Whether the same content twice is strange: quantities that are not what the items always have."""
        rows = [
            (
                [seen.quantity for seen in self.habits.get((one.item, one.type), [])],
                one.number * one.factor,
            )
            for one in document
        ]
        return repeats.striking(rows, partner=bool(line.partner))

    def around(self, line: Written, document: Sequence[Written]) -> Around:
        """What surrounds a line: its item's units and lots, its order, documents that say the same."""
        goods = self.history.goods[line.item]
        order = self.history.orders.get(line.order)
        left, price = (order or {}).get(line.item, (None, None))
        twin = same = ""
        content = _content(document)
        for at, other, name, its in reversed(self.twins[line.type, line.partner]):
            if line.at - at > _TWIN_DAYS:  # type: ignore[operator]
                break
            if (
                name != line.document
                and other == content
                and not (its and line.order not in {"", its})
            ):
                twin = name
        if line.document in self.history.sourced or (twin and not self._striking(document, line)):
            twin = ""
        if line.reference:
            first = self.references.get((line.type, line.partner, line.reference), "")
            same = first if first != line.document else ""
        place = line.source
        lies = place in goods.homes.get(line.warehouse, ())
        lots = [LotThere(*one) for one in lots_there(goods, line.at)] if lies else []
        return Around(
            packs=[Pack(*one) for one in goods.packs], base_unit="PCS", left=left,
            source_price=price, foreign=order is not None and line.item not in order, lots=lots,
            shelf_life=goods.shelf_life, twin=twin, twin_reference=same, rates=self.history.rates,
            partner_fits=line.partner[:1] != {"purchase_in": "C", "sales_out": "S"}.get(line.type, "-"),
        )  # fmt: skip


def _content(document: Sequence[Written]) -> frozenset[tuple[str, float]]:
    return frozenset((one.item, one.number * one.factor) for one in document)


def _lag(line: Written) -> float:
    return (line.at - (line.happened or line.at)).total_seconds() / 86_400


def _seen(line: Written) -> Seen:
    price = None if line.price is None else line.price / line.factor
    return Seen(
        line.key, line.number * line.factor, price, line.partner, line.person, line.warehouse,  # type: ignore[arg-type]
        line.source, line.target, line.department, line.reason,  # type: ignore[arg-type]
    )  # fmt: skip


def _typed(line: Written) -> Typed:
    return Typed(
        item=0, type=line.type, number=line.number, at=line.at, unit=line.unit, factor=line.factor,
        price=line.price, partner=line.partner, person=line.person, warehouse=line.warehouse,  # type: ignore[arg-type]
        source=line.source, target=line.target, department=line.department, reason=line.reason,  # type: ignore[arg-type]
        lag=_lag(line), lot=line.lot, expires=line.expires,
    )  # fmt: skip


def form_says(line: Written, document: Sequence[Written], history: History) -> Iterator[str]:
    """What the form remarks without any history (workflows.checks, and what it refuses), as codes."""
    goods = history.goods[line.item]
    takes = line.type in TAKES or (line.type.endswith("_return") and bool(line.source))
    if takes and line.source and line.source not in goods.homes.get(line.warehouse, ()):
        yield "short"
    if takes and line.expires and line.expires < line.at.date():
        yield "expired"
    if goods.lots and not line.lot:
        yield "lot_missing"
    if takes and line.lot and line.lot not in {number for number, *_rest in goods.lots}:
        yield "unknown_lot"
    if float(round(line.number, goods.decimals)) != line.number:
        yield "decimals"
    if line.type.endswith("_return") and not line.original:
        yield "no_original"
    if line.type == "purchase_in" and not line.price:
        yield "no_price"
    same = [one for one in document if _place_of(one) == _place_of(line)]
    if len(same) > 1:
        yield "twice"
    if (line.happened or line.at) > line.at:
        yield "future_refused"


def _place_of(line: Written) -> tuple[object, ...]:
    return (line.item, line.lot, line.source, line.target)


def remarks(line: Written, document: Sequence[Written], memory: Memory) -> list[str]:
    """Codes of all that a person sees before posting the line."""
    found = list(form_says(line, document, memory.history))
    judged = judging.judge(_typed(line), memory.around(line, document), memory.known(line))
    return found + [one.code for one in judged]


def measure(history: History, *, seed: int, per_kind: int = 60, split: float = 0.7) -> Result:
    """Learn from the earlier part, then go through the later one, document by document, learning on.

    Every line is judged as it is, what is remarked on is accepted by its writer (it is right), and at
    ``per_kind`` documents of each kind of slip the slip is judged at that moment.
    """
    earlier, later = history.split(split)
    memory = Memory(history, earlier)
    documents = list(by_document(later))
    planned = _plan(documents, Hand(random.Random(seed), history), per_kind)  # noqa: S311 - a rehearsal
    result = Result()
    for at, document in enumerate(documents):
        for slipped in planned.get(at, ()):
            _try(slipped, document, memory, result)
        for line in document:
            codes = remarks(line, document, memory)
            result.clean += 1
            result.false.update(set(codes) | ({""} if codes else set()))
            memory.accept(line, codes)
        memory.learn(document)
    return result


def _plan(
    documents: Sequence[Sequence[Written]], hand: Hand, per_kind: int
) -> dict[int, list[tuple[Slip, bool]]]:
    """Which slips are made at which document; whether the document itself may be taken for its twin."""
    planned: dict[int, list[tuple[Slip, bool]]] = defaultdict(list)
    for kind in KINDS.values():
        made = 0
        order = hand.rng.sample(range(len(documents)), min(len(documents), per_kind * 8))
        for at in order:
            slipped = slip(kind, documents[at], hand) if made < per_kind else None
            if slipped is not None:
                planned[at].append((slipped, kind.again == "document"))
                made += 1
    return planned


def _try(
    planned: tuple[Slip, bool], document: Sequence[Written], memory: Memory, result: Result
) -> None:
    """Judge a slip; a second document is judged when the first is known."""
    slipped, again = planned
    if again:
        first = [replace(one, key=-one.key, document=one.document[:-2]) for one in slipped.lines]
        memory = memory.knowing(first)
    bad = [one for one in slipped.lines if one.key in slipped.bad]
    codes = {name for one in bad for name in remarks(one, slipped.lines, memory)}
    result.tried[slipped.kind] += 1
    result.caught[slipped.kind] += bool(codes)
    if any(not judging.cold(_typed(one), memory.known(one)) for one in bad):
        result.known[slipped.kind] += 1
        result.known_caught[slipped.kind] += bool(codes)
    result.by[slipped.kind].update(codes)
    if len(result.examples[slipped.kind]) < EXAMPLES:
        result.examples[slipped.kind].append(_example(bad[0], document, codes))


def _example(bad: Written, document: Sequence[Written], codes: Collection[str]) -> Example:
    """What was changed on the line; of a line that is one too many, which line it repeats."""
    same = [one for one in document if one.key == bad.key]
    right = same[0] if same else next((x for x in document if x.item == bad.item), document[0])
    changed = [
        one.name
        for one in fields(Written)
        if one.name not in {"key", "document"}
        and getattr(right, one.name) != getattr(bad, one.name)
    ]
    was, now = ({name: _word(getattr(line, name)) for name in changed} for line in (right, bad))
    return Example(right.key, was, now, sorted(codes))


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value or "")


def table(result: Result) -> Iterator[str]:
    """The figures as lines of text, a kind a line."""
    yield f"{'kind':38} {'slips':>6} {'recall':>7} {'precision':>9}  by"
    for kind in KINDS:
        if not result.tried[kind]:
            yield f"{kind:38} {'-':>6}"
            continue
        best = ", ".join(code for code, _count in result.by[kind].most_common(3))
        yield (
            f"{kind:38} {result.tried[kind]:6} {result.recall(kind):7.1%} "
            f"{result.precision(kind):9.1%}  {best}"
        )
    tried, caught = sum(result.tried.values()), sum(result.caught.values())
    yield (
        f"{len(result.kinds_caught())} of {len([k for k in KINDS if result.tried[k]])} kinds caught; "
        f"recall {caught / max(tried, 1):.1%}; "
        f"false warnings {result.false[''] / max(result.clean, 1):.2%} of {result.clean} clean lines"
    )
    yield "false by: " + ", ".join(
        f"{code} {count}" for code, count in result.false.most_common(12) if code
    )


def overall(results: Mapping[str, Result]) -> Result:
    """All histories together."""
    total = Result()
    for one in results.values():
        total.add(one)
    return total
