"""Gives the new right to import to the shipped roles that had what it grew out of."""

from typing import Any

from django.db import migrations

ROLES = ("admin", "warehouse_head")
RIGHT = "stock.import"


def give(apps: Any, _editor: Any) -> None:
    """Add the right where the role still is as it was shipped."""
    for role in apps.get_model("people", "Role").objects.filter(code__in=ROLES):
        if RIGHT not in role.rights:
            role.rights = [*role.rights, RIGHT]
            role.save(update_fields=["rights"])


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_imports"), ("people", "0001_initial")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=True)]
