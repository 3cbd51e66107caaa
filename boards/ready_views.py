"""Views of lists that come with the product: what each role asks its lists for every day, behind «Views»."""

from django.utils.translation import gettext_lazy as _

from people.saved_views import Ready

_APPROVES = ("document.approve",)
_CARRIES = ("document.execute",)
_BUYS = ("document.ask", "master.edit")

VIEWS: tuple[Ready, ...] = (
    Ready("documents", _("Waiting for approval"), "state=in_approval&sort=created", _APPROVES),
    Ready("documents", _("Unusually large"), "is=big&sort=-amount", _APPROVES),
    Ready("documents", _("To carry out"), "is=ready&sort=wanted_on", _CARRIES),
    Ready("documents", _("Lacking stock"), "is=blocked", _CARRIES),
    Ready("documents", _("Late"), "is=late&sort=wanted_on"),
    Ready("documents", _("Price missing"), "is=unpriced", ("document.ask", "finance.review")),
    Ready("items", _("Below reorder point"), "state=low&sort=available", _BUYS),
    Ready("items", _("Most value first"), "sort=-value", ("cost.view",)),
    Ready("stock", _("Expired and still here"), "state=expired", _CARRIES),
    Ready("stock", _("On hold"), "state=held", _CARRIES),
    Ready("stock", _("By item and warehouse"), "by=warehouse"),
    Ready("lots", _("Expiring in 30 days"), "stock=some&expiry=30&sort=expires_on"),
    Ready("movements", _("What came in"), "direction=in"),
    Ready("movements", _("What went out"), "direction=out"),
    Ready("orders", _("Late orders"), "late=1&sort=wanted_on"),
)
