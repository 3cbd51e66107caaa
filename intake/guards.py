"""Laws of imports as triggers: the graph of states, content that is bound once submitted, rows that stay."""

from core.triggers import KEPT, Trigger

GRAPH: dict[str, tuple[str, ...]] = {
    "draft": ("waiting", "approved", "cancelled"),
    "waiting": ("draft", "approved", "cancelled"),
    "approved": ("draft", "writing", "cancelled"),
    "writing": ("stopped", "done"),
    "stopped": ("writing", "undoing", "draft"),
    "done": ("undoing",),
    "undoing": ("stopped", "undone"),
}
_CONTENT = ("content_hash", "sha256", "purpose", "warehouse_id", "company_id", "mends", "start_on", "sender")  # fmt: skip
_ROW = ("job_id", "company_id", "sheet", "row", "at", "key", "mark", "document_id", "line_key")


def _edges() -> str:
    parts = [
        f"(OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(new) for new in targets)}))"
        for old, targets in GRAPH.items()
    ]
    return " OR ".join(parts)


def _changed(columns: tuple[str, ...], cast: str = "") -> str:
    """One of the columns has another value now; JSON is compared as text."""
    parts = []
    for name in columns:
        one, two = f"OLD.{name}", f"NEW.{name}"
        if name == cast:
            one, two = f"CAST({one} AS TEXT)", f"CAST({two} AS TEXT)"
        parts.append(f"{one} IS DISTINCT FROM {two}")
    return " OR ".join(parts)


TRIGGERS: list[Trigger] = [
    Trigger(
        "guard_import_born_draft",
        "intake_import",
        ("INSERT",),
        "an import begins as a draft",
        when="NEW.state <> 'draft'",
    ),
    Trigger(
        "guard_import_graph",
        "intake_import",
        ("UPDATE OF state",),
        "this change of state is not in the graph of imports",
        when=f"OLD.state <> NEW.state AND NOT ({_edges()})",
    ),
    Trigger(
        "guard_import_content",
        "intake_import",
        ("UPDATE",),
        "what was submitted is not changed: take the import back first",
        when=f"OLD.state <> 'draft' AND NEW.state <> 'draft' AND ({_changed(_CONTENT, 'mends')})",
    ),
    Trigger(
        "guard_imported_row_company",
        "intake_importedrow",
        ("INSERT",),
        "an imported row belongs to the company of its import",
        when=(
            "NOT EXISTS (SELECT 1 FROM intake_import i "
            f"WHERE i.id = NEW.job_id AND i.company_id = NEW.company_id {KEPT})"
        ),
        per=("job_id", ""),
    ),
    Trigger(
        "guard_imported_row_document",
        "intake_importedrow",
        ("INSERT",),
        "the document of an imported row is there",
        when="NEW.document_id IS NOT NULL",
        per=(
            "document_id",
            f"NOT EXISTS (SELECT 1 FROM workflows_document d WHERE d.id = {{}} {KEPT})",
        ),
    ),
    Trigger(
        "guard_imported_document_kept",
        "workflows_document",
        ("DELETE",),
        "the document of an imported row is kept",
        when="EXISTS (SELECT 1 FROM intake_importedrow r WHERE r.document_id = OLD.id)",
    ),
    Trigger(
        "guard_import_with_rows_kept",
        "intake_import",
        ("DELETE",),
        "an import that wrote rows is kept",
        when="EXISTS (SELECT 1 FROM intake_importedrow r WHERE r.job_id = OLD.id)",
    ),
    Trigger(
        "guard_imported_row_kept",
        "intake_importedrow",
        ("UPDATE",),
        "an imported row stays as it is; it can only be undone",
        when=f"OLD.undone_at IS NOT NULL OR {_changed(_ROW)}",
    ),
    Trigger(
        "guard_imported_row_stays",
        "intake_importedrow",
        ("DELETE",),
        "an imported row is never erased",
    ),
]
