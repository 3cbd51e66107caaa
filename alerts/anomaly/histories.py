"""Histories to measure with: invented ones, and real ones with what their source does not say added by a fixed rule.

Quantities, prices, partners, documents and times of a real history are as its file has them. Places, lots,
people, departments and source documents are added from a seed, since no public file has them. Pure.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

TAKES = frozenset(
    {"sales_out", "production_issue", "department_issue", "transfer", "scrap", "other_out"}
)
"""Types that take goods from a place; the others bring them to one."""
ODD = 0.002
"""The share of correct lines at which each unusual thing happens anyway: a new place, a colleague's shift."""


@dataclass(frozen=True, slots=True)
class Written:
    """A line as somebody writes it; ``number`` of ``unit`` (``factor`` base units), ``price`` per unit without tax."""

    key: int
    document: str
    type: str
    item: str
    number: float
    at: datetime
    unit: str = "PCS"
    factor: float = 1.0
    price: float | None = None
    partner: str = ""
    person: str = ""
    warehouse: str = ""
    source: str = ""
    target: str = ""
    department: str = ""
    reason: str = ""
    happened: datetime | None = None
    lot: str = ""
    expires: date | None = None
    order: str = ""
    reference: str = ""
    original: bool = False


@dataclass(slots=True)
class Goods:
    """What is known of an item: its units, where it lies, and its lots with their expiry."""

    code: str
    category: str
    packs: tuple[tuple[str, float], ...] = ()
    homes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shelf_life: int | None = None
    decimals: int = 0
    lots: list[tuple[str, date, date]] = field(default_factory=list)
    gone: dict[str, date] = field(default_factory=dict)
    """When a lot was last touched, of those that are used up."""
    """Number, from when it is there, and expiry (``date.max``: it has none)."""


@dataclass(slots=True)
class History:
    """Lines in the order in which they were written, and the masters they name."""

    name: str
    lines: list[Written]
    goods: dict[str, Goods]
    orders: dict[str, dict[str, tuple[float, float | None]]]
    """Source document → item → what it leaves open (base units) and its price per base unit."""
    rates: tuple[float, ...] = (7.1,)
    company: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """partner, person, warehouse, department, reason → all there are."""
    sourced: frozenset[str] = frozenset()
    """Documents that were made from another; that they say the same as one before is no news."""

    def split(self, share: float = 0.7) -> tuple[list[Written], list[Written]]:
        """What was written before and after the moment by which ``share`` of the lines were."""
        cut = self.lines[int(len(self.lines) * share)].at
        return [x for x in self.lines if x.at < cut], [x for x in self.lines if x.at >= cut]


def lots_there(goods: Goods, at: datetime) -> list[tuple[str, date]]:
    """Lots that lie there at a moment: come, not used up, and the next of them not yet begun."""
    there = [
        (number, expires)
        for number, since, expires in goods.lots
        if since <= at.date() <= goods.gone.get(number, date.max)
    ]
    return there[-2:]


# An invented company --------------------------------------------------------------------------------


def invented(seed: int, items: int = 240, days: int = 240, name: str = "invented") -> History:
    """A trading and making company: seasons of the week, contract prices, suppliers and customers of their own."""
    return _Inventor(random.Random(seed), items, days, name).tell()  # noqa: S311 - a rehearsal


class _Inventor:
    def __init__(self, rng: random.Random, items: int, days: int, name: str) -> None:
        self.rng, self.days, self.name = rng, days, name
        self.start = datetime(2026, 1, 5)  # noqa: DTZ001 - a Monday of an invented calendar
        self.houses = ("WH-1", "WH-2")
        self.people = {
            house: [f"{role}-{house}" for role in ("lee", "wang", "chen", "ma")]
            for house in self.houses
        }
        self.departments = ("assembly", "packing", "office", "lab")
        self.goods = {f"{10100 + 7 * n}": self._goods(n) for n in range(items)}
        self.codes = list(self.goods)
        self.level = {code: rng.lognormvariate(3.4, 1.1) for code in self.codes}
        self.price = {code: round(rng.lognormvariate(2.5, 1.0) + 0.5, 2) for code in self.codes}
        suppliers = [f"S{n:02}" for n in range(14)]
        self.suppliers = {code: rng.sample(suppliers, rng.choice((1, 1, 2))) for code in self.codes}
        customers = [f"C{n:02}" for n in range(30)]
        self.customers = {code: rng.sample(customers, 5) for code in self.codes}
        self.user = {code: rng.choice(self.departments) for code in self.codes}
        self.uses = {code: rng.random() < 0.4 for code in self.codes}
        self.lines: list[Written] = []
        self.orders: dict[str, dict[str, tuple[float, float | None]]] = {}
        self.document = 0

    def _goods(self, number: int) -> Goods:
        rng = self.rng
        pack = rng.choice((6, 10, 12, 20, 24, 50, 100))
        code = f"{10100 + 7 * number}"
        homes: dict[str, tuple[str, ...]] = {"WH-1": (f"A-{number:03}",)}
        if rng.random() < 0.3:
            homes["WH-2"] = (f"B-{number:03}",)
        goods = Goods(code, f"K{number % 8}", (("CTN", float(pack)),), homes)
        if rng.random() < 0.35:
            goods.shelf_life = rng.choice((180, 270, 365))
            since = self.start.date() - timedelta(days=40)
            while since < self.start.date() + timedelta(days=self.days):
                expires = since + timedelta(days=goods.shelf_life - rng.randrange(20))
                goods.lots.append((f"L{since:%y%m%d}{number:03}", since, expires))
                since += timedelta(days=rng.randrange(20, 45))
        return goods

    def tell(self) -> History:
        """All days, one after the other."""
        for day in range(self.days):
            today = self.start + timedelta(days=day)
            busy = (22, 20, 20, 21, 24, 4, 0)[today.weekday()]
            moments = sorted(
                today + timedelta(minutes=self.rng.triangular(7.6 * 60, 18.4 * 60, 14.5 * 60))
                for _one in range(busy)
            )
            for at in moments:
                self._document(at)
        company = {
            "partner": tuple(sorted({x.partner for x in self.lines} - {""})),
            "person": tuple(sorted({x.person for x in self.lines})),
            "warehouse": self.houses,
            "department": self.departments,
            "reason": ("broken", "expired", "sample", "lost", "gift"),
        }
        return History(self.name, self.lines, self.goods, self.orders, company=company)

    def _document(self, at: datetime) -> None:
        rng = self.rng
        self.document += 1
        types = (
            "purchase_in",
            "sales_out",
            "production_issue",
            "department_issue",
            "scrap",
            "other_out",
        )
        kind = rng.choices(types, (22, 44, 16, 10, 4, 4))[0]
        house = rng.choices(self.houses, (5, 1))[0]
        pool = [code for code in self.codes if house in self.goods[code].homes]
        if kind in {"production_issue", "department_issue"}:
            pool = [code for code in pool if self.uses[code]] or pool
        first = pool[min(int(rng.expovariate(4.0 / len(pool))), len(pool) - 1)]
        partner = self._partner(kind, first)
        chosen = [first]
        if partner:
            sells = self.suppliers if kind == "purchase_in" else self.customers
            pool = [code for code in pool if partner in sells[code]]
        chosen += rng.sample(pool, min(len(pool), rng.randrange(5)))
        name = f"D{self.document:06}"
        order = f"O{self.document:06}" if partner and rng.random() < 0.5 else ""
        person = self._person(kind, house, at)
        late = timedelta(hours=rng.expovariate(0.6)) if rng.random() < 0.3 else timedelta(0)
        reason = "" if kind not in {"scrap", "other_out"} else self._reason(kind)
        for code in dict.fromkeys(chosen):
            self._line(
                Written(
                    0, name, kind, code, 0, at, partner=partner, person=person, warehouse=house,
                    reason=reason, happened=at - late, order=order,
                    reference=f"R{self.document:06}" if kind == "purchase_in" else "",
                )
            )  # fmt: skip

    def _reason(self, kind: str) -> str:
        choices = {
            "scrap": (("broken", "expired"), (3, 2)),
            "other_out": (("sample", "gift"), (4, 1)),
        }
        return self.rng.choices(*choices[kind])[0]

    def _partner(self, kind: str, code: str) -> str:
        if kind == "purchase_in":
            return self.rng.choices(self.suppliers[code], (4, 1)[: len(self.suppliers[code])])[0]
        if kind != "sales_out":
            return ""
        if self.rng.random() < ODD:
            return f"C{self.rng.randrange(30):02}"
        return self.rng.choice(self.customers[code])

    def _person(self, kind: str, house: str, at: datetime) -> str:
        team = self.people[house]
        if self.rng.random() < ODD:
            return self.rng.choice(team)
        duty = {"purchase_in": (0, 1), "sales_out": (1, 2), "scrap": (3, 3)}.get(kind, (0, 2))
        return team[duty[at.hour >= 13]]

    def _line(self, start: Written) -> None:
        rng = self.rng
        code, goods = start.item, self.goods[start.item]
        level = self.level[code] * {"purchase_in": 8, "scrap": 0.1, "other_out": 0.1}.get(
            start.type, 1
        )
        quantity = max(1.0, round(level * rng.lognormvariate(0, 0.35)))
        pack = goods.packs[0][1]
        number, unit, factor = quantity, "PCS", 1.0
        if start.type == "purchase_in" or (start.type == "sales_out" and quantity > 2 * pack):
            number = max(1.0, round(quantity / pack))
            unit, factor = "CTN", pack
            if start.type == "sales_out" and self.document % 3:
                number, unit, factor = number * pack, "PCS", 1.0
        place = goods.homes[start.warehouse][0]
        if rng.random() < ODD:
            place = f"X-{rng.randrange(9)}"
            goods.homes[start.warehouse] = (*goods.homes[start.warehouse], place)
        values: dict[str, Any] = {
            "number": number,
            "unit": unit,
            "factor": factor,
            "key": len(self.lines) + 1,
        }
        values["source" if start.type in TAKES else "target"] = place
        if start.type in {"purchase_in", "sales_out"}:
            margin = (
                1.0 if start.type == "purchase_in" else 1.3 + 0.05 * (int(start.partner[1:]) % 3)
            )
            drift = 1 + 0.01 * ((start.at - self.start).days // 60)
            values["price"] = round(self.price[code] * margin * drift, 2) * factor
        if start.type == "department_issue":
            values["department"] = self.user[code]
        values |= self._lot(start, goods)
        made = replace(start, **values)
        if start.order:
            more = 1.0 if rng.random() < 0.85 else rng.choice((1.5, 2.0, 3.0))
            price = None if made.price is None else made.price / factor
            self.orders.setdefault(start.order, {})[code] = (number * factor * more, price)
        self.lines.append(made)

    def _lot(self, start: Written, goods: Goods) -> dict[str, object]:
        there = lots_there(goods, start.at)
        alive = [one for one in there if one[1] >= start.at.date()]
        if not alive:
            return {}
        if start.type not in TAKES:
            return {"lot": alive[-1][0], "expires": alive[-1][1]}
        take = alive[-1] if self.rng.random() < ODD else min(alive, key=lambda one: one[1])
        return {"lot": take[0], "expires": take[1]}


# Real ones ------------------------------------------------------------------------------------------


def online_retail(path: str, seed: int = 1) -> History:
    """A month of sales of a shop that sells to shops (UCI Online Retail): quantities, prices, customers, times.

    Returns, corrections and charges are left out; lines that repeat item and quantity within an invoice are
    slips themselves and left out, others are added up as the form does when an item is scanned again.
    """
    rows: dict[tuple[str, str], Written] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            code, number = row["StockCode"].upper(), float(row["Quantity"])
            if number <= 0 or not code[:5].isdigit() or float(row["UnitPrice"]) <= 0:
                continue
            key = row["InvoiceNo"], code
            if key in rows:
                if rows[key].number != number:
                    rows[key] = replace(rows[key], number=rows[key].number + number)
                continue
            rows[key] = Written(
                len(rows) + 1, row["InvoiceNo"], "sales_out", code, number,
                datetime.fromisoformat(row["InvoiceDate"]), price=float(row["UnitPrice"]),
                partner=row["CustomerID"] or "counter",
            )  # fmt: skip
    return _dressed("online_retail", list(rows.values()), seed)


def adventure_works(path: str, seed: int = 1) -> History:
    """A month of AdventureWorks: purchases, sales and receipts of production; days without hours."""
    kinds = {"P": "purchase_in", "S": "sales_out", "W": "production_receipt"}
    rng = random.Random(seed)  # noqa: S311 - a rehearsal
    rows: dict[tuple[str, str, str], Written] = {}
    hours: dict[str, float] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kind = kinds[row["TransactionType"]]
            document = f"{row['TransactionType']}{row['ReferenceOrderID']}"
            hour = hours.setdefault(document, rng.triangular(8, 18, 14))
            at = datetime.fromisoformat(row["TransactionDate"]) + timedelta(hours=hour)
            price = float(row["ActualCost"]) or None
            key = document, row["ProductID"], row["TransactionDate"]
            number = float(row["Quantity"])
            if key in rows:
                rows[key] = replace(rows[key], number=rows[key].number + number)
                continue
            rows[key] = Written(
                len(rows) + 1, document, kind, row["ProductID"], number, at, price=price
            )
    lines = sorted(rows.values(), key=lambda one: (one.at, one.key))
    return _dressed("adventure_works", lines, seed)


def _dressed(name: str, lines: Sequence[Written], seed: int) -> History:
    """The lines with places, lots, people and source documents, added from the seed."""
    return History(name, *_Dresser(seed).dress(lines))


class _Dresser:
    """Adds what a file does not say: one home per item, lots in turn, two people per shift, orders for half."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a rehearsal
        self.goods: dict[str, Goods] = {}
        self.orders: dict[str, dict[str, tuple[float, float | None]]] = {}
        self.of_document: dict[str, tuple[str, str]] = {}

    def dress(self, lines: Sequence[Written]) -> tuple[
        list[Written], dict[str, Goods], dict[str, dict[str, tuple[float, float | None]]],
        tuple[float, ...], dict[str, tuple[str, ...]],
    ]:  # fmt: skip
        """Lines, goods, orders, rates and the company."""
        first = min(one.at for one in lines).date()
        for number, code in enumerate(sorted({one.item for one in lines})):
            self.goods[code] = self._goods(code, number, first)
        made = [self._line(one) for one in lines]
        company = {
            "partner": tuple(sorted({one.partner for one in made} - {""})),
            "person": tuple(sorted({one.person for one in made})),
            "warehouse": ("WH-1", "WH-2"),
            "department": ("assembly", "packing", "office"),
            "reason": ("broken", "sample"),
        }
        return made, self.goods, self.orders, (7.1,), company

    def _goods(self, code: str, number: int, first: date) -> Goods:
        pack = self.rng.choice((6, 10, 12, 20, 24, 50))
        goods = Goods(code, code[:2], (("CTN", float(pack)),), {"WH-1": (f"A-{number:04}",)})
        if self.rng.random() < 0.3:
            goods.shelf_life = 365
            for turn in range(-1, 3):
                since = first + timedelta(days=15 * turn)
                expires = since + timedelta(days=350)
                goods.lots.append((f"L{number:04}{turn + 1}", since, expires))
        return goods

    def _line(self, line: Written) -> Written:
        rng, goods = self.rng, self.goods[line.item]
        if line.document not in self.of_document:
            shift = ("lee", "wang") if line.at.hour < 13 else ("chen", "ma")
            takes = line.type in {"purchase_in", "sales_out"}
            order = f"O-{line.document}" if takes and rng.random() < 0.5 else ""
            self.of_document[line.document] = (shift[line.type == "sales_out"], order)
        person, order = self.of_document[line.document]
        place = goods.homes["WH-1"][0]
        values: dict[str, Any] = {
            "person": person, "warehouse": "WH-1", "happened": line.at, "order": order,
            "reference": f"R-{line.document}" if line.type == "purchase_in" else "",
            "source" if line.type in TAKES else "target": place,
        }  # fmt: skip
        if order:
            more = 1.0 if rng.random() < 0.85 else rng.choice((1.5, 2.0, 3.0))
            self.orders.setdefault(order, {})[line.item] = (line.number * more, line.price)
        there = [one for one in lots_there(goods, line.at) if one[1] >= line.at.date()]
        if there:
            first = min(there, key=lambda one: one[1]) if line.type in TAKES else there[-1]
            values |= {"lot": first[0], "expires": first[1]}
        return replace(line, **values)


def by_document(lines: Sequence[Written]) -> Iterator[list[Written]]:
    """The lines of each document together, in order."""
    found: dict[str, list[Written]] = {}
    for one in lines:
        found.setdefault(one.document, []).append(one)
    yield from found.values()
