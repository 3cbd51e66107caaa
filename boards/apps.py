"""Django's registration of boards."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    """One workspace per department, search and the home pages."""

    name = "boards"
    verbose_name = _("Boards")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the rail and the home pages."""
        from boards.homes import alerts, flow, goods, handling, money, office, orders, papers
        from boards.homes.places import HOMES
        from boards.navigation import ENTRIES, GROUPS
        from boards.ready_views import VIEWS
        from core import navigation
        from people import homes, saved_views

        saved_views.register(*VIEWS)
        navigation.register(*GROUPS, *ENTRIES)
        homes.register(*HOMES, *alerts.TILES, *papers.TILES, *flow.TILES, *goods.TILES)
        homes.register(*handling.TILES, *money.TILES, *office.TILES, *orders.TILES)
