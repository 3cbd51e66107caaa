"""Laws of stocktakes as triggers: counts stay, rounds have different counters, nothing else makes a difference.

A movement of stocktake gain or loss is the difference of one count line of a stocktake, to the last digit;
only trusted imports (what another system counted, told with its history) are let in beside that.
"""

from core.triggers import Trigger, append_only

_COUNTING = "('approved', 'in_execution')"
_STATE = "(SELECT d.state FROM workflows_document d WHERE d.id = {id})"
_OF_LINE = (
    "EXISTS (SELECT 1 FROM workflows_countline l JOIN workflows_document d ON d.id = l.document_id "
    "WHERE l.key = NEW.line_key AND d.type = 'stocktake' AND l.item_id = NEW.item_id "
    "AND l.lot_id = NEW.lot_id AND l.owner_id = NEW.owner_id AND NOT l.stale AND NEW.quantity = "
    "CASE NEW.type WHEN 'stocktake_gain' THEN l.counted - l.book ELSE l.book - l.counted END "
    "AND l.place_id = CASE NEW.type WHEN 'stocktake_gain' THEN NEW.target_id ELSE NEW.source_id END "
    "AND EXISTS (SELECT 1 FROM stock_posting p WHERE p.id = NEW.posting_id "
    "AND p.document = d.number AND p.company_id = d.company_id))"
)
_IMPORTED = (
    "EXISTS (SELECT 1 FROM stock_posting p WHERE p.id = NEW.posting_id "
    "AND p.door IN ('import', 'sheet', 'demo'))"
)
"""The doors of trusted imports (workflows.trusted)."""

TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_stocktake_only_door",
        "stock_movement",
        ("INSERT",),
        "only the posting of a stocktake makes gains and losses",
        only="NEW.type IN ('stocktake_gain', 'stocktake_loss') AND NOT NEW.reversal",
        when=f"NOT ({_OF_LINE}) AND NOT ({_IMPORTED})",
    ),
    *append_only("workflows_countentry", "a count stays as it was made"),
    Trigger(
        "guard_count_time",
        "workflows_countentry",
        ("INSERT",),
        "a stocktake is counted while it is being carried out",
        when=f"{_STATE.format(id='NEW.document_id')} NOT IN {_COUNTING}",
    ),
    Trigger(
        "guard_count_other_person",
        "workflows_countentry",
        ("INSERT",),
        "what one person counted another counts again",
        when=(
            "EXISTS (SELECT 1 FROM workflows_countentry e WHERE e.line_id = NEW.line_id "
            "AND e.counter_id = NEW.counter_id AND e.round <> NEW.round)"
        ),
    ),
    Trigger(
        "guard_count_line",
        "workflows_countline",
        ("UPDATE OF counted, book, mark, until, counter_id, round",),
        "a line says what was counted",
        when=(
            "(OLD.counted IS DISTINCT FROM NEW.counted OR OLD.book IS DISTINCT FROM NEW.book "
            "OR OLD.mark IS DISTINCT FROM NEW.mark OR OLD.until IS DISTINCT FROM NEW.until "
            "OR OLD.counter_id IS DISTINCT FROM NEW.counter_id OR OLD.round IS DISTINCT FROM NEW.round) "
            "AND NOT EXISTS (SELECT 1 FROM workflows_countentry e WHERE e.line_id = NEW.id "
            "AND e.counted = NEW.counted AND e.book = NEW.book AND e.mark = NEW.mark "
            "AND e.until = NEW.until AND e.counter_id = NEW.counter_id AND e.round = NEW.round)"
        ),
    ),
    Trigger(
        "guard_count_wanted",
        "workflows_countline",
        ("UPDATE OF wanted",),
        "a recount that was asked for stays asked for",
        when="NEW.wanted < OLD.wanted",
    ),
    Trigger(
        "guard_count_line_kept",
        "workflows_countline",
        ("DELETE",),
        "the lines of a stocktake stay",
        when=(
            "EXISTS (SELECT 1 FROM workflows_document d WHERE d.id = OLD.document_id "
            "AND d.number IS NOT NULL)"
        ),
    ),
    Trigger(
        "guard_stocktake_recounted",
        "workflows_document",
        ("UPDATE OF state",),
        "a stocktake is posted when everything was recounted that had to be",
        only="NEW.type = 'stocktake' AND NEW.state = 'posted' AND OLD.state <> 'posted'",
        when=(
            "EXISTS (SELECT 1 FROM workflows_countline l WHERE l.document_id = NEW.id "
            "AND (l.stale OR (l.wanted > 1 AND l.wanted > l.round)))"
        ),
    ),
]
