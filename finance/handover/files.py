"""The file of a batch, written again from the vouchers it keeps and by the settings it was made with."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from finance.errors import BatchRefused
from finance.handover import batches, keeping
from finance.handover.formats import BY_CODE, JSON, Settings
from finance.handover.kingdee import Template
from finance.handover.voucher import Voucher
from finance.models import BatchEvent, VoucherBatch
from people.access import Access
from people.models import User


@dataclass(frozen=True, slots=True)
class File:
    """A file to be taken."""

    name: str
    content_type: str
    content: bytes


def vouchers_of(batch: VoucherBatch) -> list[Voucher]:
    """What the batch keeps, in the order of numbers."""
    rows = batch.kept.order_by("number", "pk").values_list("content", flat=True)
    return [keeping.voucher_of(content) for content in rows]


def write(batch: VoucherBatch, code: str = "") -> File:
    """The file in the format of the batch, or in another that needs no settings of its own.

    Raises BatchRefused for a format whose template the batch was made without.
    """
    options = batch.options
    chosen = BY_CODE.get(code or options.get("format", ""), JSON)
    template = options.get("template")
    if chosen.needs_template and not template:
        raise BatchRefused(_("Give the header rows of your own template first."))
    settings = Settings(
        options.get("encoding", ""),
        Template.of(template) if template else None,
        options.get("mapping", {}),
        options.get("words", {}),
        str(batch),
    )
    return File(
        f"{batch}.{chosen.extension}",
        chosen.content_type,
        chosen.write(vouchers_of(batch), settings),
    )


def take(batch: VoucherBatch, *, actor: User, access: Access, code: str = "") -> File:
    """The file, and a note of who took it; taking it again is allowed and seen."""
    access.require(batches.RIGHT)
    file = write(batch, code)
    batches.log(batch, BatchEvent.Kind.TAKEN, actor, file.name)
    return file


def taken(batch: VoucherBatch) -> list[BatchEvent]:
    """Who took the file before, oldest first."""
    return list(batch.events.filter(kind=BatchEvent.Kind.TAKEN).select_related("user"))
