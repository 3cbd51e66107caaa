"""Doors of the API to months: what is open before closing, closing, and opening again."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.api.errors import NotFound
from core.api.operations import One, Operation, reads, writes
from core.api.paging import Page
from core.api.parameters import text
from core.api.shapes import TEXT, Field
from finance.api import shapes
from finance.api.journal import GROUP, user_of
from people.api.doors import Door
from people.models import Company
from stock import closing, periods
from stock.queries import months
from stock.queries.months import Month

_OPERATION: dict[str, Any] = {"group": GROUP, "scope": "finance", "right": "period.close"}
_MONTH = {"month": _("Month, for example 2026-03")}
_COMPANY = text("company", _("Code of the company; without it the first"))


class Months(Door):
    """The months of a company."""

    @reads(
        Operation(
            "months",
            summary=_("Months of the books: open or closed"),
            parameters=(_COMPANY,),
            answer=shapes.MONTH,
            listed=True,
            **_OPERATION,
        )
    )
    def get(self, values: dict[str, Any]) -> Page:
        """From the present month back."""
        company = shapes.company_of(values["company"])
        return Page([shapes.month_row(one) for one in months.months(company)])


def _find(company: Company, month: str) -> Month:
    found = next((one for one in months.months(company) if one.name == month), None)
    if found is None:
        raise NotFound(_t("There is no such month."))
    return found


def _whole(company: Company, month: str) -> One:
    one = _find(company, month)
    open_ = closing.look(company, one.first) if one.may_close else []
    return One(shapes.month_row(one) | {"checks": [shapes.check_row(each) for each in open_]})


class OneMonth(Door):
    """One month."""

    @reads(
        Operation(
            "month",
            summary=_("One month, and what is open before it is closed"),
            path=_MONTH,
            parameters=(_COMPANY,),
            answer=shapes.WHOLE_MONTH,
            **_OPERATION,
        )
    )
    def get(self, values: dict[str, Any], month: str) -> One:
        """The month."""
        return _whole(shapes.company_of(values["company"]), month)


class Close(Door):
    """Closing a month."""

    @writes(
        Operation(
            "month_close",
            summary=_("Close a month: nothing enters it or any month before"),
            path=_MONTH,
            body=(shapes.COMPANY, Field("remark", TEXT, _("Remark"), optional=True, longest=300)),
            answer=shapes.WHOLE_MONTH,
            refusals=(404, 409),
            **_OPERATION,
        )
    )
    def post(self, body: dict[str, Any], month: str) -> One:
        """The month after it; what blocks is named."""
        company = shapes.company_of(body.get("company"))
        first: date = _find(company, month).first
        periods.close(
            company,
            first,
            actor=user_of(self),
            access=self.access,
            reason=body.get("remark", ""),
        )
        return _whole(company, month)


class Reopen(Door):
    """Opening a month again."""

    @writes(
        Operation(
            "month_reopen",
            summary=_("Open a closed month again, the latest first"),
            path=_MONTH,
            body=(shapes.COMPANY, Field("reason", TEXT, _("Why"), longest=300)),
            answer=shapes.WHOLE_MONTH,
            refusals=(404, 409),
            **_OPERATION,
        )
    )
    def post(self, body: dict[str, Any], month: str) -> One:
        """The month after it."""
        company = shapes.company_of(body.get("company"))
        first = _find(company, month).first
        periods.reopen(
            company, first, actor=user_of(self), access=self.access, reason=body["reason"]
        )
        return _whole(company, month)
