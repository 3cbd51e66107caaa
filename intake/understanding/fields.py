"""Names what a column can mean, and how its cells are read."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a cell is read."""

    CODE = "code"
    TEXT = "text"
    UNIT = "unit"
    QUANTITY = "quantity"
    PRICE = "price"
    AMOUNT = "amount"
    FACTOR = "factor"
    PERCENT = "percent"
    DATE = "date"
    DURATION = "duration"
    WHOLE = "whole"
    NOTHING = "nothing"


NUMBERS = frozenset({Kind.QUANTITY, Kind.PRICE, Kind.AMOUNT, Kind.FACTOR, Kind.PERCENT})


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can mean; ``fills`` allows to repeat the cell above into blank ones."""

    code: str
    kind: Kind
    fills: bool = False
    summed: bool = False
    """Whether a row of sums sums it."""
    core: bool = False
    """Whether a mistake in it would change stock: never taken without certainty."""


def _fields() -> dict[str, Field]:
    kinds = {
        Kind.CODE: "item* barcode* row_key lot* serial* supplier_code customer_code partner_code maker_code "
        "parent* component* tax_number bank_account phone source+* source_2+ source_line level",
        Kind.TEXT: "name* name_spec* spec* model* color* size* warehouse+* warehouse_from+* warehouse_to+* "
        "place* place_from* place_to* supplier+* customer+* department+* cost_object+ partner+* partner_kind "
        "maker category+ type+* person+ contact email address country bank state parent_name component_name "
        "designators remark attributes currency made_expiry* clock difference_reason",
        Kind.UNIT: "unit* unit_2*",
        Kind.QUANTITY: "quantity=* quantity_2= quantity_in=* quantity_out=* opening=* balance=* book=* counted=* "
        "counted_1=* counted_2=* counted_3=* planned= available held difference=* gain=* loss=* min_stock max_stock safety_stock "
        "reorder_point reorder_quantity weight volume",
        Kind.PRICE: "unit_price* price_taxed* purchase_price sale_price lowest_price opening_price in_price* "
        "out_price balance_price",
        Kind.AMOUNT: "amount=* amount_taxed= tax_amount= difference_amount= book_amount= counted_amount= opening_amount= in_amount=* "
        "out_amount= balance_amount=",
        Kind.FACTOR: "pack_factor*",
        Kind.PERCENT: "tax_rate scrap_rate difference_rate",
        Kind.DATE: "date+* made_on* expiry* ordered_on changed_on",
        Kind.DURATION: "shelf_life lead_time",
        Kind.WHOLE: "year+* month+* month_day+*",
        Kind.NOTHING: "ignore",
    }
    found = {}
    for kind, names in kinds.items():
        for name in names.split():
            code = name.rstrip("+=*")
            marks = name[len(code) :]
            found[code] = Field(code, kind, "+" in marks, "=" in marks, "*" in marks)
    return found


FIELDS = _fields()
IDENTITY = ("item", "barcode", "name", "name_spec", "component")
"""One of these says which item a row is about."""
ROUNDS = ("counted_1", "counted_2", "counted_3", "counted")
"""Rounds of a count: the last that is not blank wins."""
PARTS = {
    "opening": ("opening_price", "opening_amount"),
    "quantity_in": ("in_price", "in_amount"),
    "quantity_out": ("out_price", "out_amount"),
    "balance": ("balance_price", "balance_amount"),
}
"""Price and amount of a group of columns that is named by its quantity."""


def field_of(code: str) -> Field:
    """The field; ``quantity_in[采购]`` is a quantity_in of its own."""
    return FIELDS[code.partition("[")[0]]
