"""The only writer of roles and departments."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError
from people import accounts
from people.access import Access
from people.models import Department, Membership, Role, User
from people.rights import RIGHTS


@transaction.atomic
def save_role(role: Role, *, name: str, rights: Iterable[str], actor: User, access: Access) -> Role:
    """Create or change a role. A role one holds oneself is changed by somebody else."""
    access.require(accounts.MANAGE)
    chosen = set(rights)
    codes = [right.code for right in RIGHTS if right.code in chosen]
    accounts.lock_rights()
    own = role.pk and Membership.objects.filter(role=role, user=actor).exists()
    if own and not actor.is_superuser and set(role.rights) != chosen:
        raise DomainError(
            _("You hold this role yourself. Ask another administrator to change its rights."),
            code="own_role",
        )
    role.name, role.rights = name, codes
    role.full_clean()
    role.save()
    accounts.require_a_manager()
    return role


@transaction.atomic
def save_department(department: Department, *, actor: User, access: Access) -> Department:
    """Create or change a department; a department cannot lie inside itself."""
    access.require(accounts.MANAGE)
    above, seen = department.parent, set()
    while above is not None and above.pk not in seen:
        if above.pk == department.pk:
            raise DomainError(
                _("A department cannot belong to itself or to a part of itself."), code="loop"
            )
        seen.add(above.pk)
        above = above.parent
    department.full_clean()
    department.save()
    return department


@transaction.atomic
def archive_department(
    department: Department, *, archived: bool, actor: User, access: Access
) -> None:
    """Take a department out of the choices, or back; records keep naming it."""
    access.require(accounts.MANAGE)
    if archived and User.objects.filter(department=department, is_active=True).exists():
        raise Conflict(_("People still belong to this department. Move them first."), code="in_use")
    department.archived_at = timezone.now() if archived else None
    department.save(update_fields=["archived_at"])
