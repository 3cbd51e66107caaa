"""What every database of people must contain: the roles we ship, made once and then the admin's."""

from typing import Any

from django.db import connections

from people import rights


def ensure_roles(using: str = "default") -> None:
    """Make the shipped roles that are missing; a role that exists keeps the rights it has."""
    from people.models import Role

    roles = Role.objects.using(using)
    known = set(roles.values_list("code", flat=True))
    roles.bulk_create(
        [
            Role(code=shipped.code, rights=list(shipped.rights))
            for shipped in rights.SHIPPED_ROLES
            if shipped.code not in known
        ],
        ignore_conflicts=True,
    )


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Bring the database to what this module promises; runs after every migrate and flush."""
    if "people_role" in connections[using].introspection.table_names():
        ensure_roles(using)
