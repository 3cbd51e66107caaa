"""Laws of the journal as triggers: what is booked stays, entries are whole, and stock and books are equal.

An entry is written with its lines (PostgreSQL: in one statement) or after them (SQLite) and seals them: it
says how many there are and by how much it changes the inventory accounts, which must be what the movements
of its posting change the value of stock by, and nothing where there is no posting.
"""

from dataclasses import dataclass

from core.triggers import Trigger, append_only
from finance import invoice_guards, review_guards
from stock import place_kinds

_PHYSICAL = ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))
_WRITTEN_ENTRY = (
    "id", "company_id", "posting_id", "kind", "key", "date", "recorded_at", "actor_id", "document",
    "summary", "lines", "total", "inventory",
)  # fmt: skip
_BOOKED = "the journal is append-only: reverse or reclassify instead"
_CLOSED = "figures of a closing stay"


def _crossing(posting: str) -> str:
    """By how much the movements of a posting change the value of stock."""
    return (
        f"(SELECT COALESCE(SUM(m.value * ((CASE WHEN t.kind IN ({_PHYSICAL}) THEN 1 ELSE 0 END) - "
        f"(CASE WHEN s.kind IN ({_PHYSICAL}) THEN 1 ELSE 0 END))), 0) FROM stock_movement m "
        "JOIN stock_place t ON t.id = m.target_id JOIN stock_place s ON s.id = m.source_id "
        f"WHERE m.posting_id = {posting})"
    )


def _wrong(entry: str) -> str:
    """An entry that is not what its lines and its posting say.

    Lines are added up by their two accounts first: of these there are few, however many lines there are.
    """
    lines = (
        "SELECT COALESCE(SUM(g.number), 0), COALESCE(SUM(g.amount * "
        "((CASE WHEN d.is_inventory THEN 1 ELSE 0 END) - "
        "(CASE WHEN c.is_inventory THEN 1 ELSE 0 END))), 0) "
        "FROM (SELECT l.debit_account_id, l.credit_account_id, COUNT(*) AS number, "
        f"SUM(l.amount) AS amount FROM finance_journalline l WHERE l.entry_id = {entry}.id "
        "GROUP BY l.debit_account_id, l.credit_account_id) g "
        f"JOIN finance_account d ON d.id = g.debit_account_id AND d.company_id = {entry}.company_id "
        f"JOIN finance_account c ON c.id = g.credit_account_id AND c.company_id = {entry}.company_id"
    )
    return (
        f"({entry}.lines, {entry}.inventory) <> ({lines}) "
        f"OR {entry}.inventory <> CASE WHEN {entry}.posting_id IS NULL THEN 0 "
        f"ELSE {_crossing(f'{entry}.posting_id')} END"
    )


@dataclass(frozen=True, slots=True)
class Written(Trigger):
    """A trigger whose engines need different words: a condition over NEW for SQLite's BEFORE INSERT, and one
    over the rows ``news`` of a statement for PostgreSQL's AFTER INSERT."""

    after: str = ""

    def create_sql(self, vendor: str) -> list[str]:
        """The statements that install it."""
        if vendor != "postgresql":
            return self._sqlite()
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$law$ BEGIN IF EXISTS ({self.after}) THEN RAISE EXCEPTION '{self.message}' "
            "USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL; END $law$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table} REFERENCING NEW TABLE AS news "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
        ]


@dataclass(frozen=True, slots=True)
class Counted(Trigger):
    """Gives ``finance_books.version`` another number when rows that accounts are found by change."""

    def create_sql(self, vendor: str) -> list[str]:
        """The statements that install it."""
        number = "(random() * 4e18)::bigint" if vendor == "postgresql" else "random() / 2"
        grow = f"UPDATE finance_books SET version = {number}"
        if vendor == "postgresql":
            return [
                f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$law$ BEGIN {grow}; RETURN NULL; END $law$",
                f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
                f"CREATE TRIGGER {self.name} AFTER {' OR '.join(self.events)} ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
            ]
        statements = []
        for event in self.events:
            name = self._sqlite_name(event)
            statements += [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} AFTER {event} ON {self.table} FOR EACH ROW BEGIN {grow}; END",
            ]
        return statements


_ANY = ("INSERT", "UPDATE", "DELETE")

TRIGGERS: list[Trigger] = [
    Written(
        "guard_entry_whole",
        "finance_journalentry",
        ("INSERT",),
        "an entry must be what its lines and its movements say",
        _wrong("NEW"),
        after=f"SELECT 1 FROM news e WHERE {_wrong('e')}",
    ),
    Written(
        "guard_line_with_entry",
        "finance_journalline",
        ("INSERT",),
        "lines come with their entry",
        "EXISTS (SELECT 1 FROM finance_journalentry e WHERE e.id = NEW.entry_id)",
        after=(
            "SELECT 1 FROM (SELECT entry_id, MIN(number) AS first, MAX(number) AS last FROM news "
            "GROUP BY entry_id) n WHERE n.first < 1 OR n.last > COALESCE((SELECT e.lines "
            "FROM finance_journalentry e WHERE e.id = n.entry_id), 0)"
        ),
    ),
    Trigger(
        "guard_entry_open_month",
        "finance_journalentry",
        ("INSERT",),
        "nothing is booked into a closed month",
        "EXISTS (SELECT 1 FROM stock_period p WHERE p.company_id = NEW.company_id "
        "AND p.state = 'closed' AND substr(CAST(p.month AS text), 1, 7) >= "
        "substr(CAST(NEW.date AS text), 1, 7))",
        only="NEW.posting_id IS NULL",
    ),
    Trigger(
        "guard_entry_written",
        "finance_journalentry",
        ("UPDATE OF " + ", ".join(_WRITTEN_ENTRY), "DELETE"),
        _BOOKED,
    ),
    Trigger(
        "finance_journalentry_no_truncate",
        "finance_journalentry",
        ("TRUNCATE",),
        _BOOKED,
        statement=True,
    ),
    *append_only("finance_journalline", _BOOKED),
    *append_only("finance_entrynote", "notes on entries stay"),
    *append_only("finance_closing", _CLOSED),
    *append_only("finance_closedstock", _CLOSED),
    *append_only("finance_closedaccount", _CLOSED),
    Trigger(
        "guard_account_nature",
        "finance_account",
        ("UPDATE OF is_inventory, company_id",),
        "whether an account holds stock never changes",
        "OLD.is_inventory IS DISTINCT FROM NEW.is_inventory "
        "OR OLD.company_id IS DISTINCT FROM NEW.company_id",
    ),
    Trigger(
        "guard_rule_fits",
        "finance_accountrule",
        ("INSERT", "UPDATE"),
        "goods that are in stock belong on an account that holds stock, and others do not",
        "NOT EXISTS (SELECT 1 FROM finance_account a WHERE a.id = NEW.account_id "
        "AND a.company_id = NEW.company_id "
        f"AND a.is_inventory = (NEW.place_kind IN ({_PHYSICAL})))",
    ),
    *review_guards.TRIGGERS,
    *invoice_guards.TRIGGERS,
    Counted("count_changed_rules", "finance_accountrule", _ANY, ""),
    Counted("count_changed_accounts", "finance_account", _ANY, ""),
    Counted("count_changed_categories", "stock_category", _ANY, ""),
]
