"""The proof of the book: clean after everything, and whatever is tampered with is named."""

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import count, permutations

import pytest
from django.core.management import call_command
from django.db import connection

from core import jobs
from core.models import JobRun
from people.access import SYSTEM
from people.models import Company, Membership, Notice, Role, User
from stock import bootstrap, catalog, checking, cost_methods, ledger, reservations, sealing, verify
from stock.ledger import LineInput
from stock.models import Category, Item, Movement, Place, Unit

_keys = count()


class Book:
    """A small book that uses everything: methods of cost, lots, transit, reservations, reversals."""

    def __init__(self) -> None:
        self.company = Company.objects.create(code="C", name="C")
        warehouse = catalog.create_warehouse(company=self.company, code="W", name="W")
        self.warehouse = warehouse
        unit = Unit.objects.create(code="PCS", name="piece")
        self.categories = {
            method: Category.objects.create(code=method, name=method, cost_method=method)
            for method in ("average", "fifo", "specific")
        }
        self.items = {
            method: Item.objects.create(
                code=method.upper(),
                name=method,
                category=category,
                base_unit=unit,
                tracking="lot" if method == "specific" else "none",
            )
            for method, category in self.categories.items()
        }
        self.lots = [
            catalog.find_or_create_lot(self.items["specific"], f"L{n}").pk for n in range(2)
        ]
        self.places = {place.code: place.pk for place in Place.objects.all()}
        self.live()
        sealing.seal()

    def post(
        self, kind: str, method: str, source: str, target: str, quantity: str, **facts: object
    ) -> int:
        """One line."""
        lot = facts.pop("lot", self.lots[0] if method == "specific" else 0)
        line = LineInput(
            type=kind,
            item=self.items[method].pk,
            source=self.places[source],
            target=self.places[target],
            quantity=Decimal(quantity),
            lot=lot,  # type: ignore[arg-type]
            **facts,  # type: ignore[arg-type]
        )
        return ledger.post(
            [line], company=self.company, key=f"v{next(_keys)}", actor=None, access=SYSTEM
        ).posting_id

    def live(self) -> None:
        """Some weeks in a few lines."""
        for method in self.items:
            for cost, quantity in (("2.50", "10"), ("3.33", "7"), ("4", "5")):
                self.post("purchase_in", method, "supplier", "W", quantity, unit_cost=Decimal(cost))
            sold = self.post("sales_out", method, "W", "customer", "12")
            self.post("transfer_out", method, "W", "W-T", "4", cost_object="S1")
            ledger.reverse(sold, key=f"v{next(_keys)}", actor=None, access=SYSTEM, why="test")
            self.post("scrap", method, "W", "scrap", "0.333333")
            self.post("revaluation", method, "revaluation", "W", "0", value=Decimal("1.01"))
        self.post(
            "purchase_in", "specific", "supplier", "W", "3", lot=self.lots[1], unit_cost=Decimal(9)
        )
        line = reservations.ReservationInput(
            self.items["average"].pk, self.warehouse.pk, Decimal(2)
        )
        reservations.reserve([line], reference="SO", actor=None, access=SYSTEM)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def unlocked(book: Book) -> Iterator[Book]:
    """The book with its triggers off, as somebody with the keys to the database could have it."""
    bootstrap.drop_triggers(connection)
    yield book
    bootstrap.install_triggers(connection)


def _wrong() -> dict[str, dict[str, str]]:
    """The broken laws, each with its first wrong row; triggers aside, which are off here."""
    report = verify.verify()
    return {
        finding.law: finding.first or {}
        for finding in report.findings
        if finding.wrong and "triggers" not in finding.law
    }


_BALANCE_OF_AVERAGE = "item_id = (SELECT id FROM stock_item WHERE code = 'AVERAGE')"
_NEWEST_SALE = "(SELECT MAX(id) FROM stock_movement WHERE type = 'scrap')"

TAMPERS = [
    (
        "a balance",
        f"UPDATE stock_balance SET on_hand = on_hand + 1000000 WHERE {_BALANCE_OF_AVERAGE} "
        "AND place_id = (SELECT id FROM stock_place WHERE code = 'W')",
        "balances are the sums of movements",
        {
            "table": "stock_balance",
            "item": "AVERAGE",
            "place": "W",
            "expected_quantity": "17.666667",
            "found_quantity": "18.666667",
        },
    ),
    (
        "a balance row that is gone",
        f"DELETE FROM stock_balance WHERE {_BALANCE_OF_AVERAGE} "
        "AND place_id = (SELECT id FROM stock_place WHERE code = 'W')",
        "balances are the sums of movements",
        {"item": "AVERAGE", "expected_quantity": "17.666667", "found_quantity": "0"},
    ),
    (
        "goods from nowhere",
        f"UPDATE stock_balance SET on_hand = on_hand + 5 WHERE {_BALANCE_OF_AVERAGE} "
        "AND place_id = (SELECT id FROM stock_place WHERE code = 'W')",
        "nothing appears or vanishes",
        {"item": "AVERAGE", "found_quantity": "21.666672"},
    ),
    (
        "the moment of a balance",
        "UPDATE stock_balance SET latest_at = '2001-01-01 00:00:00+00'",
        "balances know their latest movement",
        {"table": "stock_balance"},
    ),
    (
        "the quantity of a movement",
        f"UPDATE stock_movement SET quantity = quantity * 2 WHERE id = {_NEWEST_SALE}",
        "balances are the sums of movements",
        {
            "item": "SPECIFIC",
            "lot": "L0",
            "expected_quantity": "17.333334",
            "found_quantity": "17.666667",
        },
    ),
    (
        "the value of a movement",
        f"UPDATE stock_movement SET value = value + 100 WHERE id = {_NEWEST_SALE}",
        "cost pools are the sums of movements",
        {"table": "stock_costpool", "item": "SPECIFIC"},
    ),
    (
        "the target of a movement",
        "UPDATE stock_movement SET target_id = (SELECT id FROM stock_place WHERE code = 'customer') "
        f"WHERE id = {_NEWEST_SALE}",
        "movements go where their type may go",
        {"table": "stock_movement", "found": "scrap: storage → customer"},
    ),
    (
        "the moment of a movement",
        f"UPDATE stock_movement SET effective_at = '2001-01-01 00:00:00+00' WHERE id = {_NEWEST_SALE}",
        "movements have the shape and moment of their posting",
        {"table": "stock_movement"},
    ),
    (
        "the lot of a movement",
        f"UPDATE stock_movement SET lot_id = 424242 WHERE id = {_NEWEST_SALE}",
        "movements name what exists",
        {"table": "stock_movement", "missing": "lot"},
    ),
    (
        "a movement that is gone, with its posting empty",
        f"DELETE FROM stock_movement WHERE id = {_NEWEST_SALE}",
        "every posting has its lines",
        {"found_lines": "0"},
    ),
    (
        "a movement that is gone",
        f"DELETE FROM stock_movement WHERE id = {_NEWEST_SALE}",
        "balances are the sums of movements",
        {
            "item": "SPECIFIC",
            "place": "W",
            "expected_quantity": "18",
            "found_quantity": "17.666667",
        },
    ),
    (
        "a reversal",
        "UPDATE stock_movement SET value = value + 100 WHERE id = "
        "(SELECT MIN(id) FROM stock_movement WHERE reversal)",
        "reversals mirror what they reverse",
        {"table": "stock_movement"},
    ),
    (
        "a business date",
        "UPDATE stock_posting SET business_date = '2001-01-01' WHERE id = "
        "(SELECT MIN(id) FROM stock_posting)",
        "business dates are local days",
        {"table": "stock_posting", "found_day": "2001-01-01"},
    ),
    (
        "a pool",
        f"UPDATE stock_costpool SET value = value + 1 WHERE {_BALANCE_OF_AVERAGE} AND shipment = ''",
        "cost pools are the sums of movements",
        {"table": "stock_costpool", "item": "AVERAGE"},
    ),
    (
        "the pool of a lot",
        "UPDATE stock_costpool SET quantity = quantity + 1 WHERE method = 'specific' AND shipment = ''",
        "pools by lot hold what their lot holds",
        {"table": "stock_costpool", "item": "SPECIFIC", "lot": "L0"},
    ),
    (
        "the method of a pool",
        "UPDATE stock_costpool SET method = 'average' WHERE method = 'specific'",
        "pools use the method of their category",
        {"expected": "specific", "found": "average"},
    ),
    (
        "a layer",
        "UPDATE stock_costlayer SET value = value + 1 WHERE id = "
        "(SELECT MIN(id) FROM stock_costlayer WHERE quantity > 0)",
        "layers add up to their pool",
        {"item": "FIFO"},
    ),
    (
        "layers that still add up",
        "UPDATE stock_costlayer SET movement_id = 1 WHERE quantity > 0",
        "layers are what a replay leaves",
        {"table": "stock_costlayer", "item": "FIFO"},
    ),
    (
        "a promise",
        "UPDATE stock_availability SET reserved = reserved + 1000000",
        "reserved is the sum of reservations",
        {"item": "AVERAGE", "warehouse": "W", "expected_quantity": "2", "found_quantity": "3"},
    ),
    (
        "a month",
        "UPDATE stock_monthbalance SET value = value + 1 WHERE id = "
        "(SELECT MIN(id) FROM stock_monthbalance)",
        "month balances roll forward",
        {"table": "stock_monthbalance"},
    ),
    (
        "a month that is gone",
        "DELETE FROM stock_monthbalance WHERE id = (SELECT MAX(id) FROM stock_monthbalance)",
        "month balances roll forward",
        {"found_quantity": "0"},
    ),
    (
        "a seal",
        "UPDATE stock_seal SET postings = postings + 1",
        "seals hold their postings",
        {"table": "stock_seal", "number": "1"},
    ),
    (
        "the number of a seal",
        "INSERT INTO stock_seal (number, sealed_at, postings) VALUES (3, '2026-01-01 00:00:00+00', 0)",
        "seals are numbered without a gap",
        {"missing": "2"},
    ),
    (
        "the seal of a posting",
        "DELETE FROM stock_sealedposting WHERE posting_id = (SELECT MAX(id) FROM stock_posting)",
        "every posting is sealed or waits for its seal",
        {"table": "stock_posting"},
    ),
]


@pytest.mark.django_db
class TestVerify:
    """On the engine of this lane."""

    def test_a_living_book_is_right(self, book: Book) -> None:
        report = verify.verify()
        assert [f.as_dict() for f in report.findings if f.wrong] == []
        assert report.movements == Movement.objects.count()

    @pytest.mark.parametrize(
        ("before", "after"), list(permutations(["fifo", "specific", "average"], 2))
    )
    def test_changing_the_method_keeps_it_right(self, book: Book, before: str, after: str) -> None:
        cost_methods.change_method(book.categories[before], after, actor=None, access=SYSTEM)
        assert _wrong() == {}
        book.post("purchase_in", before, "supplier", "W", "2.5", unit_cost=Decimal(7))
        book.post("sales_out", before, "W", "customer", "3.25")
        sealing.seal()
        assert _wrong() == {}

    @pytest.mark.parametrize(
        ("sql", "law", "first"), [t[1:] for t in TAMPERS], ids=[t[0] for t in TAMPERS]
    )
    def test_what_is_tampered_with_is_named(
        self, unlocked: Book, sql: str, law: str, first: dict[str, str]
    ) -> None:
        _run(sql)
        wrong = _wrong()
        assert law in wrong
        assert first.items() <= wrong[law].items()

    def test_triggers_that_are_gone_or_lame_are_named(self, unlocked: Book) -> None:
        missing = verify.verify().findings[-1]
        assert missing.first is not None
        assert "append_only" in missing.first["trigger"]
        bootstrap.install_triggers(connection)
        assert verify.verify().ok
        if connection.vendor == "postgresql":
            _run(
                "CREATE OR REPLACE FUNCTION stock_movement_append_only() RETURNS trigger LANGUAGE plpgsql "
                "AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
            )
            lame = verify.verify().findings[-1]
            assert lame.first is not None
            assert lame.first["allowed"].startswith("UPDATE stock_movement")

    def test_a_number_too_large_to_add_up_is_wrong_not_a_crash(self, unlocked: Book) -> None:
        _run("UPDATE stock_movement SET quantity = 9223372036854775807 WHERE type = 'purchase_in'")
        assert not verify.verify().ok

    def test_the_command_says_it_all(self, book: Book, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("verify_ledger", "--format", "json")
        answer = json.loads(capsys.readouterr().out)
        assert answer["ok"] is True
        assert answer["movements"] == Movement.objects.count()
        _run("UPDATE stock_balance SET on_hand = on_hand + 1")
        with pytest.raises(SystemExit) as ended:
            call_command("verify_ledger")
        assert ended.value.code == 1
        assert "WRONG" in capsys.readouterr().out
        kept = checking.last()
        assert kept is not None
        assert not kept.ok
        assert kept.detail["checks"][0]["law"] == "nothing appears or vanishes"

    def test_administrators_hear_of_a_wrong_book(self, book: Book) -> None:
        role = Role.objects.get_or_create(code="sys", defaults={"rights": ["system.manage"]})[0]
        for name, rights in (("root", True), ("clerk", False)):
            user = User.objects.create_user(username=name, password="x", name=name)
            if rights:
                Membership.objects.create(user=user, role=role, everywhere=True)
        assert checking.check() is not None
        assert not Notice.objects.exists()
        _run("UPDATE stock_balance SET on_hand = on_hand + 1")
        record = checking.check()
        assert record is not None
        assert not record.ok
        notice = Notice.objects.get()
        assert notice.user.username == "root"
        assert notice.kind == checking.NOTICE

    def test_two_checks_do_not_run_at_once(self, book: Book) -> None:
        jobs.run(checking.JOB, lambda: (checking.check() is None, {}))
        assert JobRun.objects.get().ok


@pytest.mark.postgres
class TestVerifyPostgres(TestVerify):
    """The same on PostgreSQL."""
