"""What a user may do is the union of the memberships, and costs two queries a request."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from core.errors import NotAllowed
from people import bootstrap, rights
from people.access import NOBODY, access_for
from people.models import Membership, Role, Scope, User
from people.views.organisation import right_groups
from tests.people.conftest import may, person

pytestmark = pytest.mark.django_db


def test_a_right_holds_in_the_scopes_of_every_membership(
    main_scope: Scope, other_scope: Scope
) -> None:
    user = person("carol", "clerk", scopes=(main_scope,))
    held = Membership.objects.create(user=user, role=Role.objects.get(code="auditor"))
    held.scopes.set([other_scope])
    access = may(user)
    assert access.scopes("stock.view") == {main_scope.pk, other_scope.pk}
    assert access.scopes("document.execute") == {main_scope.pk}
    assert access.may("cost.view", other_scope.pk)
    assert not access.may("cost.view", main_scope.pk)
    with pytest.raises(NotAllowed):
        access.require("document.execute", other_scope.pk)


def test_everywhere_outweighs_scopes_in_either_order(main_scope: Scope) -> None:
    for number, first in enumerate((True, False)):
        user = person(f"dave{number}")
        for everywhere, code in ((first, "clerk"), (not first, "sales")):
            held = Membership.objects.create(
                user=user, role=Role.objects.get(code=code), everywhere=everywhere
            )
            if not everywhere:
                held.scopes.set([main_scope])
        assert may(user).scopes("stock.view") is None


def test_a_membership_without_scopes_holds_nowhere() -> None:
    user = person("erin")
    Membership.objects.create(user=user, role=Role.objects.get(code="clerk"))
    assert may(user).scopes("stock.view") == frozenset()
    assert not may(user).may("stock.view", 1)


def test_superuser_inactive_and_strangers() -> None:
    root = person("root", is_superuser=True)
    assert all(may(root).may(code, 1) for code in rights.RIGHT_CODES)
    gone = person("gone", "admin", is_superuser=True, is_active=False)
    assert may(gone) is NOBODY
    assert access_for(AnonymousUser()) is NOBODY
    assert not NOBODY.may("stock.view")


def test_an_unknown_right_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError):
        NOBODY.may("stock.fly")


def test_access_is_read_once_with_one_query(bob: User, django_assert_num_queries: Any) -> None:
    fresh = User.objects.get(pk=bob.pk)
    with django_assert_num_queries(1):
        access_for(fresh).may("stock.view")
        access_for(fresh).may("cost.view")


def test_shipped_roles_exist_and_an_edited_one_stays_edited() -> None:
    assert {r.code for r in rights.SHIPPED_ROLES} <= set(
        Role.objects.values_list("code", flat=True)
    )
    Role.objects.filter(code="clerk").update(rights=["stock.view"])
    Role.objects.filter(code="sales").delete()
    bootstrap.ensure_roles()
    bootstrap.ensure_roles()
    assert Role.objects.get(code="clerk").rights == ["stock.view"]
    assert Role.objects.filter(code="sales").count() == 1


@pytest.mark.django_db(transaction=True)
def test_shipped_roles_survive_a_flush() -> None:
    call_command("migrate", verbosity=0)
    assert Role.objects.filter(code="admin").exists()


def test_every_right_can_be_given_on_the_page_of_a_role() -> None:
    shown = [code for _title, group in right_groups(set()) for code, *_rest in group]
    assert sorted(shown) == sorted(rights.RIGHT_CODES)
