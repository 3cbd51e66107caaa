"""The only writer of accounts and their rules after a company has its chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from finance import journal
from finance.models import Account, AccountRule, Books
from finance.resolving import Asked
from people.access import Access
from people.models import Company, User
from stock.place_kinds import PHYSICAL

RIGHT = "finance.review"
CONDITIONS = ("category", "type", "reason", "warehouse", "department")


@transaction.atomic
def set_rule(
    company: Company,
    place_kind: str,
    account: Account,
    *,
    actor: User | None,
    access: Access,
    conditions: Mapping[str, Any] | None = None,
) -> AccountRule:
    """The rule with exactly these conditions names this account from now on.

    Conditions: records for category, warehouse and department, codes for type and reason. Raises NotAllowed, or
    DomainError for an account that does not suit the kind of place.
    """
    access.require(RIGHT)
    given = {name: value for name, value in (conditions or {}).items() if value}
    if account.company_id != company.pk or account.archived_at is not None:
        raise DomainError(_("This account cannot be used."), code="account")
    if account.is_inventory != (place_kind in PHYSICAL):
        message = (
            _("Goods in stock belong on an account that holds stock.")
            if place_kind in PHYSICAL
            else _("Only goods in stock belong on an account that holds stock.")
        )
        raise DomainError(message, code="account_kind")
    Books.objects.select_for_update().get(company=company)
    rule = _same(company, place_kind, given) or AccountRule(
        company=company, place_kind=place_kind, **given
    )
    rule.account = account
    rule.shipped = False
    rule._history_user = actor  # type: ignore[attr-defined]  # simple-history reads it
    rule.save()
    return rule


def _same(company: Company, place_kind: str, given: Mapping[str, Any]) -> AccountRule | None:
    rules = AccountRule.objects.filter(company=company, place_kind=place_kind, archived_at=None)
    for name in CONDITIONS:
        empty = Q(**{name: ""}) if name in {"type", "reason"} else Q(**{f"{name}__isnull": True})
        rules = rules.filter(Q(**{name: given[name]}) if name in given else empty)
    return rules.first()


@transaction.atomic
def drop_rule(rule: AccountRule, *, actor: User | None, access: Access) -> None:
    """Use the rule no more; what was booked by it stays. Raises NotAllowed."""
    access.require(RIGHT)
    rule.archived_at = timezone.now()
    rule._history_user = actor  # type: ignore[attr-defined]  # the same
    rule.save()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an end of a movement has its account: the rule that won and those that it won over."""

    account: int
    rule: AccountRule | None
    others: list[AccountRule]


def explain(company: Company, asked: Asked) -> Reason:
    """Which rule names the account for what is asked, by the rules of now."""
    rules = journal.fresh(company.pk)
    answer = rules.account(asked)
    ranked = [rule.id for rule in rules.candidates(asked)]
    kept = AccountRule.objects.select_related(
        "account", "category", "warehouse", "department"
    ).in_bulk(ranked)
    return Reason(
        answer.account,
        kept[ranked[0]] if ranked else None,
        [kept[key] for key in ranked[1:]],
    )
