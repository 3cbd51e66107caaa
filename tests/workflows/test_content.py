"""The content that approvals are bound to: written column by column, it is what each line says by itself."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows import content
from workflows.models import Document, Line

figures = st.decimals("-99", "99", places=2) | st.just(Decimal("-0")) | st.just(Decimal("1E+2"))
texts = st.text(max_size=4)
custom = st.dictionaries(st.sampled_from("abc"), st.none() | st.booleans() | st.integers(0, 1), max_size=2)  # fmt: skip
lines = st.builds(
    Line,
    key=st.uuids(),
    item_id=st.integers(1, 3),
    unit_id=st.integers(1, 2),
    requested=figures,
    confirmed=st.none() | figures,
    side=st.sampled_from(["", Line.Side.INPUT, "output"]),
    source_id=st.none() | st.integers(1, 2),
    target_id=st.none() | st.integers(1, 2),
    lot_number=texts,
    price=st.none() | figures,
    price_with_tax=st.booleans(),
    value=st.none() | figures,
    reason_id=st.none(),
    custom=custom,
)


def figure(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def said(value: Any) -> Any:
    if isinstance(value, Decimal):
        return figure(value)
    return value if value is None or isinstance(value, str | int | dict) else str(value)


def by_line(document: Document, rows: list[Line], *, confirmed: bool) -> str:
    """Line by line, as JSON of plain data."""
    header = {
        name: said(getattr(document, name))
        for name in (
            "type", "company_id", "asker_id", "department_id", "partner_id", "warehouse_id",
            "target_warehouse_id", "reason_id", "cost_object", "currency", "rate", "override",
            "accept_expired", "custom", "source_id", "rest_of_id", "effective_at",
        )
    }  # fmt: skip
    found = []
    for line in rows:
        one = {
            name: said(getattr(line, name))
            for name in (
                "key", "item_id", "unit_id", "requested", "side", "source_id", "target_id",
                "lot_id", "lot_number", "target_lot_number", "price", "price_with_tax",
                "tax_rate", "value", "original_id", "owner_id", "reason_id", "custom",
            )
        }  # fmt: skip
        if confirmed:
            one["planned"] = figure(line.requested if line.confirmed is None else line.confirmed)
        found.append(one)
    body = json.dumps({"header": header, "lines": found}, sort_keys=True, ensure_ascii=False)
    return sha256(body.encode()).hexdigest()


@given(st.lists(lines, max_size=4), st.booleans())
def test_the_hash_is_that_of_the_lines_one_by_one(rows: list[Line], confirmed: bool) -> None:
    document = Document(
        type="purchase_in",
        company_id=1,
        asker_id=2,
        rate=Decimal("1.50"),
        cost_object="“”",
        effective_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    assert content.hashed(document, rows, confirmed=confirmed) == by_line(
        document, rows, confirmed=confirmed
    )


def test_one_line_says_the_same_among_others() -> None:
    """1 and True, 0 and −0 are equal, and not the same content."""
    document = Document(type="purchase_in", custom={})
    keys = [uuid.UUID(int=n) for n in (1, 2)]
    for one, other in (
        ({"custom": {"a": 1}}, {"custom": {"a": True}}),
        ({"requested": Decimal(0)}, {"requested": Decimal("-0")}),
    ):
        rows = [
            Line(key=key, **{"requested": Decimal(1), **values})
            for key, values in zip(keys, (one, other), strict=True)
        ]
        assert content.hashed(document, rows) == by_line(document, rows, confirmed=True)
