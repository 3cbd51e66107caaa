"""What the shell needs on every page: whose company, which theme, which entries of the rail."""

from typing import Any

from django.http import HttpRequest

from boards import rail
from core import pulse
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
    drawn = rail.draw(request, user.pk, access)
    context |= {
        "navigation": drawn.lines,
        "tabbar": drawn.tabs,
        "access": access,
        "viewer": getattr(request, "viewer", None),
        "pulse": pulse.address(user.pk),
        "pulse_seen": pulse.seen(request),
        "density": user.density,
        "single_keys": user.single_keys,
    }
    return context
