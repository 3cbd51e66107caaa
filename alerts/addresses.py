"""The addresses of the pages of alerts that notices and messages lead to; alerts.urls serves them."""

from alerts.models import Case, Rule

CENTRE = "/alerts/"
WEEK = "/alerts/week/"


def case(one: Case) -> str:
    """The page of a case."""
    return f"{CENTRE}cases/{one.key}/"


def of_rule(rule: Rule) -> str:
    """The list of a rule's cases."""
    return f"{CENTRE}?rule={rule.pk}"


def rule(one: Rule) -> str:
    """The page of a rule."""
    return f"{CENTRE}rules/{one.pk}/"
