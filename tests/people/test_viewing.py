"""Looking as another user: as he sees it, never more than oneself may see, and nothing can be changed."""

import pytest
from django.test import Client

from people import viewing
from people.access import access_for, combine
from people.models import Notice, User
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def admin(world: World) -> Client:
    found = Client()
    found.force_login(world.admin)
    return found


def _look(client: Client, person: User) -> int:
    return client.post(f"/users/{person.pk}/look/").status_code


def test_pages_are_those_of_the_person_and_say_so(world: World, admin: Client) -> None:
    assert admin.get("/").context["page"].home.code == "admin"
    assert _look(admin, world.cat) == 302
    answer = admin.get("/")
    assert answer.context["page"].home.code == "warehouse"
    assert "You look as cat" in answer.content.decode()
    assert admin.get("/users/").status_code == 403
    assert admin.post("/view-as/stop/")["Location"] == f"/users/{world.cat.pk}/"
    assert admin.get("/users/").status_code == 200


def test_nothing_can_be_changed_meanwhile(world: World, admin: Client) -> None:
    document = world.draft("scrap", {"item": world.stocked().code, "quantity": "1"}, by=world.cat)
    _look(admin, world.cat)
    for path in (f"/documents/{document.key}/do/submit/", "/documents/new/scrap/", "/profile/"):
        assert admin.post(path).status_code == 403, path
    part = admin.post(f"/documents/{document.key}/seen/", headers={"HX-Request": "true"})
    assert part.status_code == 204
    assert Document.objects.get().state == "draft"
    assert admin.delete("/api/v1/documents/").status_code == 403


def test_personal_pages_stay_closed(world: World, admin: Client) -> None:
    _look(admin, world.cat)
    for path in ("/profile/", "/profile/tokens/", "/notices/"):
        assert admin.get(path).status_code == 403, path
    assert admin.get("/notices/bell/", headers={"HX-Request": "true"}).status_code == 204


def test_costs_that_the_viewer_may_not_see_stay_hidden(world: World, admin: Client) -> None:
    """fay of finance sees values; the administrator does not, not even as fay."""
    item = world.stocked(100, 12345)
    client = Client()
    client.force_login(world.fay)
    page = f"/items/{item.pk}/"
    assert "1,234,500" in client.get(page).content.decode()
    _look(admin, world.fay)
    html = admin.get(page).content.decode()
    assert "You look as fay" in html
    assert "1,234,500" not in html
    assert "12,345" not in html


def test_rights_of_seeing_are_cut_to_those_of_the_viewer() -> None:
    theirs = combine(1, [(["stock.view", "cost.view", "document.approve"], True, [])])
    mine = combine(2, [(["stock.view", "users.manage"], False, [7])])
    found = viewing.cut(theirs, mine)
    assert found.grants == {"stock.view": frozenset({7}), "document.approve": None}


def test_the_person_is_told_and_some_cannot_be_looked_at(world: World, admin: Client) -> None:
    boss = User.objects.create(username="boss", name="Boss", is_superuser=True)
    for person in (boss, world.admin):
        assert _look(admin, person) == 422
        assert viewing.KEY not in admin.session
    _look(admin, world.cat)
    assert Notice.objects.filter(user=world.cat, kind=viewing.NOTICE).count() == 1
    other = Client()
    other.force_login(world.head)
    assert _look(other, world.cat) == 403


def test_it_ends_when_the_viewer_may_no_longer_manage_users(world: World, admin: Client) -> None:
    _look(admin, world.cat)
    world.admin.memberships.all().delete()
    assert "You look as" not in admin.get("/").content.decode()
    assert not access_for(User.objects.get(pk=world.admin.pk)).grants


def test_who_may_what_lists_every_right_and_where(world: World, admin: Client) -> None:
    html = admin.get(f"/users/access/?user={world.cat.pk}").content.decode()
    assert "see stock and movements" in html
    assert world.main.name in html
    assert "approve changes of stock" not in html.partition("<tbody>")[2]
    answer = admin.get("/users/access/?right=cost.view")
    names = {row.user.name for row in answer.context["page"]["objects"]}
    assert {"fay", "head", "bob"} <= names
    assert "ann" not in names
    assert admin.get("/users/access/?export=csv").status_code == 200
    clerk = Client()
    clerk.force_login(world.cat)
    assert clerk.get("/users/access/").status_code == 403
