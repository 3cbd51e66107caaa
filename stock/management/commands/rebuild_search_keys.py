"""Fill in anew what items and partners are found by."""

from typing import Any

from django.core.management.base import BaseCommand

from stock import search_keys
from stock.models import Item, Partner


class Command(BaseCommand):
    """`manage.py rebuild_search_keys`: after data was written past the application."""

    help = "Rebuilds the search keys (codes, names, pinyin, initials) of all items and partners."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild and say how many."""
        items = list(Item.objects.all())
        partners = list(Partner.objects.exclude(pk=0))
        search_keys.refresh_items(items)
        search_keys.refresh_partners(partners)
        self.stdout.write(f"{len(items)} items, {len(partners)} partners")
