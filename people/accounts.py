"""The only writer of users and memberships; nobody can lock everybody out or raise himself.

Laws: somebody who may manage users always remains; nobody changes the roles of his own account;
only a superuser makes or changes superusers. Who may manage users may give any role to others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from axes.utils import reset as reset_attempts
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import outbox
from core.errors import Conflict, DomainError, NotAllowed
from core.words import listed
from people import mails, notices, sessions, two_step
from people.access import Access
from people.models import Department, Membership, Role, Scope, User

MANAGE = "users.manage"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role to hold, everywhere or in the scopes (warehouses) of these ids."""

    role_id: int
    everywhere: bool
    scope_ids: frozenset[int] = frozenset()


def managers() -> QuerySet[User]:
    """The users who can sign in and manage users."""
    roles = [pk for pk, codes in Role.objects.values_list("pk", "rights") if MANAGE in codes]
    return (
        User.objects.filter(is_active=True)
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .filter(Q(is_superuser=True) | Q(memberships__role__in=roles))
        .distinct()
    )


def lock_rights() -> None:
    """Let one change of rights at a time through; the locks last until the transaction ends."""
    list(Role.objects.order_by("pk").select_for_update().values_list("pk", flat=True))


def require_a_manager() -> None:
    """Refuse the change that would leave nobody to manage users."""
    if not managers().exists():
        raise Conflict(
            _("Nobody would be left who can manage users. Give somebody else that right first."),
            code="last_manager",
        )


def _require_may_change(user: User, *, actor: User, access: Access) -> None:
    """Refuse without the right, and refuse to touch a superuser unless the actor is one."""
    access.require(MANAGE)
    if user.is_superuser and not actor.is_superuser:
        raise NotAllowed(_("Only a superuser changes a superuser."), right=MANAGE)


@transaction.atomic
def invite(
    *,
    username: str,
    name: str,
    email: str,
    department: Department | None,
    grants: Iterable[Grant],
    actor: User,
    access: Access,
) -> User:
    """Make a user who sets the password by an invitation link, which is mailed if there is an address."""
    access.require(MANAGE)
    user = User(username=username, name=name, email=email, department=department)
    user.set_unusable_password()
    user.save()
    _write_grants(user, grants)
    outbox.announce(mails.INVITED, subject=user.pk)
    return user


@transaction.atomic
def invite_again(user: User, *, actor: User, access: Access) -> None:
    """Make older links useless and mail a new one; only for those who never set a password."""
    _require_may_change(user, actor=actor, access=access)
    if user.has_usable_password() or not user.is_active:
        raise Conflict(_("This user does not need an invitation."), code="not_invited")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    outbox.announce(mails.INVITED, subject=user.pk)


@transaction.atomic
def accept(user: User, password: str) -> None:
    """Set the first password of an invited user and tell those who manage users."""
    fresh = User.objects.select_for_update().get(pk=user.pk)
    if fresh.has_usable_password() or not fresh.is_active:
        raise Conflict(_("This invitation has been used."), code="used")
    fresh.set_password(password)
    fresh.save(update_fields=["password"])
    user.password = fresh.password
    notices.notify(
        managers().exclude(pk=user.pk),
        "people.invitation_accepted",
        {"name": str(user)},
        url=f"/users/{user.pk}/",
    )


@transaction.atomic
def edit(
    user: User,
    *,
    name: str,
    email: str,
    department: Department | None,
    actor: User,
    access: Access,
) -> None:
    """Change what is known of a user; the user name stays, records name it."""
    _require_may_change(user, actor=actor, access=access)
    user.name, user.email, user.department = name, email, department
    user.save(update_fields=["name", "email", "department"])


@transaction.atomic
def set_active(user: User, *, active: bool, actor: User, access: Access) -> None:
    """Deactivate (all sessions end at once) or let in again; a user is never deleted."""
    _require_may_change(user, actor=actor, access=access)
    if user.pk == actor.pk:
        raise DomainError(
            _("You cannot deactivate yourself. Ask another administrator."), code="own_account"
        )
    lock_rights()
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        require_a_manager()
        sessions.end(user)


def unlock(user: User, *, actor: User, access: Access) -> None:
    """Forget the wrong passwords typed for this user, so that sign-in opens again."""
    _require_may_change(user, actor=actor, access=access)
    reset_attempts(username=user.username)


@transaction.atomic
def mail_reset(user: User, *, actor: User, access: Access) -> None:
    """Mail the user a link to set a new password."""
    _require_may_change(user, actor=actor, access=access)
    outbox.announce(mails.RESET, subject=user.pk)


@transaction.atomic
def drop_two_step(user: User, *, actor: User, access: Access) -> None:
    """Switch off the second step of somebody who has lost the phone; the user is told."""
    _require_may_change(user, actor=actor, access=access)
    two_step.switch_off(user)


@transaction.atomic
def set_memberships(user: User, grants: Iterable[Grant], *, actor: User, access: Access) -> None:
    """Make the user hold exactly these roles; the user is told. One's own stay as they are."""
    _require_may_change(user, actor=actor, access=access)
    if user.pk == actor.pk and not actor.is_superuser:
        raise DomainError(
            _("You cannot change your own roles. Ask another administrator."), code="own_account"
        )
    lock_rights()
    if _write_grants(user, grants):
        require_a_manager()
        held = Role.objects.filter(memberships__user=user)
        notices.notify(
            [user],
            "people.rights_changed",
            {"by": str(actor), "roles": listed(held) or "–"},
            url="/profile/",
        )


def _write_grants(user: User, grants: Iterable[Grant]) -> bool:
    """Bring the memberships to the grants, touching only those that differ; whether any did."""
    wanted = {grant.role_id: grant for grant in grants}
    for grant in wanted.values():
        if not grant.everywhere and not grant.scope_ids:
            raise DomainError(
                _("Choose the warehouses of each role, or “everywhere”."), code="no_scope"
            )
    changed = False
    for held in Membership.objects.filter(user=user).prefetch_related("scopes"):
        if held.role_id not in wanted:
            held.delete()
            changed = True
            continue
        grant = wanted.pop(held.role_id)
        if not _same(held, grant):
            held.everywhere = grant.everywhere
            held.save(update_fields=["everywhere"])
            held.scopes.set(_scopes(grant))
            changed = True
    for grant in wanted.values():
        made = Membership.objects.create(
            user=user, role_id=grant.role_id, everywhere=grant.everywhere
        )
        made.scopes.set(_scopes(grant))
        changed = True
    user.__dict__.pop("_access", None)
    return changed


def _scopes(grant: Grant) -> list[Scope]:
    """The scopes to store; a role held everywhere names none."""
    return [] if grant.everywhere else list(Scope.objects.filter(pk__in=grant.scope_ids))


def _same(held: Membership, grant: Grant) -> bool:
    """Whether the membership already says what the grant says."""
    known = frozenset(scope.pk for scope in held.scopes.all())
    return held.everywhere == grant.everywhere and (grant.everywhere or known == grant.scope_ids)
