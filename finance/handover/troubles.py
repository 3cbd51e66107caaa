"""Says what of finance is behind the book: batches of vouchers that did not arrive, for whoever warns people of it."""

from django.utils.translation import gettext_noop

from core import troubles
from finance.models import VoucherBatch

_FAILED = gettext_noop("Batch %(batch)s with %(vouchers)s vouchers could not be sent.")


def failed() -> list[troubles.Trouble]:
    """One for each batch whose sending failed."""
    rows = VoucherBatch.objects.filter(state=VoucherBatch.State.FAILED).order_by("pk")
    return [
        troubles.Trouble(
            f"batch:{one.pk}",
            {"said": _FAILED, "with": {"batch": str(one), "vouchers": one.vouchers}},
            {"batch": str(one)},
        )
        for one in rows
    ]


def register() -> None:
    """Called when the app starts."""
    troubles.register("sync", "finance", failed, url="/finance/vouchers/")
