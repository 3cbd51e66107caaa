"""What the shell needs on every page: whose company, which theme, which entries of the rail."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from core import navigation, pulse
from people.access import access_for
from people.models import Company


def shell(request: HttpRequest) -> dict[str, Any]:
    """Variables of base.html; the company is read once per request."""
    user = getattr(request, "user", None)
    company = Company.objects.order_by("pk").first()
    theme = getattr(user, "theme", "") or request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "company": company,
        "company_name": company.name if company else "",
        "currency": company.currency if company else "",
        "is_demo": bool(company and company.is_demo),
        "theme": theme if theme in {"light", "dark"} else "",
        "rail_slim": request.COOKIES.get("rail") == "slim",
    }
    if user is None or not user.is_authenticated:
        return context
    access = access_for(user)
    groups: list[dict[str, Any]] = []
    tabs: list[tuple[int, dict[str, Any]]] = []
    for entry in navigation.entries():
        if entry.rights and not any(access.may(right) for right in entry.rights):
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        here = request.path == url or (url != "/" and request.path.startswith(url))
        shown = {
            "label": str(entry.label),
            "short": str(entry.short or entry.label),
            "icon": entry.icon,
            "url": url,
            "current": here,
            "count": entry.count(user.pk) if entry.count is not None else 0,
        }
        title = str(entry.group)
        if not groups or groups[-1]["title"] != title:
            groups.append({"title": title, "entries": []})
        groups[-1]["entries"].append(shown)
        if entry.tab is not None:
            tabs.append((entry.tab, shown))
    context |= {
        "navigation": groups,
        "tabbar": [shown for _place, shown in sorted(tabs, key=lambda tab: tab[0])],
        "access": access,
        "viewer": getattr(request, "viewer", None),
        "pulse": pulse.address(user.pk),
        "density": user.density,
        "single_keys": user.single_keys,
    }
    return context
