"""Decides which quantity, price or amount an ambiguous header means, by the other columns of the table."""

from collections.abc import Mapping

from intake.understanding.profile import Profile

Scores = dict[str, float]
_FLOWS = frozenset({"quantity_in", "quantity_out"})
_COUNTS = frozenset({"counted", "counted_1", "counted_2", "counted_3"})
_SIMPLY = {
    "balance": "quantity",
    "balance_price": "unit_price",
    "balance_amount": "amount",
    "opening": "quantity",
    "opening_price": "unit_price",
    "opening_amount": "amount",
}


def keep(found: Scores, code: str, *others: str) -> None:
    """Only one of several meanings is left, and it is nearly certain."""
    for other in others:
        found.pop(other, None)
    found[code] = max(found.get(code, 0), 0.9)


def quantities(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    """A quantity beside one with a name of its own: which of the two the column is, by what else the table has."""
    flows = present & _FLOWS
    counts = present & _COUNTS
    if {"quantity", "counted"} <= found.keys():
        keep(
            found,
            *(
                ("counted", "quantity")
                if counts or present & {"book", "difference", "gain", "loss"}
                else ("quantity", "counted")
            ),
        )
    if {"quantity", "book"} <= found.keys():
        keep(found, *(("book", "quantity") if counts else ("quantity", "book")))
    if {"quantity", "balance"} <= found.keys():
        keep(found, *(("balance", "quantity") if flows else ("quantity", "balance")))
    if {"quantity", "opening"} <= found.keys():
        moves = flows or "balance" in present
        keep(found, *(("opening", "quantity") if moves else ("quantity", "opening")))
    if {"quantity", "planned"} <= found.keys():
        other = flows or present & {"quantity"}
        keep(found, *(("planned", "quantity") if other else ("quantity", "planned")))
    if {"quantity", "available"} <= found.keys():
        if present & {"quantity", "balance"} or flows:
            keep(found, "available", "quantity")
        else:
            found["quantity"], found["available"] = 0.8, 0.6
    if {"quantity", "quantity_2"} <= found.keys():
        second = bool(flows or counts) or "quantity" in present
        keep(found, *(("quantity_2", "quantity") if second else ("quantity", "quantity_2")))
    if "quantity" in found and counts and "book" not in present:
        found["book"] = found.pop("quantity") * 0.9


def on_the_way(
    found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]
) -> None:
    """Incoming beside what is there, without a day or a way out, is no movement yet."""
    if {"quantity_in", "held"} <= found.keys():
        moves = present & {"date", "source", "type", "quantity_out", "opening"}
        stands = present & {"quantity", "balance", "available", "counted"}
        if moves:
            keep(found, "quantity_in", "held")
        elif stands:
            keep(found, "held", "quantity_in")


def alone(found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]) -> None:
    """Without movements, the closing or the opening balance is simply the stock, and so are its price and value."""
    if present & (_FLOWS | {"in_amount", "out_amount"}) or {"opening", "balance"} <= present:
        return
    for special, general in _SIMPLY.items():
        if special in found and general not in present:
            found[general] = max(found.pop(special), found.get(general, 0))


def parts(found: Scores, _profile: Profile, present: set[str], _right: Mapping[str, float]) -> None:
    """A price or an amount is that of movements in a whole balance list, and simply the row's elsewhere."""
    for general, specials in (
        (
            "unit_price",
            ("in_price", "out_price", "opening_price", "balance_price", "purchase_price"),
        ),
        ("amount", ("in_amount", "out_amount", "opening_amount", "balance_amount")),
    ):
        special = next((code for code in specials if code in found), None)
        if general in found and special:
            whole = bool(present >= _FLOWS or ("opening" in present and present & _FLOWS))
            keep(found, *((special, general) if whole else (general, special)))
