"""The index of what items are found by says what the keys say, whoever wrote them; the best come without a scan."""

import pytest
from django.db import connection
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from stock import search_index, search_keys
from stock.models import Category, Item, Lot, Unit

pytestmark = pytest.mark.django_db
KEYS = st.text(alphabet="ab1|电机ｘ×é😀'\"\\%_ ", max_size=12)


def make(code: str, key: str) -> Item:
    """An item that is not saved, with this key."""
    unit = Unit.objects.get_or_create(code="PCS", defaults={"name": "piece"})[0]
    category = Category.objects.get_or_create(code="K", defaults={"name": "K"})[0]
    return Item(code=code, name=code, category=category, base_unit=unit, search_key=key)


def held(text: str) -> set[str]:
    """Codes of what the index and the key say holds the text."""
    sql, values = search_index.holding(connection.vendor, [text], 100)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = [pk for (pk,) in cursor.fetchall()]
    found = set(Item.objects.filter(pk__in=ids).values_list("code", flat=True))
    asked = Item.objects.filter(search_key__holds=text, archived_at=None)
    assert set(asked.values_list("code", flat=True)) == found
    return found


@given(
    keys=st.lists(KEYS, min_size=1, max_size=4),
    after=KEYS,
    text=st.text("ab1电机é😀%", min_size=1, max_size=3),
)
def test_the_index_says_what_the_keys_say(keys: list[str], after: str, text: str) -> None:
    """Inserted in bulk, changed one by one and all at once, deleted: it is asked like the keys themselves."""
    Item.objects.all().delete()
    Item.objects.bulk_create(make(f"K{n}", f"|{key}|") for n, key in enumerate(keys))
    for step in ("made", "changed", "all", "deleted"):
        if step == "changed":
            first = Item.objects.get(code="K0")
            first.search_key = f"|{after}|"
            first.save()
        elif step == "all":
            Item.objects.update(search_key=Concat("search_key", "search_key"))
        elif step == "deleted":
            Item.objects.filter(code="K0").delete()
        rows = list(Item.objects.values_list("code", "search_key"))
        for part in (text, f"|{text}", f"|{text}|"):
            assert held(part) == {code for code, key in rows if part in key}, step


def test_the_best_are_the_first_of_all_and_one_statement() -> None:
    Item.objects.bulk_create(
        make(f"{n:03}", f"|{n:03}|电机 {n % 7}v|dj|x{n}y|") for n in range(120)
    )
    for text in ("011", "11", "1", "x1", "电机", "电机 3v", "dj", "y", "1y", "nothing", "3v 电"):
        rows = Item.objects.filter(archived_at=None)
        every = [item.code for item in search_keys.search(rows, text)[:5]]
        with CaptureQueriesContext(connection) as asked:
            assert [item.code for item in search_keys.best(text, 5)] == every, text
        assert len(asked) == 1


def test_of_a_common_text_what_is_named_in_full_is_not_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search_keys, "_RANKED", 3)
    Item.objects.bulk_create(make(f"A{n:02}", f"|a{n:02}|69{n:02}|") for n in range(40))
    Item.objects.bulk_create([make("69", "|69|"), make("6977", "|6977|"), make("Z", "|69|z|")])
    assert [item.code for item in search_keys.best("69", 4)][:3] == ["69", "Z", "6977"]


def test_archived_items_are_not_among_the_best() -> None:
    Item.objects.bulk_create([make("A1", "|a1|")])
    Item.objects.update(archived_at="2026-01-01T00:00Z")
    assert search_keys.best("a1", 5) == []


def test_lots_are_found_in_any_case_and_by_their_supplier() -> None:
    Item.objects.bulk_create([make("A1", "|a1|")])
    item = Item.objects.get()
    Lot.objects.create(item=item, number="Lx-1", supplier_lot="Sup/9")
    for text, many in (("lX", 1), ("LX-1", 1), ("sup/9", 1), ("sup", 0), ("x", 0)):
        sql, values = search_index.lots(connection.vendor, text, 5)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            assert len(cursor.fetchall()) == many, text


def test_the_index_is_made_anew_where_triggers_were_taken_off() -> None:
    Item.objects.bulk_create([make("A1", "|电机|"), make("A2", "|法兰|")])
    with connection.cursor() as cursor:
        for name in search_index._SQLITE:
            cursor.execute(f"DROP TRIGGER {name}")
    Item.objects.filter(code="A2").delete()
    Item.objects.filter(code="A1").update(search_key="|轴承|")
    search_index.install(connection)
    assert (held("轴承"), held("电机"), held("法兰")) == ({"A1"}, set(), set())


def test_no_item_is_read_that_the_index_does_not_name() -> None:
    for texts in (["电机"], ["机"], ["|d"], ["|dj|"], ["电机", "24v"]):
        sql, values = search_index.holding("sqlite", texts, 5)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            plan = [row[-1] for row in cursor.fetchall()]
        assert [step for step in plan if step.startswith("SCAN i")] == [], plan
