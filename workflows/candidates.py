"""Whom one can choose: for a step (who may do it and had no hand in the content), for a copy, for a mention."""

from django.db.models import Q, QuerySet

from people.models import Role, User
from workflows import who
from workflows.models import Document, Task
from workflows.steps import Step

MOST = 500
"""So many people a list offers; with more, one types a part of the name."""


def for_step(document: Document, step: Step, *, besides: User) -> list[User]:
    """Those who may do the step there; for an approval neither the asker nor an editor."""
    right = step.about.right
    roles = [role.pk for role in Role.objects.all() if right in role.rights]
    scope = who.scope_of(document, step.who.scope)
    there = Q(memberships__role__in=roles)
    if scope is not None:
        there &= Q(memberships__everywhere=True) | Q(memberships__scopes=scope)
    busy = {Task.State.OPEN, Task.State.WAITING, Task.State.HELD}
    out = {besides.pk, *document.tasks.filter(state__in=busy).values_list("user", flat=True)}
    if step.about.decides:
        out |= who.barred(document)
    found = User.objects.filter(there | Q(is_superuser=True), is_active=True).exclude(pk__in=out)
    return list(found.distinct().order_by("name", "username")[:MOST])


def for_copy(document: Document, *, besides: User) -> list[User]:
    """Everybody who has no copy yet."""
    out = {besides.pk, *document.copies.values_list("user", flat=True)}
    return list(
        User.objects.filter(is_active=True).exclude(pk__in=out).order_by("name", "username")[:MOST]
    )


def for_mention(document: Document, text: str) -> QuerySet[User]:
    """People to mention: those who have to do with it first come to mind; else by a part of the name."""
    people = User.objects.filter(is_active=True).order_by("name", "username")
    text = text.strip()
    if text:
        return people.filter(Q(name__icontains=text) | Q(username__icontains=text))[:8]
    concerned = (
        Q(pk=document.asker_id or 0)
        | Q(pk__in=document.tasks.values("user"))
        | Q(pk__in=document.editors.values("user"))
        | Q(pk__in=document.copies.values("user"))
    )
    return people.filter(concerned)[:8]
