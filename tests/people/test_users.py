"""Users, roles and departments: who may change them, and the laws that nobody gets round."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.errors import Conflict, DomainError, NotAllowed
from core.models import OutboxRow
from people import accounts, invitations, mails, organisation
from people.access import SYSTEM
from people.accounts import Grant
from people.models import Company, Department, Membership, Notice, Role, Scope, User
from tests.people.conftest import PASSWORD, client_of, may, person

pytestmark = pytest.mark.django_db


def role(code: str) -> Role:
    """A shipped role."""
    return Role.objects.get(code=code)


def boxes(**chosen: list[str]) -> dict[str, Any]:
    """The form's fields for roles held: code → "all" or scope ids."""
    data: dict[str, Any] = {}
    for code, where in chosen.items():
        data |= {f"role_{role(code).pk}": "on", f"where_{role(code).pk}": where}
    return data


@pytest.fixture
def invited(alice: User) -> User:
    """Somebody who was invited and has not answered."""
    return accounts.invite(
        username="ivan",
        name="Ivan",
        email="ivan@example.com",
        department=None,
        grants=[Grant(role("clerk").pk, everywhere=True)],
        actor=alice,
        access=may(alice),
    )


GET = ("users", "user_new", "roles", "role_new", "departments", "department_new")


@pytest.mark.parametrize("name", GET)
def test_pages_open_for_admins_only(alice: User, bob: User, name: str) -> None:
    assert client_of(alice).get(reverse(f"people:{name}")).status_code == 200
    assert client_of(bob).get(reverse(f"people:{name}")).status_code == 403


def test_pages_of_one_record_open_for_admins_only(alice: User, bob: User) -> None:
    company = Company.objects.create(code="C", name="C")
    place = Department.objects.create(company=company, code="D", name="D")
    for name, pk in (("user", bob.pk), ("role", role("clerk").pk), ("department", place.pk)):
        url = reverse(f"people:{name}", args=[pk])
        assert client_of(alice).get(url).status_code == 200
        assert client_of(bob).get(url).status_code == 403
        assert client_of(bob).post(url, {}).status_code == 403


@pytest.mark.parametrize("name", ["memberships", "activity", "invite_again"])
def test_changes_need_a_post_and_the_right(alice: User, bob: User, name: str) -> None:
    url = reverse(f"people:{name}", args=[bob.pk])
    assert client_of(alice).get(url).status_code == 405
    assert client_of(bob).post(url, {"active": "0"}).status_code == 403
    assert User.objects.get(pk=bob.pk).is_active


def test_inviting_by_the_page(alice: User, main_scope: Scope) -> None:
    data = {"username": "ivan", "name": "Ivan", "email": "ivan@example.com"}
    data |= boxes(clerk=[str(main_scope.pk)], auditor=["all"])
    client = client_of(alice)
    answer = client.post("/users/new/", data)
    user = User.objects.get(username="ivan")
    assert answer.url == f"/users/{user.pk}/"
    assert may(user).scopes("document.execute") == {main_scope.pk}
    assert may(user).scopes("cost.view") is None
    mails.send_invitations([user.pk])
    assert "/invitation/" in mail.outbox[0].body
    assert "/invitation/" in client.get(answer.url).content.decode()


def test_a_role_without_a_warehouse_is_refused(alice: User) -> None:
    data = {"username": "ivan", "name": "Ivan"} | boxes(clerk=[])
    assert client_of(alice).post("/users/new/", data).status_code == 422
    assert not User.objects.filter(username="ivan").exists()


def test_everywhere_and_single_warehouses_exclude_each_other(
    alice: User, bob: User, main_scope: Scope
) -> None:
    data = boxes(sales=["all", str(main_scope.pk)])
    assert client_of(alice).post(f"/users/{bob.pk}/roles/", data).status_code == 422
    assert not may(bob).may("stock.reserve")


def test_an_admin_helps_who_cannot_get_in(alice: User, bob: User) -> None:
    url = f"/users/{bob.pk}/rescue/"
    client = Client()
    for _time in range(5):
        client.post("/login/", {"username": "bob", "password": "wrong"})
    assert client_of(bob).post(url, {"what": "unlock"}).status_code == 403
    client_of(alice).post(url, {"what": "unlock"})
    TOTPDevice.objects.create(user=bob, name="phone", confirmed=True)
    client_of(alice).post(url, {"what": "two_step"})
    assert client.post("/login/", {"username": "bob", "password": PASSWORD}).url == "/"
    client_of(alice).post(url, {"what": "password"})
    assert OutboxRow.objects.filter(topic=mails.RESET, subject=bob.pk).exists()


def test_an_invitation_works_once(client: Client, invited: User) -> None:
    path = invitations.link_for(invited).removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 200
    data = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(path, data).url == "/"
    assert client.get("/profile/").status_code == 200
    assert Client().post(path, data).status_code == 410
    assert Notice.objects.filter(kind="people.invitation_accepted").count() == 1


def test_an_invitation_ends_after_three_days(invited: User) -> None:
    token = invitations.token_for(invited)
    assert invitations.invited_user(token) == invited
    later = (timezone.now() + timedelta(days=3, minutes=1)).timestamp()
    with mock.patch("django.core.signing.time.time", return_value=later):
        assert invitations.invited_user(token) is None


def test_a_new_link_ends_the_old_one_and_forgery_fails(alice: User, invited: User) -> None:
    token = invitations.token_for(invited)
    accounts.invite_again(invited, actor=alice, access=may(alice))
    assert invitations.invited_user(token) is None
    assert invitations.invited_user(invitations.token_for(invited)[:-1]) is None


def test_a_deactivated_user_is_out_at_once(alice: User, bob: User) -> None:
    client = client_of(bob)
    client_of(alice).post(f"/users/{bob.pk}/state/", {"active": "0"})
    assert client.get("/profile/").status_code == 302
    client_of(alice).post(f"/users/{bob.pk}/state/", {"active": "1"})
    assert client.get("/profile/").status_code == 302
    assert User.objects.get(pk=bob.pk).is_active


def test_the_last_manager_cannot_be_removed(alice: User) -> None:
    actor = person("eve")
    changes: list[Callable[[], object]] = [
        lambda: accounts.set_active(alice, active=False, actor=actor, access=SYSTEM),
        lambda: accounts.set_memberships(alice, [], actor=actor, access=SYSTEM),
        lambda: organisation.save_role(
            role("admin"), name="", rights=["stock.view"], actor=actor, access=SYSTEM
        ),
    ]
    for change in changes:
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.code == "last_manager"
        assert may(alice).may("users.manage")
    person("second", "admin")
    accounts.set_memberships(alice, [], actor=actor, access=SYSTEM)


def test_an_invited_manager_does_not_count(alice: User, invited: User) -> None:
    accounts.set_memberships(
        invited, [Grant(role("admin").pk, everywhere=True)], actor=alice, access=may(alice)
    )
    assert set(accounts.managers()) == {alice}


def test_nobody_raises_himself(alice: User) -> None:
    with pytest.raises(DomainError) as refused:
        accounts.set_memberships(
            alice,
            [Grant(role(code).pk, everywhere=True) for code in ("admin", "finance")],
            actor=alice,
            access=may(alice),
        )
    assert refused.value.code == "own_account"
    with pytest.raises(DomainError):
        organisation.save_role(
            role("admin"),
            name="",
            rights=["users.manage", "stock.override"],
            actor=alice,
            access=may(alice),
        )
    with pytest.raises(DomainError):
        accounts.set_active(alice, active=False, actor=alice, access=may(alice))
    assert not may(alice).may("stock.override")


def test_only_a_superuser_touches_a_superuser(alice: User) -> None:
    root = person("root", is_superuser=True)
    with pytest.raises(NotAllowed):
        accounts.set_active(root, active=False, actor=alice, access=may(alice))
    client_of(alice).post(f"/users/{alice.pk}/", {"name": "Alice", "is_superuser": "1"})
    assert not User.objects.get(pk=alice.pk).is_superuser


def test_changed_roles_are_told_and_kept_in_the_history(
    alice: User, bob: User, other_scope: Scope
) -> None:
    client = client_of(alice)
    data = boxes(clerk=[str(other_scope.pk)], sales=["all"])
    assert client.post(f"/users/{bob.pk}/roles/", data).status_code == 302
    assert may(bob).scopes("document.execute") == {other_scope.pk}
    assert Notice.objects.filter(user=bob, kind="people.rights_changed").count() == 1
    client.post(f"/users/{bob.pk}/roles/", data)
    assert Notice.objects.filter(user=bob).count() == 1
    client.post(f"/users/{bob.pk}/roles/", {})
    assert not Membership.objects.filter(user=bob).exists()
    assert Membership.history.filter(user_id=bob.pk, history_type="-").count() == 2  # type: ignore[attr-defined]
    assert client.get(f"/users/{bob.pk}/").context["changes"]


def test_editing_a_user_shows_who_changed_what(alice: User, bob: User) -> None:
    client = client_of(alice)
    assert client.post(f"/users/{bob.pk}/", {"name": "Robert", "email": ""}).status_code == 302
    newest = client.get(f"/users/{bob.pk}/").context["changes"][0]
    assert newest.who == "Alice"
    assert ("Bob", "Robert") in [(f.old, f.new) for f in newest.fields]


def test_roles_are_made_and_changed(alice: User) -> None:
    client = client_of(alice)
    data = {"code": "picker", "name": "Picker", "rights": ["stock.view", "count.enter"]}
    assert client.post("/roles/new/", data).url == "/roles/"
    made = role("picker")
    assert made.rights == ["stock.view", "count.enter"]
    assert client.post("/roles/new/", data).status_code == 422
    data = {"name": "Picker", "rights": ["stock.fly"]}
    assert client.post(f"/roles/{made.pk}/", data).status_code == 422
    data = {"name": "Picker", "rights": ["stock.view"]}
    assert client.post(f"/roles/{made.pk}/", data).status_code == 302
    assert role("picker").rights == ["stock.view"]


def test_departments_are_made_nested_and_archived(alice: User, bob: User) -> None:
    Company.objects.create(code="C", name="C")
    client = client_of(alice)
    client.post("/departments/new/", {"code": "WH", "name": "Warehouse", "manager": bob.pk})
    above = Department.objects.get(code="WH")
    assert above.manager == bob
    client.post("/departments/new/", {"code": "W1", "name": "Shift", "parent": above.pk})
    below = Department.objects.get(code="W1")
    data = {"code": "WH", "name": "Warehouse", "parent": below.pk}
    assert client.post(f"/departments/{above.pk}/", data).status_code == 422
    User.objects.filter(pk=bob.pk).update(department=above)
    url = f"/departments/{above.pk}/state/"
    client.post(url, {"what": "archive"})
    assert Department.objects.get(pk=above.pk).archived_at is None
    User.objects.filter(pk=bob.pk).update(department=None)
    client.post(url, {"what": "archive"})
    assert Department.objects.get(pk=above.pk).archived_at
    client.post(url, {"what": "restore"})
    assert Department.objects.get(pk=above.pk).archived_at is None
