"""What approvals are bound to: one hash of a document's header and of what its lines ask for."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from operator import attrgetter
from typing import Any

from core.fields import plain
from workflows import amounts
from workflows.models import Document, Line

_HEADER = (
    "type", "company_id", "asker_id", "department_id", "partner_id", "warehouse_id",
    "target_warehouse_id", "reason_id", "cost_object", "currency", "rate", "override",
    "accept_expired", "custom", "source_id", "rest_of_id", "effective_at",
)  # fmt: skip
_LINE = (
    "key", "item_id", "unit_id", "requested", "side", "source_id", "target_id", "lot_id",
    "lot_number", "target_lot_number", "price", "price_with_tax", "tax_rate", "value",
    "original_id", "owner_id", "reason_id", "custom",
)  # fmt: skip

_of_header, _OF_LINE = attrgetter(*_HEADER), frozenset(_LINE)
_PLAIN = frozenset({type(None), str, int, bool, dict, list})
_ALIKE = frozenset({type(None), str, int, bool})
"""Types of which equal values are written alike."""
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def hashed(document: Document, lines: Sequence[Line], *, confirmed: bool = True) -> str:
    """The hash of what approvals are bound to: header, requested and (unless left out) confirmed values.

    What is confirmed as it was requested is the same content as what nobody has confirmed yet.
    """
    header = dict(zip(_HEADER, map(_plain, _of_header(document)), strict=True))
    later = filled_later(document) if document.custom else ()
    header["custom"] = {key: value for key, value in document.custom.items() if key not in later}
    body = ", ".join(_written(lines, confirmed=confirmed))
    return sha256(f'{{"header": {_encode(header)}, "lines": [{body}]}}'.encode()).hexdigest()


def filled_later(document: Document) -> frozenset[str]:
    """Keys of the custom fields that a step asks its person to fill in: no approval is bound to them."""
    steps = document.process.read_steps() if document.process else ()
    names = {name for step in steps for name in step.required if name.startswith("custom:")}
    return frozenset(name.removeprefix("custom:") for name in names)


def _written(lines: Sequence[Line], *, confirmed: bool) -> Iterator[str]:
    """Each line as a JSON object with sorted names, written column by column: in most of them all lines say the same."""
    if not lines:
        return iter(())
    rows = [line.__dict__ for line in lines]
    if not all(row.keys() >= _OF_LINE for row in rows):  # some were not read
        rows = [{name: getattr(line, name) for name in _LINE} for line in lines]
    columns = {name: _texts([row[name] for row in rows]) for name in _LINE}
    if confirmed:
        columns["planned"] = _texts([amounts.planned(line) for line in lines])
    names = sorted(columns)
    one = "{" + ", ".join(f'"{name}": %s' for name in names) + "}"
    return map(one.__mod__, zip(*map(columns.__getitem__, names), strict=True))


def _texts(values: list[Any]) -> list[str]:
    """The values of a column as JSON."""
    first = values[0]
    kinds = set(map(type, values))
    alike = kinds <= _ALIKE or (type(first) is dict and not first)
    if alike and len(kinds) == 1 and values.count(first) == len(values):
        return [_encode(_plain(first))] * len(values)
    return [_encode(_plain(value)) for value in values]


def _plain(value: Any) -> Any:
    """A value as stable plain data."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, str | int | dict | list) else str(value)
