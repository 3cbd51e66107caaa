"""The journal follows every posting, is whole, and its inventory accounts are worth what stock is worth."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from core import triggers
from core.dialect import Dialect
from finance import backfill, entries, guards, journal, rule_books
from finance.entries import Beside, Pair
from finance.models import Account, AccountRule, JournalEntry, JournalLine
from stock.models import Category, CostPool, Posting
from tests.laws.world import World

D = Decimal
pytestmark = pytest.mark.django_db


def balance(code: str) -> Decimal:
    """Debits less credits of an account."""
    came = JournalLine.objects.filter(debit_account__code=code).aggregate(n=Sum("amount"))["n"]
    went = JournalLine.objects.filter(credit_account__code=code).aggregate(n=Sum("amount"))["n"]
    return (came or D(0)) - (went or D(0))


def holds() -> None:
    """Inventory accounts together are what the pools are worth."""
    accounts = Account.objects.filter(is_inventory=True).values_list("code", flat=True)
    assert sum((balance(code) for code in accounts), D(0)) == (
        CostPool.objects.aggregate(n=Sum("value"))["n"] or D(0)
    )
    assert not Posting.objects.filter(entry__isnull=True).exists()


def test_every_posting_has_an_entry_with_the_accounts_of_its_ends() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2)
    world.move("sales_out", item, 4)
    world.move("department_issue", item, 1)
    assert balance("1405") == 10
    assert balance("220202") == -20
    assert balance("6401") == 8
    assert balance("6602") == 2
    holds()


def test_moves_within_one_account_have_an_entry_without_lines() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2)
    world.move("bin_move", item, 4)
    entry = JournalEntry.objects.latest("pk")
    assert (entry.lines, entry.review) == (0, "none")
    holds()


def test_returns_and_reversals_are_red_where_chinese_practice_wants_it() -> None:
    world = World()
    item = world.item()
    bought = world.move("purchase_in", item, 10, unit_cost=2)
    world.move("purchase_return", item, 4, original=bought.movement_ids[0])
    line = JournalLine.objects.latest("pk")
    assert (line.debit_account.code, line.credit_account.code) == ("1405", "220202")
    assert line.amount == -8
    sold = world.move("sales_out", item, 3)
    world.reverse(sold)
    line = JournalLine.objects.latest("pk")
    assert (line.debit_account.code, line.amount) == ("6401", -6)
    world.company.books.red_reversals = False
    world.company.books.save()
    rule_books.read(world.company.pk)
    sold = world.move("sales_out", item, 3)
    world.reverse(sold)
    line = JournalLine.objects.latest("pk")
    assert (line.debit_account.code, line.amount) == ("1405", 6)
    holds()


def test_the_most_specific_rule_wins_and_is_named() -> None:
    world = World()
    parent = Category.objects.create(code="RAW", name="raw")
    category = world.categories["average"]
    category.parent = parent
    category.save()
    item = world.item()
    world.move("purchase_in", item, 1, unit_cost=2)
    raw = Account.objects.get(code="1403")
    rule = AccountRule.objects.create(
        company=world.company, place_kind="storage", category=parent, account=raw
    )
    world.move("purchase_in", item, 10, unit_cost=2)
    line = JournalLine.objects.latest("pk")
    assert (line.debit_account, line.debit_rule, line.waiting) == (raw, rule, False)
    closer = AccountRule.objects.create(
        company=world.company,
        place_kind="storage",
        category=category,
        account=Account.objects.get(code="1411"),
    )
    world.move("purchase_in", item, 10, unit_cost=2)
    assert JournalLine.objects.latest("pk").debit_rule == closer
    holds()


def test_a_missing_account_never_stops_the_warehouse() -> None:
    world = World()
    item = world.item()
    world.move("purchase_in", item, 10, unit_cost=2)
    AccountRule.objects.filter(place_kind="customer").update(archived_at=timezone.now())
    AccountRule.objects.filter(place_kind="storage").update(archived_at=timezone.now())
    world.move("sales_out", item, 4)
    line = JournalLine.objects.latest("pk")
    assert line.waiting
    assert (line.debit_account.role, line.credit_account.role) == ("suspense", "inventory")
    holds()


def _refused(sql: str, message: str, *parameters: object) -> None:
    with (
        pytest.raises(DatabaseError, match=message),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, parameters)


LINE = (
    "INSERT INTO finance_journalline (entry_id, number, debit_account_id, credit_account_id, amount, "
    "waiting, cost_object, quantity) VALUES (%s, {number}, %s, %s, 100, false, '', 0)"
)
ENTRY = (
    "INSERT INTO finance_journalentry (company_id, posting_id, kind, key, date, recorded_at, document, "
    "summary, lines, total, inventory, review) VALUES (%s, NULL, 'reclass', 'k', '2020-01-01', "
    "'2020-01-01', '', '', {lines}, 0, {inventory}, '{review}')"
)


def test_the_database_alone_keeps_the_journal() -> None:
    world = World()
    world.move("purchase_in", world.item(), 10, unit_cost=2)
    entry = JournalEntry.objects.get()
    accounts = dict(Account.objects.values_list("code", "pk"))
    _refused("UPDATE finance_journalline SET amount = 1", "append-only")
    _refused("DELETE FROM finance_journalline", "append-only")
    _refused("UPDATE finance_journalentry SET date = '2020-01-01'", "append-only")
    _refused("DELETE FROM finance_journalentry", "append-only")
    for number in (0, 1, 2):
        line = LINE.format(number=number)
        message = "with their entry|journal_line_once"
        _refused(line, message, entry.pk, accounts["1405"], accounts["6401"])
    if connection.vendor == "postgresql":  # SQLite, where lines come first, has the foreign key
        lost = (entry.pk + 1_000, accounts["1405"], accounts["6401"])
        _refused(LINE.format(number=1), "with their entry", *lost)
    bare = ENTRY.format(lines=0, inventory=5, review="none")
    _refused(bare, "what its lines", world.company.pk)
    _refused(
        ENTRY.format(lines=1, inventory=0, review="unreviewed"), "what its lines", world.company.pk
    )
    _refused("UPDATE finance_account SET is_inventory = NOT is_inventory", "never changes")
    _refused(
        "UPDATE finance_accountrule SET account_id = %s WHERE place_kind = 'storage'",
        "belong on an account",
        accounts["6401"],
    )
    JournalEntry.objects.update(review="questioned")
    holds()


def test_what_was_posted_before_is_journaled_once() -> None:
    world = World()
    item = world.item()
    for _n in range(3):
        world.move("purchase_in", item, 10, unit_cost=2)
    world.move("sales_out", item, 4)
    before = list(JournalLine.objects.order_by("pk").values_list("debit_account", "amount"))
    triggers.drop(connection, guards.TRIGGERS)
    JournalLine.objects.all().delete()
    JournalEntry.objects.all().delete()
    triggers.install(connection, guards.TRIGGERS)
    assert backfill.run(batch=2) == 4
    assert backfill.run() == 0
    assert list(JournalLine.objects.order_by("pk").values_list("debit_account", "amount")) == before
    holds()


@pytest.mark.postgres
def test_the_same_on_postgresql() -> None:
    test_the_database_alone_keeps_the_journal()


@pytest.mark.postgres
def test_journaled_later_on_postgresql() -> None:
    test_what_was_posted_before_is_journaled_once()


def test_an_entry_cannot_hide_that_it_changes_the_value_of_stock() -> None:
    world = World()
    world.move("purchase_in", world.item(), 10, unit_cost=2)
    accounts = dict(Account.objects.values_list("code", "pk"))
    blind = journal.fresh(world.company.pk)
    blind.holding = frozenset()
    entry = Beside(
        company=world.company.pk,
        kind=JournalEntry.Kind.RECLASS,
        key="hidden",
        date=timezone.localdate(),
        recorded_at=timezone.now(),
        actor=None,
        document="",
        summary="",
        pairs=[Pair(accounts["6401"], accounts["1405"], 100)],
    )
    with (
        pytest.raises(DatabaseError, match="what its lines"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        entries.beside(cursor, Dialect(connection.vendor), [entry], blind)
    journal.fresh(world.company.pk)
    holds()


@pytest.mark.postgres
def test_nothing_is_hidden_on_postgresql() -> None:
    test_an_entry_cannot_hide_that_it_changes_the_value_of_stock()
