"""Laws of review and hand-over as triggers: the graph of states, four eyes, vouchers that stay, numbers without gaps."""

from core.triggers import Trigger, append_only
from finance.review import states

_EDGES = " OR ".join(
    f"(OLD.review = '{old}' AND NEW.review IN ({', '.join(repr(new) for new in targets)}))"
    for old, targets in states.GRAPH.items()
)
_HANDED = (
    "EXISTS (SELECT 1 FROM finance_handedentry h WHERE h.entry_id = NEW.id AND NOT h.withdrawn)"
)
_LAST = (
    "(SELECT MAX(v.number) FROM finance_voucher v WHERE v.company_id = {row}.company_id "
    "AND v.month = {row}.month AND v.word = {row}.word AND NOT v.withdrawn)"
)
_KEPT = "vouchers stay as they were made"
_VOUCHER = (
    "id", "batch_id", "company_id", "month", "word", "number", "date", "reference", "summary",
    "total", "content",
)  # fmt: skip

TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_review_graph",
        "finance_journalentry",
        ("UPDATE OF review",),
        "an entry cannot go from this state of review to that one",
        f"NOT ({_EDGES})",
        only="OLD.review IS DISTINCT FROM NEW.review",
    ),
    Trigger(
        "guard_review_four_eyes",
        "finance_journalentry",
        ("UPDATE OF review, reviewed_by_id",),
        "who posted something does not review it",
        "NEW.reviewed_by_id IS NULL OR NEW.reviewed_by_id = NEW.actor_id",
        only="NEW.review = 'reviewed' AND NEW.kind = 'posting' "
        "AND OLD.review IN ('unreviewed', 'questioned')",
    ),
    Trigger(
        "guard_review_with_batch",
        "finance_journalentry",
        ("UPDATE OF review",),
        "entries are handed over, and taken back, with their batch only",
        f"(NEW.review = 'handed_over') IS DISTINCT FROM {_HANDED}",
        only="OLD.review IS DISTINCT FROM NEW.review "
        "AND (NEW.review = 'handed_over' OR OLD.review = 'handed_over')",
    ),
    Trigger(
        "guard_voucher_gapless",
        "finance_voucher",
        ("INSERT",),
        "numbers of vouchers follow one another in their month and word",
        f"NEW.number <> COALESCE({_LAST.format(row='NEW')} + 1, NEW.number)",
    ),
    Trigger(
        "guard_voucher_taken_back",
        "finance_voucher",
        ("UPDATE OF withdrawn",),
        "only the last numbers of a month and word are taken back, and for good",
        f"OLD.withdrawn OR NEW.number <> {_LAST.format(row='OLD')}",
        only="OLD.withdrawn IS DISTINCT FROM NEW.withdrawn",
    ),
    Trigger(
        "guard_voucher_kept",
        "finance_voucher",
        ("UPDATE OF " + ", ".join(_VOUCHER), "DELETE"),
        _KEPT,
    ),
    Trigger("finance_voucher_no_truncate", "finance_voucher", ("TRUNCATE",), _KEPT, statement=True),
    Trigger(
        "guard_handed_entry",
        "finance_handedentry",
        ("UPDATE OF id, batch_id, voucher_id, entry_id", "DELETE"),
        _KEPT,
    ),
    Trigger(
        "guard_handed_entry_back",
        "finance_handedentry",
        ("UPDATE OF withdrawn",),
        "what was taken back stays so",
        "NOT NEW.withdrawn",
        only="OLD.withdrawn IS DISTINCT FROM NEW.withdrawn",
    ),
    *append_only("finance_batchevent", "events of batches stay"),
]
