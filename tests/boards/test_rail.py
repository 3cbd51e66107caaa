"""The rail: eight lines at most for every shipped role, and nothing that one may open is missing from it."""

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from boards import rail
from boards.search import pages
from boards.search.hits import Asked
from core import navigation
from people.access import access_for
from people.models import Membership, Role, User
from people.rights import SHIPPED_ROLES

pytestmark = pytest.mark.django_db
ROLES = [role.code for role in SHIPPED_ROLES]


def person(role: str) -> User:
    user = User.objects.create(username=f"rail-{role}", name=role)
    Membership.objects.create(user=user, role=Role.objects.get(code=role), everywhere=True)
    return user


def drawn(user: User, path: str = "/", opened: str = "") -> rail.Rail:
    request = RequestFactory().get(path)
    request.COOKIES[rail.OPEN] = opened
    return rail.draw(request, user.pk, access_for(user))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_at_most_eight_lines_with_all_that_it_may_open(role: str) -> None:
    user = person(role)
    access = access_for(user)
    lines = drawn(user).lines
    assert 3 <= len(lines) <= 8
    shown = {one.code for line in lines for one in line.entries or [line]}
    allowed = {
        entry.url_name
        for entry in navigation.entries()
        if not entry.rights or any(access.may(right) for right in entry.rights)
    }
    assert shown == allowed
    assert all(len(line.entries) != 1 for line in lines)


@pytest.mark.parametrize("role", ROLES)
def test_the_palette_finds_every_page_of_the_rail(role: str) -> None:
    user = person(role)
    access = access_for(user)
    found = {hit.url for hit in pages.pages(Asked("", "", user, access), 100)}
    lines = drawn(user).lines
    assert {one.url for line in lines for one in line.entries or [line]} <= found


def test_the_group_of_the_page_is_open_and_others_as_they_were_left() -> None:
    lines = drawn(person("warehouse_head"), "/items/7/", "reports.nonsense").lines
    groups = {line.code: line for line in lines if line.entries}
    assert {code for code, line in groups.items() if line.open} == {"stock", "reports"}
    assert [one.url for one in groups["stock"].entries if one.current] == ["/items/"]
    assert not any(one.current for one in groups["reports"].entries)


def test_who_works_in_a_group_most_finds_it_first() -> None:
    def place(role: str, code: str) -> int:
        return [line.code for line in drawn(person(role)).lines].index(code)

    assert place("admin", "admin") == 2
    assert place("auditor", "admin") > 4


def test_what_one_works_in_least_stands_inside_another_group() -> None:
    def groups(role: str) -> dict[str, set[str]]:
        lines = drawn(person(role)).lines
        return {line.code: {one.code for one in line.entries} for line in lines if line.entries}

    clerk, admin, finance = groups("clerk"), groups("admin"), groups("finance")
    assert {"counting", "stock"} <= set(clerk)
    assert "master" not in clerk
    assert {"master", "stock"} <= set(admin)
    assert "counting" not in admin
    assert {"stock:units", "workflows:counting", "stock:items"} <= finance["stock"]
    assert not {"master", "counting"} & set(finance)


def test_it_works_without_script_and_says_where_one_is() -> None:
    client = Client()
    client.force_login(person("warehouse_head"))
    page = client.get(reverse("stock:lots")).content.decode()
    assert re.search(r'<details class="grp" data-group="stock" open>', page)
    assert re.search(r'href="/lots/" aria-current="page"', page)
    assert page.count('aria-current="page" title') == 1
