"""Laws of documents as triggers: the graph of states, what is frozen when, four eyes, and what is never erased."""

from core.triggers import KEPT, Trigger, append_only
from workflows import count_guards, states

_EDITABLE = ", ".join(f"'{code}'" for code in sorted(states.EDITABLE))
_CONTENT_OF_LINE = (
    "item_id", "unit_id", "numerator", "denominator", "requested", "side", "price",
    "price_with_tax", "tax_rate", "value", "original_id", "owner_id", "document_id", "source_line_id",
    "target_lot_number", "key", "position", "reason_id", "reservation",
)  # fmt: skip
_CONTENT_OF_HEADER = (
    "asker_id", "type", "company_id", "department_id", "partner_id", "warehouse_id",
    "target_warehouse_id", "reason_id", "cost_object", "currency", "rate", "source_id", "rest_of_id",
    "effective_at", "override", "accept_expired", "replaces_id", "key", "door",
)  # fmt: skip
_DECISION = (
    "state", "verdict", "decided_by_id", "on_behalf_of_id", "kind", "document_id", "run_id",
)  # fmt: skip
_FILE = (
    "document_id", "key", "field", "name", "content_type", "size", "sha256", "user_id", "created_at",
)  # fmt: skip
_DONE = "'posted', 'reversed', 'void', 'rejected', 'closed'"
_WRITTEN_WHEN_DONE = ("actual", "rejected", "rechecked", "source_id", "target_id", "lot_number")


def _edges() -> str:
    """OLD.state → NEW.state is an edge of the graph."""
    parts = [
        f"(OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(new) for new in targets)}))"
        for old, targets in states.GRAPH.items()
        if targets
    ]
    return " OR ".join(parts)


def _changed(columns: tuple[str, ...]) -> str:
    """One of the columns has another value now (NULL counts as a value)."""
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


def _state_of(document: str) -> str:
    return f"(SELECT d.state FROM workflows_document d WHERE d.id = {document})"


def _has(document: str, what: str) -> str:
    return f"EXISTS (SELECT 1 FROM workflows_document d WHERE d.id = {document} AND {what})"


_APPROVES = "NEW.kind = 'approve' AND NEW.verdict = 'approved'"
_OWN_HANDS = (
    "EXISTS (SELECT 1 FROM workflows_document d WHERE d.id = NEW.document_id "
    "AND d.asker_id IN (NEW.decided_by_id, NEW.on_behalf_of_id)) "
    "OR EXISTS (SELECT 1 FROM workflows_editor e WHERE e.document_id = NEW.document_id "
    "AND e.user_id IN (NEW.decided_by_id, NEW.on_behalf_of_id))"
)

TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_document_born_draft",
        "workflows_document",
        ("INSERT",),
        "a document begins as a draft",
        when="NEW.state <> 'draft' OR NEW.posting_id IS NOT NULL",
    ),
    Trigger(
        "guard_document_graph",
        "workflows_document",
        ("UPDATE OF state",),
        "this change of state is not in the graph of documents",
        when=f"OLD.state <> NEW.state AND (NEW.version <= OLD.version OR NOT ({_edges()}))",
    ),
    Trigger(
        "guard_document_posted_once",
        "workflows_document",
        ("UPDATE OF posting_id, number",),
        "the posting and the number of a document stay",
        when=(
            "(OLD.posting_id IS NOT NULL AND NEW.posting_id IS DISTINCT FROM OLD.posting_id) OR "
            "(OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number)"
        ),
    ),
    Trigger(
        "guard_document_content",
        "workflows_document",
        (f"UPDATE OF {', '.join(_CONTENT_OF_HEADER)}",),
        "the content of a submitted document is frozen",
        when=f"OLD.state NOT IN ({_EDITABLE}) AND ({_changed(_CONTENT_OF_HEADER)})",
    ),
    Trigger(
        "guard_document_process",
        "workflows_document",
        ("UPDATE OF process_id, amount",),
        "the process and the amount of a submitted document stay",
        when=f"OLD.state NOT IN ({_EDITABLE}) AND ({_changed(('process_id', 'amount'))})",
    ),
    Trigger(
        "guard_document_bound",
        "workflows_document",
        ("UPDATE OF content_hash",),
        "what was agreed to is bound to its content",
        when=(
            f"OLD.state NOT IN ({_EDITABLE}, 'in_approval') "
            "AND OLD.content_hash IS DISTINCT FROM NEW.content_hash"
        ),
    ),
    Trigger(
        "guard_document_kept",
        "workflows_document",
        ("DELETE",),
        "a document with a number is kept",
        when="OLD.number IS NOT NULL",
    ),
    Trigger(
        "guard_line_new",
        "workflows_line",
        ("INSERT",),
        "the content of a submitted document is frozen",
        per=("document_id", f"NOT {_has('{}', f'd.state IN ({_EDITABLE}) {KEPT}')}"),
    ),
    Trigger(
        "guard_line_stays",
        "workflows_line",
        ("UPDATE OF document_id",),
        "a line stays in its document",
        when="OLD.document_id IS DISTINCT FROM NEW.document_id",
    ),
    Trigger(
        "guard_document_with_lines",
        "workflows_document",
        ("DELETE",),
        "a document goes with its lines",
        when=(
            "OLD.number IS NULL AND EXISTS "
            "(SELECT 1 FROM workflows_line l WHERE l.document_id = OLD.id)"
        ),
    ),
    Trigger(
        "guard_line_history_person",
        "workflows_historicalline",
        ("INSERT",),
        "the person who changed a line exists",
        when="NEW.history_user_id IS NOT NULL",
        per=(
            "history_user_id",
            f"NOT EXISTS (SELECT 1 FROM people_user u WHERE u.id = {{}} {KEPT})",
        ),
    ),
    Trigger(
        "guard_line_history_person_stays",
        "workflows_historicalline",
        ("UPDATE OF history_user_id",),
        "who changed a line stays in its history",
        when="OLD.history_user_id IS DISTINCT FROM NEW.history_user_id",
    ),
    Trigger(
        "guard_line_history_person_kept",
        "people_user",
        ("DELETE",),
        "a person who changed a line is kept",
        when="EXISTS (SELECT 1 FROM workflows_historicalline h WHERE h.history_user_id = OLD.id)",
    ),
    Trigger(
        "guard_line_gone",
        "workflows_line",
        ("DELETE",),
        "the content of a submitted document is frozen",
        when=f"{_state_of('OLD.document_id')} NOT IN ({_EDITABLE})",
    ),
    Trigger(
        "guard_line_content",
        "workflows_line",
        (f"UPDATE OF {', '.join(_CONTENT_OF_LINE)}",),
        "the content of a submitted document is frozen",
        when=(
            f"({_changed(_CONTENT_OF_LINE)}) AND {_state_of('OLD.document_id')} NOT IN ({_EDITABLE})"
        ),
    ),
    Trigger(
        "guard_line_confirmed",
        "workflows_line",
        ("UPDATE OF confirmed",),
        "what was confirmed is frozen",
        when=(
            "OLD.confirmed IS DISTINCT FROM NEW.confirmed AND "
            f"{_state_of('OLD.document_id')} NOT IN ({_EDITABLE}, 'in_approval')"
        ),
    ),
    Trigger(
        "guard_line_done",
        "workflows_line",
        ("UPDATE OF actual, rejected, rechecked, lot_id, source_id, target_id",),
        "a document that is over is not changed",
        when=_changed(("actual", "rejected", "rechecked", "lot_id", "source_id", "target_id")),
        per=("document_id", f"{_state_of('{}')} IN ({_DONE})"),
    ),
    Trigger(
        "guard_line_not_begun",
        "workflows_line",
        (f"UPDATE OF {', '.join(_WRITTEN_WHEN_DONE)}",),
        "the content of a submitted document is frozen",
        when=_changed(_WRITTEN_WHEN_DONE),
        per=("document_id", f"{_state_of('{}')} IN ('in_approval', 'withdrawn')"),
    ),
    Trigger(
        "guard_document_posted_by_others",
        "workflows_document",
        ("UPDATE OF state",),
        "the asker and editors of a document do not approve it",
        when=(
            "OLD.state <> NEW.state AND NEW.state = 'posted' AND EXISTS (SELECT 1 FROM workflows_task t "
            "JOIN workflows_steprun r ON r.id = t.run_id "
            "WHERE t.document_id = NEW.id AND t.kind = 'approve' AND t.verdict = 'approved' "
            "AND t.state = 'done' AND r.valid AND (NEW.asker_id IN (t.decided_by_id, t.on_behalf_of_id) "
            "OR EXISTS (SELECT 1 FROM workflows_editor e WHERE e.document_id = NEW.id "
            "AND e.user_id IN (t.decided_by_id, t.on_behalf_of_id))))"
        ),
    ),
    Trigger(
        "guard_run_approved",
        "workflows_steprun",
        ("INSERT", "UPDATE OF outcome, kind"),
        "an approval ends with a verdict only",
        when=(
            "NEW.kind = 'approve' AND NEW.outcome = 'done' AND NOT EXISTS (SELECT 1 FROM workflows_task t "
            "WHERE t.run_id = NEW.id AND t.kind = 'approve' AND t.verdict = 'approved' "
            "AND t.state = 'done')"
        ),
    ),
    Trigger(
        "guard_editor_stays",
        "workflows_editor",
        ("UPDATE",),
        "whoever wrote a document stays its editor",
    ),
    Trigger(
        "guard_editor_kept",
        "workflows_editor",
        ("DELETE",),
        "whoever wrote a document stays its editor",
        when=(
            "EXISTS (SELECT 1 FROM workflows_document d WHERE d.id = OLD.document_id "
            "AND d.number IS NOT NULL)"
        ),
    ),
    Trigger(
        "guard_task_kept",
        "workflows_task",
        ("DELETE",),
        "a decision that was made stays",
        when="OLD.state = 'done'",
    ),
    Trigger(
        "guard_task_four_eyes",
        "workflows_task",
        ("INSERT", "UPDATE OF verdict, decided_by_id, on_behalf_of_id, kind, document_id"),
        "the asker and editors of a document do not approve it",
        when=f"{_APPROVES} AND ({_OWN_HANDS})",
    ),
    Trigger(
        "guard_task_done",
        "workflows_task",
        ("UPDATE OF state, verdict, decided_by_id, on_behalf_of_id, kind, document_id, run_id",),
        "a decision that was made stays",
        when=(f"OLD.state = 'done' AND ({_changed(_DECISION)})"),
    ),
    Trigger(
        "guard_version_steps",
        "workflows_processversion",
        ("UPDATE OF steps, options, state, process_id, number",),
        "a version that was activated is not changed",
        when=(
            f"OLD.state <> 'draft' AND ({_changed(('steps', 'options', 'process_id', 'number'))} "
            "OR (OLD.state = 'retired' AND NEW.state <> 'retired') "
            "OR (OLD.state = 'active' AND NEW.state = 'draft'))"
        ),
    ),
    Trigger(
        "guard_version_proposed",
        "workflows_processversion",
        ("UPDATE OF steps, options, proposed_by_id",),
        "what was proposed for activation is not changed",
        when=(
            "(OLD.proposed_by_id IS NOT NULL AND NEW.proposed_by_id IS NOT NULL "
            f"AND ({_changed(('steps', 'options', 'proposed_by_id'))})) "
            f"OR (OLD.state <> 'draft' AND ({_changed(('proposed_by_id',))}))"
        ),
    ),
    Trigger(
        "guard_attachment_kept",
        "workflows_attachment",
        ("DELETE",),
        "a file of a document with a number is kept",
        when=_has("OLD.document_id", "d.number IS NOT NULL"),
    ),
    Trigger(
        "guard_attachment_stays",
        "workflows_attachment",
        (f"UPDATE OF removed_at, {', '.join(_FILE)}",),
        "a file stays as it was added or removed",
        when=f"{_changed(_FILE)} OR (OLD.removed_at IS NOT NULL AND ({_changed(('removed_at',))}))",
    ),
    Trigger(
        "guard_attachment_posted",
        "workflows_attachment",
        ("UPDATE OF removed_at",),
        "the files of a posted document stay",
        when=(
            f"({_changed(('removed_at',))}) AND {_has('OLD.document_id', 'd.posting_id IS NOT NULL')}"
        ),
    ),
    Trigger(
        "guard_order_line_stays",
        "workflows_orderline",
        ("UPDATE OF line_id, document_id",),
        "the progress of an order line stays with it",
        when=_changed(("line_id", "document_id")),
    ),
    Trigger(
        "guard_order_line_kept",
        "workflows_orderline",
        ("DELETE",),
        "what was delivered of an order stays",
        when="OLD.delivered <> 0",
    ),
    Trigger(
        "guard_order_line_item",
        "workflows_line",
        ("UPDATE OF item_id",),
        "what was delivered of an order stays",
        when=(
            "OLD.item_id <> NEW.item_id AND EXISTS (SELECT 1 FROM workflows_orderline o "
            "WHERE o.line_id = OLD.id AND o.delivered <> 0)"
        ),
    ),
    Trigger(
        "guard_order_closed",
        "workflows_document",
        ("UPDATE OF state",),
        "an order of which something is open is not closed",
        when=(
            "OLD.state <> NEW.state AND NEW.state = 'closed' AND EXISTS (SELECT 1 FROM "
            "workflows_orderline o WHERE o.document_id = NEW.id AND o.ordered > o.delivered + o.closed)"
        ),
    ),
    Trigger(
        "guard_order_void",
        "workflows_document",
        ("UPDATE OF state",),
        "what was delivered of an order stays",
        when=(
            "OLD.state <> NEW.state AND NEW.state IN ('void', 'rejected') AND EXISTS (SELECT 1 FROM "
            "workflows_orderline o WHERE o.document_id = NEW.id AND o.delivered <> 0)"
        ),
    ),
    Trigger(
        "guard_series_grows",
        "workflows_numberseries",
        ("UPDATE OF last, prefix, company_id",),
        "a number series counts on and keeps its name",
        when=f"NEW.last < OLD.last OR {_changed(('prefix', 'company_id'))}",
    ),
    Trigger(
        "guard_series_kept",
        "workflows_numberseries",
        ("DELETE",),
        "a number series that has given numbers is kept",
        when="OLD.last > 0",
    ),
    *append_only("workflows_event", "the timeline is append-only"),
    *count_guards.TRIGGERS,
]
