"""Which account a movement touches at each end, and why: pure rules over what was read of the books.

The rule with the most conditions wins; of two with as many, the one that asks for the reason, then the
department, the warehouse, the movement type, the category (the nearest first). What no rule answers goes
to the account of stock, or of suspense, and waits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from stock.place_kinds import PHYSICAL

_WEIGHT = {"reason": 16, "department": 8, "warehouse": 4, "type": 2, "category": 1}
_NEVER = (-1, -1, 0)


class Asked(NamedTuple):
    """What is known of one end of a movement."""

    place_kind: str
    category: int
    type: str
    reason: str = ""
    warehouse: int | None = None
    department: int | None = None


class Rule(NamedTuple):
    """A rule as the finder needs it; empty conditions stand for any."""

    id: int
    place_kind: str
    account: int
    category: int | None
    type: str
    reason: str
    warehouse: int | None
    department: int | None


class Answer(NamedTuple):
    """The account, and the rule that named it: None where none fits, so that it waits."""

    account: int
    rule: int | None


@dataclass(slots=True)
class Book:
    """The rules of one company in one version, and what was answered before."""

    company: int
    version: int
    red: bool
    inventory: int
    suspense: int
    rules: Mapping[str, list[Rule]]
    parents: Mapping[int, int | None]
    holding: frozenset[int] = frozenset()
    """Accounts that hold stock."""
    known: dict[Asked, Answer] = field(default_factory=dict)

    def account(self, asked: Asked) -> Answer:
        """Where this end is booked."""
        answer = self.known.get(asked)
        if answer is None:
            answer = self.known[asked] = self._find(asked)
        return answer

    def _find(self, asked: Asked) -> Answer:
        ranked = self.candidates(asked)
        if ranked:
            return Answer(ranked[0].account, ranked[0].id)
        return Answer(self.inventory if asked.place_kind in PHYSICAL else self.suspense, None)

    def candidates(self, asked: Asked) -> list[Rule]:
        """The rules that fit, the one that wins first."""
        nearness = {category: -n for n, category in enumerate(self.line_of(asked.category))}
        ranked = [
            (rank, rule)
            for rule in self.rules.get(asked.place_kind, ())
            if (rank := _rank(rule, asked, nearness)) != _NEVER
        ]
        return [rule for _rank_, rule in sorted(ranked, key=lambda pair: pair[0], reverse=True)]

    def line_of(self, category: int) -> list[int]:
        """A category and those that it belongs to, itself first."""
        line: list[int] = []
        current: int | None = category
        while current is not None and current not in line:
            line.append(current)
            current = self.parents.get(current)
        return line


def _rank(rule: Rule, asked: Asked, nearness: Mapping[int, int]) -> tuple[int, int, int]:
    """How well a rule fits: conditions, their weight, nearness of the category; ``_NEVER`` if it does not."""
    met = []
    for name in _WEIGHT:
        wanted = getattr(rule, name)
        if not wanted:
            continue
        fits = wanted in nearness if name == "category" else wanted == getattr(asked, name)
        if not fits:
            return _NEVER
        met.append(name)
    near = nearness[rule.category] if rule.category else 0
    return len(met), sum(_WEIGHT[name] for name in met), near


def group(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Rules by the kind of place that they are for."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.place_kind, []).append(rule)
    return found
