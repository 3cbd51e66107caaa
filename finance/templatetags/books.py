"""Template tags of finance: whose books a page shows."""

from typing import Any

from django import template

from finance.views import asking

register = template.Library()


@register.inclusion_tag("finance/_company.html", takes_context=True)
def company_choice(context: template.Context) -> dict[str, Any]:
    """A choice of the company, where there are several; what is chosen holds on all pages of finance."""
    companies = asking.companies()
    return {
        "companies": companies,
        "company": asking.company(context["request"]) if len(companies) > 1 else None,
    }
