"""Vouchers as plain data and back: what a batch keeps of each, so that its files can be written again."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from finance.handover.generic import as_data
from finance.handover.voucher import Named, Voucher, VoucherLine

kept = as_data


def voucher_of(data: Mapping[str, Any]) -> Voucher:
    """The voucher that was kept."""
    return Voucher(
        date.fromisoformat(data["date"]),
        data["word"],
        data["number"],
        data["maker"],
        tuple(_line(line) for line in data["lines"]),
        data["attachments"],
        data["currency"],
        data["reference"],
    )


def _line(data: Mapping[str, Any]) -> VoucherLine:
    return VoucherLine(
        data["account"],
        data["summary"],
        Decimal(data["debit"]),
        Decimal(data["credit"]),
        data["account_name"],
        _number(data["quantity"]),
        data["unit"],
        _number(data["price"]),
        {kind: Named(one["code"], one["name"]) for kind, one in data["auxiliaries"].items()},
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def digest(contents: Iterable[Mapping[str, Any]]) -> str:
    """The SHA-256 of vouchers in their order, the same whatever the format."""
    found = hashlib.sha256()
    for content in contents:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        found.update(text.encode())
    return found.hexdigest()
