"""The command's promises: each row once, everything wrong at once, nothing dropped in silence."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from intake import batches, loading
from intake.models import LoadedRow
from people import access
from people.models import Company
from stock import catalog, ledger, periods
from stock.errors import Busy
from stock.models import (
    Balance,
    Category,
    Item,
    Lot,
    Movement,
    Partner,
    Place,
    Posting,
    Unit,
    Warehouse,
)

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]
Load = Callable[..., dict[str, Any]]

HEAD = "id,code,qty,when,kind,cost\n"
ROWS = HEAD + (
    "1,A,10,2026-01-05,P,2.50\n"
    "2,B,4,2026-01-05,P,1\n"
    "3,A,3,2026-01-06 09:30,S,\n"
    "4,B,4,2026-01-06 09:30,S,\n"
)
MAP = {
    "item": "code",
    "quantity": "qty",
    "date": "when",
    "type": "kind",
    "unit_cost": "cost",
    "row_key": "id",
}
TYPES = {"P": "purchase_in", "S": "sales_out"}


def options(**more: Any) -> dict[str, Any]:
    return {"map": MAP, "types": TYPES, "create_items": True, **more}


def without_key() -> dict[str, str]:
    return {key: column for key, column in MAP.items() if key != "row_key"}


def on_hand(code: str) -> Decimal:
    found = Balance.objects.filter(item__code=code).aggregate(all=Sum("on_hand"))["all"]
    return found or Decimal(0)


def test_rows_become_movements_in_the_order_of_their_moments(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    upside_down = HEAD + "".join(reversed(ROWS.splitlines(keepends=True)[1:]))
    result = load(write(upside_down), **options())
    assert (result["rows"], result["posted"], result["skipped"]) == (4, 4, 0)
    assert result["refused"] == []
    assert result["status"] == 0
    assert on_hand("A") == 7
    sale = Movement.objects.get(type="sales_out", item__code="A")
    assert sale.value == Decimal("7.50")
    assert sale.effective_at == datetime(2026, 1, 6, 1, 30, tzinfo=UTC)
    assert Posting.objects.earliest("pk").business_date == date(2026, 1, 5)


def test_the_output_has_exactly_the_public_keys(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(write(ROWS + "5,A,x,2026-01-07,P,1\n"), **options())
    assert set(result) - {"status", "said"} == {"rows", "posted", "skipped", "refused", "seconds"}
    assert set(result["refused"][0]) == {"row", "code", "message"}
    assert result["refused"][0]["row"] == 6
    assert result["status"] == 1


@pytest.mark.parametrize("keyed", [True, False])
def test_the_same_file_twice_changes_nothing(
    warehouse: Warehouse, write: Write, load: Load, keyed: bool
) -> None:
    columns = MAP if keyed else without_key()
    load(write(ROWS), **options(map=columns))
    before = (Movement.objects.count(), Posting.objects.count())
    result = load(write(ROWS, "renamed.csv"), **options(map=columns))
    assert (result["posted"], result["skipped"], result["refused"]) == (0, 4, [])
    assert (Movement.objects.count(), Posting.objects.count()) == before


def test_a_longer_file_adds_only_what_is_new_also_true_duplicates(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    row = "9,A,2,2026-01-08,P,1\n"
    load(write(HEAD + row), **options(map=without_key()))
    result = load(write(HEAD + row + row + row), **options(map=without_key()))
    assert (result["posted"], result["skipped"]) == (2, 1)
    assert on_hand("A") == 6


def test_a_row_key_decides_and_a_changed_row_is_refused(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    load(write(ROWS), **options())
    changed = (
        ROWS.replace("1,A,10", "1,A,11")
        + "4,B,4,2026-01-06 09:30,S,\n5,A,1,2026-01-07,P,1\n5,A,2,2026-01-07,P,1\n"
    )
    result = load(write(changed), **options())
    assert [(bad["row"], bad["code"]) for bad in result["refused"]] == [
        (2, "row_key"),
        (8, "row_key"),
    ]
    assert (result["posted"], result["skipped"]) == (1, 4)


def test_every_wrong_row_is_named_at_once_and_the_others_are_posted(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = ROWS + (
        "5,,1,2026-01-07,P,1\n"
        "6,A,,never,P,-1\n"
        "7,A,1,2026-01-07,X,1\n"
        "8,A,-1,2026-01-07,P,1\n"
        "9,A,1,2999-01-07,P,1\n"
        "10,A,1,,P,1\n"
    )
    result = load(write(text), **options())
    assert [(bad["row"], bad["code"]) for bad in result["refused"]] == [
        (6, "item"),
        (7, "quantity"),
        (8, "type"),
        (9, "negative"),
        (10, "future"),
        (11, "date"),
    ]
    assert "never" in result["refused"][1]["message"]
    assert "below zero" in result["refused"][1]["message"]
    assert result["posted"] == 4
    assert result["rows"] == result["posted"] + result["skipped"] + len(result["refused"])


def test_shortage_refuse_lists_the_rows_and_posts_the_others(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(write(ROWS + "5,A,8,2026-01-06 09:30,S,\n6,C,1,2026-01-09,S,\n"), **options())
    assert [(bad["row"], bad["code"]) for bad in result["refused"]] == [(6, "short"), (7, "short")]
    assert result["posted"] == 4
    assert result["status"] == 1


def test_shortage_opening_books_exactly_what_is_missing_and_says_so(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = ROWS + "5,A,8,2026-01-06 09:30,S,\n6,C,1,2026-01-09,S,\n"
    result = load(write(text), **options(shortage="opening"))
    assert (result["posted"], result["refused"]) == (6, [])
    opened = Movement.objects.filter(type="opening").order_by("pk")
    assert [(row.item.code, row.quantity) for row in opened] == [("A", 1), ("C", 1)]
    for row in opened:
        sales = Movement.objects.filter(item=row.item, type="sales_out", pk__gt=row.pk)
        assert row.effective_at == sales.earliest("pk").effective_at
        assert "opening" in row.posting.why
        assert row.posting.document_row.batch == sales.earliest("pk").posting.document_row.batch
    assert on_hand("A") == on_hand("C") == 0


def test_shortage_opening_looks_at_later_moments_too(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    load(write(HEAD + "1,A,5,2026-01-05,P,1\n2,A,5,2026-01-09,S,\n"), **options())
    result = load(write(HEAD + "3,A,2,2026-01-07,S,\n"), **options(shortage="opening"))
    assert (result["posted"], result["refused"]) == (1, [])
    assert Movement.objects.get(type="opening").quantity == 2
    assert on_hand("A") == 0


def test_shortage_opening_still_refuses_what_is_wrong_otherwise(
    company: Company, warehouse: Warehouse, write: Write, load: Load
) -> None:
    item = catalog_item("L", tracking="lot")
    text = HEAD + f"1,{item.code},1,2026-01-07,S,\n2,C,1,2026-01-07,S,\n3,D,1,2026-01-08,S,\n"
    result = load(write(text), **options(shortage="opening"))
    assert [(bad["row"], bad["code"]) for bad in result["refused"]] == [(2, "lot_required")]
    assert result["posted"] == 2


def catalog_item(code: str, *, tracking: str = "none") -> Item:
    category = Category.objects.get_or_create(code="X", defaults={"name": "X"})[0]
    unit = Unit.objects.get_or_create(code="PCS", defaults={"name": "piece"})[0]
    return Item.objects.create(
        code=code, name=code, category=category, base_unit=unit, tracking=tracking
    )


def test_shortage_override_goes_below_zero_with_a_reason(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(write(HEAD + "1,C,4,2026-01-09,S,\n"), **options(shortage="override"))
    assert (result["posted"], result["refused"]) == (1, [])
    assert on_hand("C") == -4
    assert "below zero" in Posting.objects.get().why


def test_a_dry_run_says_the_same_and_writes_nothing(
    company: Company, write: Write, load: Load
) -> None:
    text = ROWS + "5,A,99,2026-01-07,S,\n"
    dry = load(write(text), **options(dry_run=True))
    assert not Posting.objects.exists()
    assert not Item.objects.exists()
    assert not Warehouse.objects.exists()
    assert not LoadedRow.objects.exists()
    real = load(write(text), **options())
    for key in ("rows", "posted", "skipped", "refused", "status"):
        assert dry[key] == real[key]


def test_codes_that_differ_only_in_case_or_width_are_one_item(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = HEAD + "1,ab1,1,2026-01-05,P,1\n2,AB1,2,2026-01-05,P,1\n3,ａｂ1,3,2026-01-05,P,1\n"
    load(write(text), **options())
    load(write(HEAD + "4,Ab1,4,2026-01-06,P,1\n"), **options())
    item = Item.objects.get()
    assert item.code == "ab1"
    assert "ab1" in item.search_key
    assert item.history.count() == 1
    assert on_hand("ab1") == 10


def test_codes_are_kept_in_ordinary_width_and_found_in_any(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    head = "no,item,qty,when,type,cost,place,partner\n"
    columns = {
        "item": "item", "quantity": "qty", "date": "when", "type": "type", "unit_cost": "cost",
        "place": "place", "partner": "partner", "row_key": "no",
    }  # fmt: skip
    first = "1,ＡＢ－１　２,1,2026-01-05,P,1,Ａ－０１,ＡＣＭＥ　公司\n"
    again = "2,ab-1 2,2,2026-01-06,P,1,a-01,acme 公司\n"
    for rows in (first, again):
        result = load(write(head + rows), **options(map=columns))
        assert (result["posted"], result["refused"]) == (1, [])
    item = Item.objects.get()
    assert item.code == "AB-1 2"
    assert Place.objects.filter(code="A-01").count() == 1
    partner = Partner.objects.exclude(pk=0).get()
    assert (partner.code, partner.name) == ("ACME 公司", "ＡＣＭＥ　公司")
    assert on_hand("AB-1 2") == 3


def test_a_code_with_something_invisible_is_refused(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(write(HEAD + "1,A\u3164B,1,2026-01-05,P,1\n"), **options())
    assert result["posted"] == 0
    assert [problem["code"] for problem in result["refused"]] == ["item"]
    assert not Item.objects.exists()


def test_returns_by_the_letters_of_a_document_and_other_negatives_apart(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = "no,code,qty,when\n900,A,5,2026-01-05 10:00\nC901,A,-2,2026-01-06 10:00\n902,A,-1,2026-01-07 10:00\n"
    result = load(
        write(text),
        map={"item": "code", "quantity": "qty", "date": "when", "type": "no", "source": "no"},
        types={"C": "sales_return"},
        default_type="sales_out",
        negative="stocktake_loss",
        create_items=True,
        shortage="opening",
    )
    assert (result["posted"], result["refused"]) == (3, [])
    rows = Movement.objects.exclude(type="opening").order_by("effective_at")
    assert [(row.type, row.quantity, row.posting.document) for row in rows] == [
        ("sales_out", 5, "900"),
        ("sales_return", 2, "C901"),
        ("stocktake_loss", 1, "902"),
    ]


def test_a_return_without_its_sale_comes_back_at_the_current_cost(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = (
        HEAD
        + "1,A,2,2026-01-05,P,10\n2,A,2,2026-01-06,P,20\n3,A,1,2026-01-07,S,\n4,A,1,2026-01-08,R,99\n"
    )
    load(write(text), **options(types={**TYPES, "R": "sales_return"}))
    assert Movement.objects.get(type="sales_return").value == 15


def test_lots_places_and_partners_are_made_and_found_again(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    head = "code,qty,when,kind,lot,until,bin,who,name\n"
    columns = {
        **without_key(),
        "lot": "lot",
        "expiry": "until",
        "place": "bin",
        "partner": "who",
        "name": "name",
    }
    columns.pop("unit_cost")
    long = "B23-01-D3(#300 Bottle); B24-02-A1 (#30 Sachet); B19-01-C1(#15 Sachet)"
    text = head + (
        f"M,5,2026-01-05,P,L1,2027-01-31,{long},17850.0,药\n"
        f"M,2,2026-01-06,S,L1,2027-01-31,{long},20.0,药\n"
    )
    result = load(write(text), **options(map=columns))
    assert (result["posted"], result["refused"]) == (2, [])
    item = Item.objects.get()
    assert (item.name, item.tracking) == ("药", "lot")
    assert Lot.objects.get(item=item).expires_on == date(2027, 1, 31)
    place = Place.objects.get(name=long)
    assert len(place.code) <= 60
    assert Balance.objects.get(place=place).on_hand == 3
    partners = Partner.objects.exclude(pk=0).values_list("code", "is_supplier", "is_customer")
    assert set(partners) == {("17850", True, False), ("20", False, True)}
    again = load(write(text + f"M,1,2026-01-07,S,L1,,{long},20,\n"), **options(map=columns))
    assert (again["posted"], again["skipped"], again["refused"]) == (1, 2, [])


def test_without_create_items_everything_unknown_is_named(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = "code,qty,lot,bin,who\nA,1,L,B,P\n"
    result = load(
        write(text),
        map={"item": "code", "quantity": "qty", "lot": "lot", "place": "bin", "partner": "who"},
        default_type="purchase_in",
    )
    (bad,) = result["refused"]
    assert bad["code"] == "unknown_item"
    assert "partner P" in bad["message"]
    assert "place B" in bad["message"]
    assert not Item.objects.exists()


def test_quantity_zero_moves_nothing_and_is_told_but_makes_its_item(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(
        write("code,qty\nA,0\nB,2\n"),
        map={"item": "code", "quantity": "qty"},
        default_type="opening",
        create_items=True,
    )
    assert (result["posted"], result["skipped"], result["status"]) == (1, 1, 0)
    assert "quantity 0" in result["said"]
    assert Item.objects.count() == 2


def test_a_closed_month_refuses_its_rows_only(
    company: Company, warehouse: Warehouse, write: Write, load: Load
) -> None:
    periods.close(company, date(2026, 1, 1), actor=None, access=access.SYSTEM)
    result = load(write(ROWS + "5,A,1,2026-02-01,P,1\n"), **options())
    assert {bad["code"] for bad in result["refused"]} == {"closed_period"}
    assert (len(result["refused"]), result["posted"]) == (4, 1)


def test_movements_between_own_places_name_where_they_come_from(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    text = "code,qty,when,kind,bin,origin\nA,5,2026-01-05,P,B1,PO7\nA,2,2026-01-06,M,B2,B1\n"
    columns = {
        "item": "code",
        "quantity": "qty",
        "date": "when",
        "type": "kind",
        "place": "bin",
        "source": "origin",
    }
    result = load(write(text), **options(map=columns, types={**TYPES, "M": "bin_move"}))
    assert (result["posted"], result["refused"]) == (2, [])
    assert dict(Balance.objects.values_list("place__code", "on_hand")) == {"B1": 3, "B2": 2}


def test_batches_are_bounded(
    warehouse: Warehouse, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 3)
    rows = "".join(f"{n},A,1,2026-01-05,P,1\n" for n in range(10))
    load(write(HEAD + rows), **options())
    assert Posting.objects.count() == 4
    assert on_hand("A") == 10


class Killed(BaseException):
    """As if the process had been killed."""


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("moment", ["before", "after", "recording"])
def test_a_run_that_was_killed_goes_on_where_it_stopped(
    warehouse: Warehouse,
    write: Write,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    moment: str,
) -> None:
    """Killed before a posting, inside its transaction after it, or while its rows are recorded."""
    monkeypatch.setattr(batches, "TOGETHER", 1)
    rows = "".join(f"{n % 4},A,1,2026-01-0{1 + n % 5},P,1\n" for n in range(20))
    calls = 0
    post, record = ledger.post_many, LoadedRow.objects.bulk_create

    def dying_post(*arguments: Any, **facts: Any) -> list[ledger.Posted]:
        nonlocal calls
        calls += 1
        if calls == at and moment == "before":
            raise Killed
        posted = post(*arguments, **facts)
        if calls == at and moment == "after":
            raise Killed
        return posted

    def dying_record(*arguments: Any, **facts: Any) -> Any:
        result = record(*arguments, **facts)
        if calls == at and moment == "recording":
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "post_many", dying_post)
        patch.setattr(LoadedRow.objects, "bulk_create", dying_record)
        with pytest.raises(Killed):
            load(write(HEAD + rows), **options(map=without_key()))
    done = Movement.objects.count()
    assert done == LoadedRow.objects.count() == 4 * (at - 1)
    result = load(write(HEAD + rows), **options(map=without_key()))
    assert (result["posted"], result["skipped"]) == (20 - done, done)
    assert on_hand("A") == Movement.objects.count() == 20


def test_postings_that_share_a_transaction_are_lost_and_loaded_together(
    warehouse: Warehouse, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "TOGETHER", 8)
    rows = "".join(f"{n % 4},A,1,2026-01-0{1 + n % 5},P,1\n" for n in range(20))
    post, calls = ledger.post_many, 0

    def dying_post(*arguments: Any, **facts: Any) -> list[ledger.Posted]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        return post(*arguments, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "post_many", dying_post)
        with pytest.raises(Killed):
            load(write(HEAD + rows), **options(map=without_key()))
    assert Movement.objects.count() == LoadedRow.objects.count() == 8
    result = load(write(HEAD + rows), **options(map=without_key()))
    assert (result["posted"], result["skipped"]) == (12, 8)
    assert on_hand("A") == 20


def test_two_runs_at_once_post_each_row_once(
    warehouse: Warehouse, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run loads the same file after this one has looked what is loaded already."""
    look_up = loading.movements.look_up
    path = write(ROWS)
    entered = False

    def overtaken(*arguments: Any) -> None:
        nonlocal entered
        if not entered:
            entered = True
            load(write(ROWS + "5,A,1,2026-01-06 09:30,S,\n", "other.csv"), **options())
        look_up(*arguments)

    monkeypatch.setattr(loading.movements, "look_up", overtaken)
    result = load(path, **options())
    assert (result["posted"], result["skipped"], result["refused"]) == (0, 4, [])
    assert Movement.objects.count() == 5


def test_a_busy_database_is_asked_again(
    warehouse: Warehouse, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, calls = ledger.post_many, 0

    def busy_once(*arguments: Any, **facts: Any) -> list[ledger.Posted]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Busy("busy")
        return post(*arguments, **facts)

    monkeypatch.setattr(ledger, "post_many", busy_once)
    result = load(write(ROWS), **options())
    assert (result["posted"], result["refused"]) == (4, [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--map", "item=code"], "quantity"),
        (["--map", "item=code,quantity=qty,colour=red"], "colour"),
        (["--map", "item=code,quantity=qty", "--types", "P=purchase"], "purchase_in"),
        (["--map", "item=code,quantity=qty", "--default-type", "assembly"], "assembly"),
        (["--map", "item=code,quantity=qty", "--warehouse", "NO"], "no warehouse NO"),
    ],
)
def test_wrong_options_say_what_is_right(
    warehouse: Warehouse, write: Write, arguments: list[str], message: str
) -> None:
    place = [] if "--warehouse" in arguments else ["--warehouse", "W1"]
    with pytest.raises(CommandError, match=message):
        call_command("load_movements", str(write("code,qty\n")), *place, *arguments)


def test_map_and_types_are_read_from_the_command_line(warehouse: Warehouse, write: Write) -> None:
    path = write('"code, new",qty,kind\nA,1,P\n')
    call_command(
        "load_movements",
        str(path),
        "--warehouse=w1",
        "--map=item=code, new,quantity=qty,type=kind",
        "--types=P=purchase_in,S=sales_out",
        "--create-items",
        "--format=table",
    )
    assert on_hand("A") == 1


def test_virtual_places_of_a_company_are_made_when_missing(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    catalog.create_virtual_places(warehouse.area.company)
    assert load(write(ROWS), **options())["posted"] == 4


def test_an_empty_installation_gets_company_and_warehouse_too(write: Write, load: Load) -> None:
    """Stock may be loaded before anybody has signed in; without --create-items it is said."""
    path = write(ROWS)
    with pytest.raises(CommandError, match="There is no warehouse W1"):
        load(path, **options(create_items=False))
    assert load(path, **options(dry_run=True))["posted"] == 4
    assert not Company.objects.exists()
    assert load(path, **options())["posted"] == 4
    assert Warehouse.objects.get().area.company == Company.objects.get()
    assert load(path, **options())["skipped"] == 4


def test_in_which_company_a_warehouse_is_made_is_not_guessed(write: Write, load: Load) -> None:
    for code in ("A", "B"):
        Company.objects.create(code=code, name=code)
    with pytest.raises(CommandError, match="several companies"):
        load(write(ROWS), **options())
    assert not Warehouse.objects.exists()


def test_nothing_in_a_cell_ends_in_a_crash(warehouse: Warehouse, write: Write, load: Load) -> None:
    """What no database takes, what no calendar has and what no number holds is refused by row."""
    rows = (
        "1,A\x00B,1,2026-01-05,P,1\n"
        "2,C,1,0001-01-01,P,1\n"
        "3,C,1,9999-12-31 23:59+00:00,P,1\n"
        "4,C,999999999,2026-01-05,P,9999999\n"
        f"5,{'x' * 200},1,2026-01-05,P,1\n"
        "6,D,2,2026-01-05,P,1\n"
    )
    result = load(write(HEAD + rows), **options())
    assert [row["row"] for row in result["refused"]] == [2, 3, 4, 5, 6]
    assert (result["posted"], result["status"]) == (1, 1)
    assert (on_hand("AB"), on_hand("D")) == (0, 2)


@pytest.mark.parametrize("code", ["", "a b", "x" * 17, "a/b"])
def test_a_warehouse_is_made_only_under_a_code_that_can_be_typed(
    company: Company, write: Write, load: Load, code: str
) -> None:
    with pytest.raises(CommandError, match="cannot be the code of a warehouse"):
        load(write(ROWS), **options(warehouse=code))


def test_a_lot_expires_on_one_day(warehouse: Warehouse, write: Write, load: Load) -> None:
    rows = (
        "code,qty,lot,until\n"
        "A,1,L1,2027-01-31\nA,2,L1,2027-01-31\nA,4,L1,2027-02-28\nA,8,L1,\nB,1,L1,2027-02-28\n"
    )
    columns = {"item": "code", "quantity": "qty", "lot": "lot", "expiry": "until"}
    result = load(write(rows), map=columns, default_type="opening", create_items=True)
    (refused,) = result["refused"]
    assert (refused["row"], refused["code"]) == (4, "lot_dates")
    assert "row 2" in refused["message"]
    assert on_hand("A") == 11
    assert on_hand("B") == 1


def test_control_characters_are_refused_and_not_removed(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(
        write("code,qty\nA\0B,1\nAB,2\n"),
        map={"item": "code", "quantity": "qty"},
        default_type="opening",
        create_items=True,
    )
    assert [(one["row"], one["code"]) for one in result["refused"]] == [(2, "control")]
    assert on_hand("AB") == 2


def test_two_columns_of_one_name_are_refused(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    with pytest.raises(CommandError, match="columns 2, 4 are all called"):
        load(
            write("code,q,place,Q \nA,1,,2\n"),
            map={"item": "code", "quantity": "q"},
            default_type="opening",
        )


def test_a_number_that_is_too_large_is_said_to_be(
    warehouse: Warehouse, write: Write, load: Load
) -> None:
    result = load(
        write("code,qty,cost\nA,99999999999999999999,1\nA,1,9007199254740993\n"),
        map={"item": "code", "quantity": "qty", "unit_cost": "cost"},
        default_type="opening",
        create_items=True,
    )
    assert all("is too large" in one["message"] for one in result["refused"])
    assert len(result["refused"]) == 2
