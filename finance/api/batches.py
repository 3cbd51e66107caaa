"""Doors of the API to batches of vouchers: made of what is reviewed, taken as a file, sent, acknowledged, taken back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.api import paging
from core.api.errors import NotFound
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import choice, text
from core.api.shapes import DAY, INTEGER, TEXT, Field
from finance.api import shapes
from finance.api.journal import OPERATION, costs_of, user_of
from finance.handover import batches, files, pushing
from finance.handover.formats import FORMATS
from finance.models import HandoverProfile, VoucherBatch
from people.api.doors import Door

_BATCH = {"batch": _("Key of the batch")}
_COSTS = "cost.view"
_KINDS = tuple(dict.fromkeys(one.content_type for one in FORMATS))


class Ways(Door):
    """Ways of handing over."""

    @reads(
        Operation(
            "voucher_ways",
            summary=_("Ways of handing vouchers over"),
            parameters=(text("company", _("Code of the company; without it the first")),),
            answer=shapes.WAY,
            listed=True,
            **OPERATION,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Those in use."""
        company = shapes.company_of(values["company"])
        rows = HandoverProfile.objects.filter(company=company, archived_at=None)
        return Page([shapes.way_row(one) for one in rows])


class Batches(Door):
    """The batches of a company."""

    @reads(
        Operation(
            "voucher_batches",
            summary=_("Batches of vouchers"),
            parameters=(
                text("company", _("Code of the company; without it the first")),
                choice(
                    "state",
                    _("State; may be repeated"),
                    tuple(VoucherBatch.State.values),
                    many=True,
                ),
            ),
            answer=shapes.BATCH,
            paged=True,
            **OPERATION,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """Newest first."""
        company = shapes.company_of(values["company"])
        rows = VoucherBatch.objects.filter(company=company).select_related("made_by")
        if values["state"]:
            rows = rows.filter(state__in=values["state"])
        page, following = paging.by_key(rows, cursor=values["cursor"], limit=values["limit"])
        return Page([shapes.batch_row(one) for one in page], following, costs=costs_of(self))

    @writes(
        Operation(
            "voucher_batch_make",
            summary=_("Hand over what is reviewed of a month"),
            help=_("Everything that is wrong is named, and then nothing is made."),
            body=(
                Field("way", INTEGER, _("Number of the way of handing over")),
                Field("month", DAY, _("A day of the month")),
                Field("until", DAY, _("The last day, if not the whole month"), optional=True),
            ),
            answer=shapes.WHOLE_BATCH,
            status=201,
            refusals=(404,),
            **OPERATION,
        )
    )
    def post(self, body: dict[str, Any]) -> One:
        """The batch."""
        way = HandoverProfile.objects.filter(pk=body["way"], archived_at=None).first()
        if way is None:
            raise NotFound(_t("There is no such way of handing over."))
        month: date = body["month"]
        made = batches.make(
            way,
            month.replace(day=1),
            actor=user_of(self),
            access=self.access,
            until=body.get("until"),
        )
        return _whole(self, made)


def _find(batch: str) -> VoucherBatch:
    rows = VoucherBatch.objects.select_related("made_by", "profile", "company")
    found = rows.filter(key=batch).first()
    if found is None:
        raise NotFound(_t("There is no such batch."))
    return found


def _whole(self: Door, one: VoucherBatch) -> One:
    events = one.events.select_related("user").order_by("pk")
    row = shapes.batch_row(one) | {"events": [shapes.event_row(event) for event in events]}
    return One(row, costs=costs_of(self))


class OneBatch(Door):
    """One batch."""

    @reads(
        Operation(
            "voucher_batch",
            summary=_("One batch with what happened to it"),
            path=_BATCH,
            answer=shapes.WHOLE_BATCH,
            **OPERATION,
        )
    )
    def get(self, _values: dict[str, Any], batch: str) -> One:
        """The batch."""
        return _whole(self, _find(batch))


class File(Door):
    """The file of a batch."""

    @reads(
        Operation(
            "voucher_batch_file",
            summary=_("The file of a batch"),
            help=_(
                "Needs the right to see costs. The same batch gives the same bytes; who took it, and when, is kept among its events."
            ),
            path=_BATCH,
            parameters=(
                choice(
                    "format",
                    _("Another format, which needs no template"),
                    tuple(one.code for one in FORMATS if not one.needs_template),
                ),
            ),
            hands_out=_KINDS,
            refusals=(422,),
            **OPERATION,
        )
    )
    def get(self, values: dict[str, Any], batch: str) -> HttpResponseBase:
        """The bytes."""
        self.access.require(_COSTS)
        found = _find(batch)
        code = values["format"] or ""
        taken = files.take(found, actor=user_of(self), access=self.access, code=code)
        answer = HttpResponse(taken.content, content_type=taken.content_type)
        name = content_disposition_header(as_attachment=True, filename=taken.name)
        answer["Content-Disposition"] = name or ""
        answer["Cache-Control"] = "private, no-store"
        return answer


_Act = Callable[[Door, VoucherBatch, dict[str, Any]], object]


def _confirm(self: Door, one: VoucherBatch, body: dict[str, Any]) -> object:
    return batches.confirm(
        one.pk, actor=user_of(self), access=self.access, text=body.get("text", "")
    )


def _take_back(self: Door, one: VoucherBatch, body: dict[str, Any]) -> object:
    return batches.take_back(one.pk, actor=user_of(self), access=self.access, reason=body["reason"])


def _send(self: Door, one: VoucherBatch, _body: dict[str, Any]) -> object:
    return pushing.ask(one.pk, actor=user_of(self), access=self.access)


def _verb(code: str, summary: Any, act: _Act, *body: Field) -> type[Door]:
    class Verb(Door):
        """One thing that becomes of a batch."""

        @writes(
            Operation(
                f"voucher_batch_{code}",
                summary=summary,
                path=_BATCH,
                body=body,
                answer=shapes.WHOLE_BATCH,
                refusals=(404, 409),
                **OPERATION,
            )
        )
        def post(self, given: dict[str, Any], batch: str) -> One:
            """The batch after it."""
            act(self, _find(batch), given)
            return _whole(self, _find(batch))

    Verb.__name__ = Verb.__qualname__ = f"Batch{code.title()}"
    return Verb


_TEXT = Field("text", TEXT, _("What the accounting system said"), optional=True, longest=2_000)
VERBS = {
    "confirm": _verb(
        "confirm", _("Note that the accounting system has booked it"), _confirm, _TEXT
    ),
    "send": _verb("send", _("Have it sent to the address of its way"), _send),
    "take-back": _verb(
        "take_back",
        _("Take it back: its entries wait again, its numbers are free again"),
        _take_back,
        Field("reason", TEXT, _("Why"), longest=2_000),
    ),
}
