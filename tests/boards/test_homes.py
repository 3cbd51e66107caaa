"""The homes: every tile counts exactly the list behind it, nothing is asked twice, and who may open which."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards import system
from boards.homes import handling, places
from boards.homes import page as pages
from people import homes
from people.access import access_for
from people.homes import Asked, Figure
from people.models import Company, User
from stock.models import Period
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = (
    "zhao",
    "wangmin",
    "zheng",
    "chenxiao",
    "xulin",
    "zhouhang",
    "wulei",
    "qian",
    "admin",
    "liuyang",
)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _listed(context: Any) -> int:
    """The rows behind a link: of a list, or of the inbox."""
    page = context["page"]
    return int(page["count"] if isinstance(page, dict) else page.paginator.count)


def _first_median(context: Any) -> int:
    row = context["page"]["objects"][0]
    assert isinstance(row, handling.Row)
    return row.seconds


COUNTED: dict[str, Callable[[Any], Any]] = {
    "value": lambda context: context["answer"].total.number("value", "closing"),
    "handling": _first_median,
    "bottleneck": _first_median,
    "dead": lambda context: context["state"].dead_count,
    "health": lambda context: sum(line.tone != "ok" for line in system.nightly()),
}
"""How the number of a tile is found on the page that it leads to, where that is no count of rows."""


@pytest.mark.parametrize("name", PEOPLE)
def test_every_tile_counts_exactly_its_list(demo: dict[str, User], name: str) -> None:
    user = demo[name]
    client, access = _client(user), access_for(user)
    seen = set()
    for home in homes.homes_of(access):
        for tile in homes.tiles_of(home.code, access):
            figure = tile.read(Asked(user, access, timezone.now()))
            if figure is None or tile.code in seen:
                continue
            seen.add(tile.code)
            answer = client.get(figure.url.partition("#")[0])
            assert answer.status_code == 200, (tile.code, figure.url)
            count = COUNTED.get(tile.code, _listed)
            assert count(answer.context) == figure.number, (tile.code, figure.url)
    assert len(seen) > 3


def test_the_demo_gives_every_kind_of_tile_something_to_count(demo: dict[str, User]) -> None:
    """A company in which all is nothing would prove nothing."""
    found: dict[str, Figure] = {}
    for user in demo.values():
        access = access_for(user)
        for home in homes.homes_of(access):
            for tile in homes.tiles_of(home.code, access):
                figure = tile.read(Asked(user, access, timezone.now()))
                if figure is not None and figure.number:
                    found[tile.code] = figure
    assert {
        "todo", "overdue", "ready", "late", "in_approval", "expired", "expiring", "low", "unordered",
        "transit", "negative", "value", "big", "odd_hour", "short_receipts", "over_used", "backdated",
        "reversed", "unsynced", "handling", "bottleneck", "to_pick", "mine_running", "cases", "unreviewed", "no_account",
    } <= found.keys()  # fmt: skip
    assert all(figure.url.startswith("/") for figure in found.values())


def test_what_stands_at_nothing_is_one_line(demo: dict[str, User]) -> None:
    html = _client(demo["admin"]).get("/").content.decode()
    assert "checks are fine" in html
    line = html.partition('class="fine"')[2].partition("</p>")[0]
    assert 'data-tile="stuck"' in line
    assert "/documents/?is=stuck" in line


def test_each_begins_on_the_home_of_the_role_or_of_his_choice(demo: dict[str, User]) -> None:
    begins = {
        "zhao": places.WAREHOUSE,
        "zheng": places.MANAGER,
        "tangjun": places.WAREHOUSE,
        "chenxiao": places.PROCUREMENT,
        "xulin": places.SALES,
        "wulei": places.PRODUCTION,
        "qian": places.FINANCE,
        "hejing": places.FINANCE,
        "admin": places.ADMIN,
        "liuyang": places.WORK,
    }
    for name, home in begins.items():
        answer = _client(demo[name]).get("/")
        assert answer.context["page"].home.code == home, name
    User.objects.filter(username="zheng").update(home=places.SALES)
    assert _client(demo["zheng"]).get("/").context["page"].home.code == places.SALES
    User.objects.filter(username="zheng").update(home=places.ADMIN)
    assert _client(demo["zheng"]).get("/").context["page"].home.code == places.MANAGER


def test_changes_of_cost_alone_are_news_only_to_who_sees_costs(demo: dict[str, User]) -> None:
    def costly(name: str) -> bool:
        page = _client(demo[name]).get("/home/warehouse/").context["page"]
        assert len(page.recent) == pages.RECENT
        return any(kind.value_only for _row, kind in page.recent)

    assert costly("zhao")
    assert not costly("wangmin")


def test_the_button_of_a_home_stands_for_what_begins_there(demo: dict[str, User]) -> None:
    for name, kind in {"xulin": "sales_order", "chenxiao": "purchase_order"}.items():
        makes = _client(demo[name]).get("/").context["page"].makes
        assert makes[-1][1] == f"/documents/new/{kind}/"


def test_a_home_without_the_right_is_not_there(demo: dict[str, User]) -> None:
    client = _client(demo["wangmin"])
    assert client.get("/home/warehouse/").status_code == 200
    assert client.get("/home/admin/").status_code == 404
    assert client.get("/home/finance/").status_code == 404
    assert client.get("/home/no-such/").status_code == 404
    assert Client().get("/home/warehouse/").status_code == 302


def test_a_clerk_of_one_warehouse_counts_only_its_goods(demo: dict[str, User]) -> None:
    """zhangwei sees WH2 alone: no cost, and fewer documents than the head of all."""

    def figures(name: str) -> dict[str, Figure]:
        user = demo[name]
        asked = Asked(user, access_for(user), timezone.now())
        tiles = homes.tiles_of(places.WAREHOUSE, asked.access)
        return {tile.code: figure for tile in tiles if (figure := tile.read(asked))}

    head, clerk = figures("zhao"), figures("zhangwei")
    assert clerk["ready"].number < head["ready"].number
    assert clerk["expired"].number == 0 < head["expired"].number
    assert "value" not in {
        tile.code for tile in homes.tiles_of(places.MANAGER, access_for(demo["zhangwei"]))
    }


def test_statements_do_not_grow_with_what_there_is() -> None:
    """The same page over twenty times as many documents asks as many questions."""
    world = World()
    item = world.stocked(1000)

    def make(number: int) -> None:
        for _ in range(number):
            document = world.draft("sales_out", {"item": item.code, "quantity": "1"}, by=world.head)
            world.act(document, "submit", world.head)

    def questions(home: str) -> int:
        user = User.objects.get(pk=world.head.pk)
        access = access_for(user)
        chosen = next(one for one in homes.homes_of(access) if one.code == home)
        with CaptureQueriesContext(connection) as asked:
            pages.page(user, access, chosen)
        return len(asked)

    make(2)
    few = {home: questions(home) for home in (places.WAREHOUSE, places.MANAGER, places.SALES)}
    make(20)
    many = {home: questions(home) for home in few}
    assert many == few
    assert max(many.values()) <= 70


def test_an_old_month_that_was_opened_again_is_seen(demo: dict[str, User]) -> None:
    """A document posted into a month after its close is counted by finance, whatever the month is now."""
    user, company = demo["qian"], Company.objects.get()
    row = Document.objects.filter(state="posted", posting__isnull=False).order_by("-id").first()
    assert row is not None
    assert row.posting is not None
    month = row.posting.business_date.replace(day=1)
    asked = Asked(user, access_for(user), timezone.now())
    tile = next(t for t in homes.tiles_of(places.FINANCE, asked.access) if t.code == "after_close")
    before = tile.read(asked)
    Period.objects.create(
        company=company,
        month=month,
        state="closed",
        changed_at=row.posting.recorded_at - timedelta(hours=1),
        changed_by=user,
    )
    after = tile.read(Asked(user, access_for(user), timezone.now()))
    assert before is not None
    assert after is not None
    assert after.number > before.number


def test_a_superuser_and_a_person_without_a_role_get_a_page(demo: dict[str, User]) -> None:
    boss = User.objects.create(username="boss", name="Boss", is_superuser=True)
    nobody = User.objects.create(username="nobody", name="Nobody")
    for user in (boss, nobody):
        assert _client(user).get("/").status_code == 200
