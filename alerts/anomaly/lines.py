"""The facts that are judged: a line that was posted (``Seen``), one that is typed, and what surrounds it. Pure data.

Quantities are in base units and prices per base unit, without tax, in the company's currency; both are
floats, since they are only compared, never posted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

HOURS = 168
"""Hours of a week; 0 is Monday from 00:00."""


class Seen(NamedTuple):
    """A posted line as it is remembered of its item and type; keys are ids (or codes), 0 or "" for none."""

    key: int
    quantity: float
    price: float | None
    partner: int
    person: int
    warehouse: int
    source: int
    target: int
    department: int
    reason: str


class Pack(NamedTuple):
    """A unit of an item: 1 of it = ``factor`` base units."""

    unit: str
    factor: float


class LotThere(NamedTuple):
    """A lot that lies where a line takes its goods from."""

    number: str
    expires: date | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as it is typed: ``number`` of ``unit``, each ``factor`` base units; ``price`` per unit, without tax."""

    item: int
    type: str
    number: float
    at: datetime
    unit: str = ""
    factor: float = 1.0
    price: float | None = None
    partner: int = 0
    person: int = 0
    warehouse: int = 0
    source: int = 0
    target: int = 0
    department: int = 0
    reason: str = ""
    lag: float = 0.0
    """Days from when it is said to have happened to when it is written; negative for the future."""
    lot: str = ""
    expires: date | None = None
    """Of the lot: as it is known, or as typed for what arrives."""
    returns: bool = False

    @property
    def quantity(self) -> float:
        """In base units."""
        return self.number * self.factor

    @property
    def unit_price(self) -> float | None:
        """Per base unit."""
        return None if self.price is None else self.price / self.factor


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the line: units of the item, the source document, lots that lie there, twins.

    ``left`` is what its source document leaves open (base units; None without one), ``foreign`` whether the
    document was made from another that does not have the item. ``twin`` names a document that says the same.
    """

    packs: Sequence[Pack] = ()
    base_unit: str = ""
    left: float | None = None
    source_price: float | None = None
    foreign: bool = False
    lots: Sequence[LotThere] = ()
    shelf_life: int | None = None
    partner_fits: bool = True
    """Whether the partner is a supplier (a customer) where the type wants one."""
    twin: str = ""
    twin_reference: str = ""
    rates: Sequence[float] = ()
    """Exchange rates between the company's currency and others that it uses, as ratios."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Attribute → how the line's value is called, for sentences."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a type is usually written, all items together: counts by hour of the week, lag, person and so on."""

    hours: Sequence[int] = ()
    lags: Sequence[int] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Attribute (person, department, reason, …) → value → lines."""

    @property
    def total(self) -> int:
        """How many lines it knows."""
        return sum(self.hours)


@dataclass(frozen=True, slots=True)
class Limits:
    """Calibration of one type: how far correct lines went, and how often something new was right."""

    spread: Mapping[str, float] = field(default_factory=dict)
    """quantity, price → the usual spread within an item, as a log."""
    far: Mapping[str, float] = field(default_factory=dict)
    """quantity, price → the score above which a line is remarked on whatever explains it."""
    explained: Mapping[str, float] = field(default_factory=dict)
    """The same for lines that a usual mistake explains."""
    fresh: Mapping[str, float] = field(default_factory=dict)
    """Attribute → the share of lines with a value that was new to a well-known item."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that is remembered for a line: of its item and type, of its category, of the type."""

    item: Sequence[Seen] = ()
    category: Sequence[Seen] = ()
    others: int = 0
    """Lines of the item with other types."""
    manners: Manners = field(default_factory=Manners)
    limits: Limits = field(default_factory=Limits)
    accepted: Sequence["Accepted"] = ()
    patience: Mapping[str, float] = field(default_factory=dict)
    """Code → how many times its limit must be passed, after such warnings were accepted lately (1: as usual)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Somebody said "it is right": of which judgement, and the value that it was about."""

    code: str
    mark: str = ""
    """What it was about, where that is a name: a partner, a place."""
    amount: float | None = None
    """What it was about, where that is a number."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value to take with one key: ``field`` of the line, as it would be typed."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thing that is unusual. ``strength`` is in [0, 1]; ``facts`` fill the sentence of ``code``."""

    code: str
    strength: float
    facts: Mapping[str, object] = field(default_factory=dict)
    suggestion: Suggestion | None = None
    mark: str = ""
    amount: float | None = None
    excess: float = math.inf
    """How many times its limit was passed; infinite where it is no matter of degree."""
