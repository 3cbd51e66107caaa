"""Maps the columns of a table to fields by their headers and by what stands in them; says how sure it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from intake.understanding import brackets, refining
from intake.understanding.dictionary import CONTAINS, Dictionary
from intake.understanding.fields import FIELDS, NUMBERS, PARTS, Kind, field_of
from intake.understanding.profile import Profile
from intake.understanding.result import Column
from intake.understanding.words import folded, full_key, header_key

ACCEPTED = 0.5
"""A column below this is not used, and that is said."""
_SURELY = 0.8
_BY_CELLS = 0.75
_SOME_NUMBERS = 0.25
CLOSE = 0.12
"""Two meanings that are nearer than this are a question where a mistake would change stock."""
_CODE_ENDS = ("编码", "编号", "代码", "code", "id", "no", "number")
_NUMBERING = frozenset(
    {
        "no",
        "no.",
        "#",
        "序号",
        "项次",
        "序",
        "行号",
        "sno",
        "srno",
        "slno",
        "line",
        "row",
        "seq",
        "sequence",
    }
)
_GROUPS = frozenset(
    {"opening", "quantity_in", "quantity_out", "balance", "counted", "book", "difference"}
)
_PRICES = frozenset(
    {
        "unit_price",
        "price_taxed",
        "purchase_price",
        "sale_price",
        "in_price",
        "out_price",
        "opening_price",
        "balance_price",
    }
)
_AMOUNTS = frozenset(
    {"amount", "amount_taxed", "in_amount", "out_amount", "opening_amount", "balance_amount"}
)
_AMOUNT_OF = {"counted": "counted_amount", "book": "book_amount", "difference": "difference_amount"}
_NAMED = frozenset({"warehouse", "department", "supplier", "customer", "partner", "name"})
_GENERAL = frozenset({"quantity", "unit_price", "amount"})
"""What stands under a group is of that group, whatever both words say together elsewhere."""
_QUANTITIES = frozenset({"quantity", "quantity_2", "planned"}) | _GROUPS


@dataclass(slots=True)
class Guess:
    """A column on its way to a field."""

    column: Column
    layers: tuple[str, ...]
    profile: Profile
    scores: dict[str, float] = field(default_factory=dict)
    asked: bool = False
    """Whether its meanings are too close to choose."""


def guess(
    layers: Mapping[int, tuple[str, ...]],
    columns: Sequence[Column],
    profiles: Mapping[int, Profile],
    words: Dictionary,
    given: Mapping[str, str],
    around: set[str],
) -> list[Guess]:
    """The columns with their fields; ``given`` are field → header or letter that a person said.

    ``around`` are fields that other parts of the table say, such as its columns of days.
    """
    guesses = [Guess(column, layers[column.at], profiles[column.at]) for column in columns]
    taken = _give(guesses, given)
    free = [g for g in guesses if not g.column.field]
    several = _several_middles(free, words)
    for one in free:
        one.column.samples = one.profile.samples
        one.scores = _fitting(_scores(one.layers, words, several), one.profile)
        if not one.scores and one.profile.filled and one.profile.movement >= _SURELY:
            # Nobody knows the header, but its cells say in or out.
            one.scores = {"type": _BY_CELLS}
        brackets.read(one.column, one.layers)
    _name_before_code(free)
    _without_ids(free)
    for _pass in range(2):
        # What the first pass settles may settle more.
        present = _certain(free) | taken | around
        for at, one in enumerate(guesses):
            if one in free:
                right = guesses[at + 1].scores if at + 1 < len(guesses) else {}
                one.scores = refining.refined(one.scores, one.profile, present, right)
    _choose(free, taken)
    refining.identity_from_model(guesses)
    return guesses


def _give(guesses: list[Guess], given: Mapping[str, str]) -> set[str]:
    """Columns that a person named; a header that is there twice needs its letter."""
    taken = set()
    for code, header in given.items():
        fits = [g for g in guesses if g.column.letter == header.strip().upper()] or [
            g
            for g in guesses
            if full_key(g.column.header) == full_key(header)
            or full_key(g.layers[-1]) == full_key(header)
        ]
        if fits and code.partition("[")[0] in FIELDS:
            fits[0].column.field, fits[0].column.confidence, fits[0].column.how = code, 1.0, "given"
            fits[0].column.samples = fits[0].profile.samples
            brackets.read(fits[0].column, fits[0].layers)
            taken.add(code)
    return taken


def _several_middles(guesses: list[Guess], words: Dictionary) -> set[str]:
    """First layers under which more than one middle layer stands: their columns need a mark."""
    middles: dict[str, set[str]] = {}
    for one in guesses:
        if len(one.layers) > 2 or (len(one.layers) == 2 and not words.scores(one.layers[1])):
            middles.setdefault(one.layers[0], set()).add(one.layers[1])
    return {first for first, found in middles.items() if len(found) > 1}


def _scores(layers: tuple[str, ...], words: Dictionary, several: set[str]) -> dict[str, float]:
    """Field → score of a header of one or more layers."""
    if len(layers) == 1:
        return dict(words.scores(layers[0]))
    group = next(
        (code for layer in layers[:-1] for code in words.scores(layer) if code in _GROUPS), ""
    )
    last = words.scores(layers[-1])
    exact = words.exact("".join(layers))
    if len(exact) == 1 and not (group and exact[0] in _GENERAL):
        return {exact[0]: 1.0}
    if not group:
        return dict(last) or dict(words.scores(layers[0]))
    tag = f"[{layers[1]}]" if layers[0] in several else ""
    if any(code in _PRICES for code in last):
        return {PARTS.get(group, ("unit_price",))[0] + tag: 0.95}
    if any(code in _AMOUNTS for code in last):
        amount = PARTS[group][1] if group in PARTS else _AMOUNT_OF.get(group, "amount")
        return {amount + tag: 0.95}
    if group in last or any(code in _QUANTITIES for code in last):
        return {group + tag: 0.95}
    if last:
        return dict(last)
    return {group + tag: 0.75}


def _fitting(scores: Mapping[str, float], profile: Profile) -> dict[str, float]:
    """The scores times how well the cells fit; a header that says it plainly is not unsaid by cells that are wrong."""
    plain = len(scores) == 1 and max(scores.values()) >= 1
    found = {}
    for code, score in scores.items():
        if score <= CONTAINS and code in _NAMED and profile.pure_number >= _SURELY:
            # Current Quantity Main Store ends like a warehouse, 一车间 like a department; neither is one.
            continue
        kind = field_of(code).kind
        least = ACCEPTED if plain and (kind in NUMBERS or kind is Kind.DATE) else 0
        found[code] = score * max(profile.fit(field_of(code)), least)
    return {code: score for code, score in found.items() if score >= 0.3}


def _name_before_code(guesses: list[Guess]) -> None:
    """Where a warehouse stands with its code and its name, the name is taken: it is what people know it by."""
    both = [one for one in guesses if "warehouse" in one.scores and one.profile.filled]
    if len(both) != 2:
        return
    coded = [one for one in both if header_key(one.layers[-1]).endswith(_CODE_ENDS)]
    if len(coded) == 1 and not any(len(one.scores) > 1 for one in coded):
        coded[0].scores = {}


def _without_ids(guesses: list[Guess]) -> None:
    """Where part.name stands beside the numbers of part, these are numbers of records in another program."""
    names = [folded(one.layers[-1]).casefold() for one in guesses]
    for one, name in zip(guesses, names, strict=True):
        counts = any(field_of(code).kind in NUMBERS for code in one.scores)
        part = re.compile(re.escape(name) + r"(?:\.|__)[a-z]{2}\w*", re.ASCII)
        if one.profile.pure_number >= _BY_CELLS and not counts and any(map(part.fullmatch, names)):
            one.scores = {}


def _certain(guesses: list[Guess]) -> set[str]:
    return {
        code
        for one in guesses
        if len(one.scores) == 1
        for code, score in one.scores.items()
        if score >= 0.7
    }


def _choose(guesses: list[Guess], taken: set[str]) -> None:
    """One column per field, the best first; what is left over or too close stays without a field."""
    order = sorted(guesses, key=lambda g: (-max(g.scores.values(), default=0), g.column.at))
    used = set(taken)
    for one in order:
        ranked = sorted(one.scores.items(), key=lambda pair: -pair[1])
        one.column.candidates = ranked
        if one.column.how == "given":
            continue
        left = [(code, score) for code, score in ranked if code not in used and score >= ACCEPTED]
        if not left:
            one.asked = _is_twin(one, ranked, order)
            continue
        (code, score), rest = left[0], left[1:]
        if (
            rest
            and score - rest[0][1] < CLOSE
            and (field_of(code).core or field_of(rest[0][0]).core)
        ):
            one.asked = True
            continue
        if code == "ignore":
            # Sums and footers below stand in the sample, too.
            numbers_rows = one.profile.pure_number >= _SOME_NUMBERS or not one.profile.filled
            one.column.how = (
                "ignored" if numbers_rows or header_key(one.layers[-1]) not in _NUMBERING else ""
            )
            # No. may be a code: then it is no number of rows, and if nothing else is the code, it is asked.
            one.asked = not one.column.how and "item" not in used
            one.column.candidates = [("item", 0.5)] if one.asked else []
            continue
        one.column.field, one.column.confidence, one.column.how = (
            code,
            min(score, 1.0),
            "dictionary",
        )
        used.add(code)


def _is_twin(one: Guess, ranked: list[tuple[str, float]], order: list[Guess]) -> bool:
    """Whether another column took its field with the same right, where a mistake would change stock."""
    if (
        not ranked
        or ranked[0][1] < 0.7
        or not field_of(ranked[0][0]).core
        or not one.profile.filled
    ):
        return False
    code = ranked[0][0]
    if field_of(code).kind is Kind.QUANTITY and code == "quantity":
        return _make_second(one, order)
    winner = next((g for g in order if g.column.field == code), None)
    return winner is not None and winner.scores.get(code, 0) - ranked[0][1] < CLOSE


def _make_second(one: Guess, order: list[Guess]) -> bool:
    """A second quantity in another unit is the auxiliary one; in the same unit nobody can tell."""
    first = next((g for g in order if g.column.field == "quantity"), None)
    taken = any(g.column.field == "quantity_2" for g in order)
    if first is None or taken or first.column.how == "given":
        return False
    if one.column.unit and one.column.unit != first.column.unit:
        one.column.field, one.column.confidence, one.column.how = "quantity_2", 0.8, "dictionary"
        return False
    same = header_key(one.layers[-1]) == header_key(first.layers[-1])
    if same:
        first.asked = True
        first.column.field = ""
    return True
