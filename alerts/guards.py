"""Laws of cases as triggers: the graph of states, what a case is about stays, the timeline and the cases are kept."""

from alerts import states
from core.triggers import Trigger, append_only

_IDENTITY = ("key", "rule_id", "subject_kind", "subject_key", "reporter_id")
_FILE = (
    "case_id", "key", "name", "content_type", "size", "sha256", "user_id", "created_at",
)  # fmt: skip


def _edges() -> str:
    parts = [
        f"(OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(new) for new in targets)}))"
        for old, targets in states.GRAPH.items()
    ]
    return " OR ".join(parts)


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_case_born_open",
        "alerts_case",
        ("INSERT",),
        "a case begins open",
        when="NEW.state <> 'open' OR NEW.times <> 1",
    ),
    Trigger(
        "guard_case_graph",
        "alerts_case",
        ("UPDATE OF state, version",),
        "this change of state is not in the graph of cases",
        when=(
            "NEW.version < OLD.version OR (OLD.state <> NEW.state "
            f"AND (NEW.version = OLD.version OR NOT ({_edges()})))"
        ),
    ),
    Trigger(
        "guard_case_identity",
        "alerts_case",
        (f"UPDATE OF {', '.join(_IDENTITY)}",),
        "what a case is about stays",
        when=_changed(_IDENTITY),
    ),
    Trigger("guard_case_kept", "alerts_case", ("DELETE",), "a case is kept"),
    Trigger(
        "guard_case_photo_stays",
        "alerts_casephoto",
        (f"UPDATE OF {', '.join(_FILE)}",),
        "a photo of a case stays as it was added",
        when=_changed(_FILE),
    ),
    Trigger("guard_case_photo_kept", "alerts_casephoto", ("DELETE",), "a photo of a case is kept"),
    *append_only("alerts_caseevent", "the timeline of a case is append-only"),
]
