"""What fields and faults of imports are called on pages."""

from django.utils.translation import gettext as _

from intake.understanding.dictionary import label


def field_words(code: str) -> str:
    """A field of a column in the reader's language."""
    plain, _bracket, inner = code.partition("[")
    word = _fields().get(plain) or label(plain)
    return f"{word} ({inner.rstrip(']')})" if inner else word


def code_words(code: str, message: str) -> str:
    """A kind of fault in a few words; its message where it has none of its own."""
    return _codes().get(code, message)


def _codes() -> dict[str, str]:
    return {
        "unknown_item": _("Items that nobody knows"),
        "unknown_unit": _("Units that nobody knows"),
        "unknown_partner": _("Suppliers or customers that nobody knows"),
        "unknown_warehouse": _("Warehouses that nobody knows"),
        "unknown_place": _("Places that nobody knows"),
        "unknown_department": _("Departments that nobody knows"),
        "unknown_type": _("Types of movement that nobody knows"),
        "unit_of_item": _("Units that the item is not kept in"),
        "date": _("What is no date"),
        "date_order": _("Days whose order is open"),
        "date_year": _("Days without a year"),
        "number": _("What is no number"),
        "not_a_number": _("What is no number"),
        "compound": _("Two numbers, or a calculation"),
        "scientific": _("Numbers that lost digits"),
        "cells_beyond": _("Rows with more cells than the header names"),
        "price_negative": _("Prices below zero"),
        "decimal_comma": _("Numbers with a comma"),
        "thousand_point": _("Numbers whose point is open"),
        "number_in_words": _("Numbers in words"),
        "merged_number": _("Numbers merged over several rows"),
        "unit_differs": _("Units that contradict each other"),
        "error_cell": _("Cells that hold an error"),
        "uncalculated": _("Formulas without a result"),
        "code_lost_digits": _("Codes that lost digits"),
        "item_missing": _("Rows that name no item"),
        "lot_missing": _("Rows without a lot"),
        "short": _("Stock that would go below zero"),
        "negative_out": _("Negative quantities of what goes out: returns, or only written so?"),
        "short_opened": _("Missing stock that is opened"),
        "opening_locked": _("Opening stock is locked"),
        "amount_differs": _("Amounts that are not quantity × price"),
        "closed_period": _("Days in a closed period"),
        "date_missing": _("Rows without a date"),
        "quantity_missing": _("Rows without a quantity"),
        "warehouse_missing": _("Rows without a warehouse"),
        "start_missing": _("The first day is missing"),
        "item": _("item"),
        "partner": _("supplier or customer"),
        "bom": _("line of a bill of materials"),
        "count": _("counted row"),
        "order": _("line of an order"),
    }


def _fields() -> dict[str, str]:
    return {
        "item": _("item code"),
        "barcode": _("barcode"),
        "name": _("name"),
        "name_spec": _("name and specification"),
        "spec": _("specification"),
        "model": _("model"),
        "color": _("colour"),
        "size": _("size"),
        "unit": _("unit"),
        "unit_2": _("second unit"),
        "quantity": _("quantity"),
        "quantity_2": _("second quantity"),
        "quantity_in": _("quantity in"),
        "quantity_out": _("quantity out"),
        "opening": _("opening balance"),
        "balance": _("balance"),
        "book": _("book quantity"),
        "counted": _("counted"),
        "counted_1": _("first count"),
        "counted_2": _("second count"),
        "counted_3": _("third count"),
        "difference": _("difference"),
        "unit_price": _("unit price"),
        "price_taxed": _("price with tax"),
        "amount": _("amount"),
        "tax_rate": _("tax rate"),
        "currency": _("currency"),
        "warehouse": _("warehouse"),
        "warehouse_from": _("from warehouse"),
        "warehouse_to": _("to warehouse"),
        "place": _("place"),
        "place_from": _("from place"),
        "place_to": _("to place"),
        "supplier": _("supplier"),
        "customer": _("customer"),
        "partner": _("supplier or customer"),
        "department": _("department"),
        "cost_object": _("cost object"),
        "category": _("category"),
        "type": _("type of movement"),
        "person": _("person"),
        "lot": _("lot"),
        "serial": _("serial number"),
        "date": _("date"),
        "made_on": _("manufactured on"),
        "expiry": _("expires on"),
        "source": _("document number"),
        "remark": _("note"),
        "pack_factor": _("pack factor"),
        "parent": _("product"),
        "component": _("material"),
        "contact": _("contact"),
        "phone": _("telephone"),
        "address": _("address"),
        "ignore": _("not used"),
    }
