"""Decides ambiguous headers by the other columns and by the cells, where those leave no doubt."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from intake.understanding import amounts
from intake.understanding.amounts import Scores, keep
from intake.understanding.profile import Profile

if TYPE_CHECKING:
    from intake.understanding.mapping import Guess

_ITEMISH = frozenset(
    {
        "item",
        "barcode",
        "spec",
        "name_spec",
        "quantity",
        "quantity_in",
        "quantity_out",
        "balance",
        "counted",
        "unit_price",
        "pack_factor",
        "min_stock",
        "lot",
        "shelf_life",
        "purchase_price",
        "sale_price",
        "category",
        "model",
        "color",
    }
)
_PARTNERISH = frozenset(
    {"contact", "phone", "address", "tax_number", "bank", "bank_account", "email", "partner_kind"}
)


def refined(
    scores: Mapping[str, float], profile: Profile, present: set[str], right: Mapping[str, float]
) -> Scores:
    """The scores after looking around; ``present`` are fields that other columns certainly are, ``right`` the next one's."""
    found = dict(scores)
    for rule in _RULES:
        rule(found, profile, present, right)
    return {code: score for code, score in found.items() if score > 0}


def _stock_or_warehouse(
    found: Scores, profile: Profile, _present: set[str], _right: Mapping[str, float]
) -> None:
    if "warehouse" in found and ("quantity" in found or "balance" in found):
        if profile.number >= 0.5 or not profile.filled:
            found.pop("warehouse")
        else:
            keep(found, "warehouse", "quantity", "balance")


def _type_or_remark(
    found: Scores, profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"type", "remark"} <= found.keys():
        if profile.movement >= 0.6 and "type" not in present:
            keep(found, "type", "remark")
        elif profile.movement < 0.2 or "type" in present:
            keep(found, "remark", "type")


def _expiry_or_life(
    found: Scores, profile: Profile, _present: set[str], _right: Mapping[str, float]
) -> None:
    if {"expiry", "shelf_life"} <= found.keys():
        if profile.duration >= 0.5 or (profile.pure_number >= 0.8 and profile.day < 0.5):
            keep(found, "shelf_life", "expiry")
        elif profile.day >= 0.5:
            keep(found, "expiry", "shelf_life")


def _unit_or_partner(
    found: Scores, profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"unit", "partner"} <= found.keys():
        if profile.unit >= 0.6 or (not profile.filled and present & _ITEMISH):
            keep(found, "unit", "partner")
        elif profile.unit < 0.1 and profile.length > 5:
            keep(found, "partner", "unit")
        elif profile.length <= 4 and present & _ITEMISH:
            # Short words beside items: units that the list of units lacks.
            keep(found, "unit", "partner")
        else:
            found["unit"] = found["partner"] = 0.9


def _name_or_partner(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"name", "partner"} <= found.keys():
        if present & _PARTNERISH and not present & {"item", "quantity", "barcode", "spec"}:
            keep(found, "partner", "name")
        elif present & (_ITEMISH | {"unit"}):
            keep(found, "name", "partner")


def _whose_number(
    found: Scores, _profile: Profile, present: set[str], right: Mapping[str, float]
) -> None:
    if "item" not in found or not {"source", "partner_code"} & found.keys():
        return
    if present & _PARTNERISH and not present & {"quantity", "barcode", "spec"}:
        keep(found, "partner_code", "item", "source")
    elif "item" in present and "source" in found and present & {"date"}:
        keep(found, "source", "item", "partner_code")
    elif (
        "source" in present
        or {"name", "name_spec"} & right.keys()
        or not present & {"date", "source"}
    ):
        keep(found, "item", "source", "partner_code")
    else:
        found.pop("partner_code", None)


def _code_or_name(
    found: Scores, profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"item", "model"} <= found.keys():
        # The style beside the code of each of its sizes.
        keep(found, *(("model", "item") if "item" in present else ("item", "model")))
    if {"item", "source_line"} <= found.keys():
        # The item of a document is the number of its line.
        if {"item", "source"} <= present and profile.pure_number >= 0.9:
            keep(found, "source_line", "item", "name")
        elif "source" not in present or profile.pure_number < 0.9:
            found.pop("source_line")
    if {"item", "name"} <= found.keys():
        if "item" in present:
            keep(found, "name", "item")
        elif present & {"name", "name_spec"} or (profile.code >= 0.9 and profile.chinese < 0.1):
            keep(found, "item", "name")
        elif profile.code <= 0.1:
            keep(found, "name", "item")
    if {"name", "remark"} <= found.keys():
        keep(
            found, *(("remark", "name") if present & {"name", "name_spec"} else ("name", "remark"))
        )


def _warehouse_or_bin(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"warehouse", "place"} <= found.keys():
        if "warehouse" in present:
            keep(found, "place", "warehouse")
        elif "place" in present:
            keep(found, "warehouse", "place")


def _spec_or_factor(
    found: Scores, profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"spec", "pack_factor"} <= found.keys():
        factor = profile.pure_number >= 0.8 or "spec" in present
        keep(found, *(("pack_factor", "spec") if factor else ("spec", "pack_factor")))


def _main_or_second_unit(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    """The unit that is used every day is a second one beside the base unit, and the unit elsewhere."""
    if {"unit", "unit_2"} <= found.keys():
        keep(found, *(("unit_2", "unit") if "unit" in present else ("unit", "unit_2")))


def _weak(found: Scores, profile: Profile, present: set[str], _right: Mapping[str, float]) -> None:
    """Words that mean the general thing only where no better column does."""
    if {"spec", "attributes"} <= found.keys():
        if "spec" in present:
            keep(found, "attributes", "spec")
        else:
            found["spec"], found["attributes"] = 0.9, 0.6
    if {"date", "clock"} <= found.keys():
        if profile.day >= 0.5:
            # Whole days are no clock, even beside another day; a header that says "day" plainly goes before.
            keep(found, "date", "clock")
            found["date"] = 0.85 if "date" in present else found["date"]
        else:
            keep(found, *(("clock", "date") if "date" in present else ("date", "clock")))
    if "category" in found and profile.movement >= 0.8 and "type" not in present:
        keep(found, "type", "category")


def _of_a_bom(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    """成品 is the parent beside components, and an item of its own elsewhere."""
    has_parts = present & {"component", "component_name"}
    for general, special in (("item", "parent"), ("name", "parent_name")):
        if {general, special} <= found.keys():
            keep(found, *((special, general) if has_parts else (general, special)))


def _person(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    if {"contact", "person"} <= found.keys():
        keep(
            found,
            *(
                ("contact", "person")
                if present & (_PARTNERISH - {"contact"})
                else ("person", "contact")
            ),
        )
    if {"amount", "ignore"} <= found.keys():
        keep(
            found,
            *(
                ("amount", "ignore")
                if "unit_price" in present and "amount" not in present
                else ("ignore", "amount")
            ),
        )


_RULES: tuple[Callable[[Scores, Profile, set[str], Mapping[str, float]], None], ...] = (
    _stock_or_warehouse,
    amounts.quantities,
    amounts.on_the_way,
    amounts.parts,
    amounts.alone,
    _type_or_remark,
    _expiry_or_life,
    _unit_or_partner,
    _name_or_partner,
    _whose_number,
    _code_or_name,
    _warehouse_or_bin,
    _spec_or_factor,
    _main_or_second_unit,
    _weak,
    _of_a_bom,
    _person,
)


def identity_from_model(guesses: "list[Guess]") -> None:
    """Where no column says which item a row is about, the model or the specification does."""
    fields = {g.column.field for g in guesses}
    if fields & {
        "item",
        "barcode",
        "name",
        "name_spec",
        "component",
        "partner",
        "partner_code",
    } or any(g.asked for g in guesses):
        return
    for code in ("model", "spec"):
        for one in guesses:
            if one.column.field == code:
                one.column.field, one.column.confidence, one.column.how = "name", 0.7, "content"
                return
