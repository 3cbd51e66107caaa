"""What the person of an open step fills in: exactly the fields that the step requires, and which he does not see.

They are no content that approvals are bound to (``workflows.content`` leaves them out), and whoever fills
them in is no editor. Photos come in through workflows.attachments.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from people.models import User
from workflows import fields, reading
from workflows.errors import DocumentRefused
from workflows.models import Attachment, Document, ProcessVersion, Task
from workflows.move import Move
from workflows.steps import FILLED, Step


def fill(move: Move, step: Step) -> None:
    """Write ``data.fields`` (name or ``custom:KEY`` → text); raises DocumentRefused for what the step does not ask."""
    given = move.data.get("fields") or {}
    if not isinstance(given, Mapping):
        raise DocumentRefused(_("Fields are an object of names and values."), code="fields")
    if not given:
        return
    asked = {name for name in step.required if name in FILLED or name.startswith("custom:")}
    if unknown := sorted(str(name) for name in given if name not in asked):
        raise DocumentRefused(
            _("This step does not ask for: %(fields)s.") % {"fields": ", ".join(unknown)},
            code="unknown_field",
        )
    document = move.document
    before = reading.header_words(document)
    custom = {
        str(name).removeprefix("custom:"): value
        for name, value in given.items()
        if str(name).startswith("custom:")
    }
    header = {name: value for name, value in given.items() if name in FILLED}
    reading.read_header(document, header | ({"custom": custom} if custom else {}), move.access)
    after = reading.header_words(document)
    changed = {
        name: [before.get(name, ""), after[name]]
        for name in after
        if before.get(name, "") != after[name]
    }
    if changed:
        move.log("edit", step=step.key, data={"header": changed})
        move.__dict__.pop("facts", None)


def hidden(document: Document, user: User) -> frozenset[str]:
    """Names of the fields that the steps waiting for the person do not show him."""
    steps = document.process.read_steps() if document.process else ()
    if not any(step.hidden for step in steps):
        return frozenset()
    mine = document.tasks.filter(user=user, state=Task.State.OPEN).values_list("run__step")
    return _hidden(steps, {key for (key,) in mine})


def hidden_among(documents: Iterable[Document], user: User) -> dict[int, frozenset[str]]:
    """The same for many documents by their ids, in two statements; nothing hidden, no entry."""
    mine: dict[tuple[int, int], set[str]] = {}
    open_tasks = Task.objects.filter(
        document__in=[document.pk for document in documents], user=user, state=Task.State.OPEN
    )
    rows = open_tasks.exclude(document__process=None)
    for pk, version, key in rows.values_list("document", "document__process", "run__step"):
        mine.setdefault((pk, version), set()).add(key)
    versions = ProcessVersion.objects.in_bulk({version for _pk, version in mine})
    steps = {pk: version.read_steps() for pk, version in versions.items()}
    found = {pk: _hidden(steps[version], keys) for (pk, version), keys in mine.items()}
    return {pk: names for pk, names in found.items() if names}


def _hidden(steps: Iterable[Step], mine: Collection[str]) -> frozenset[str]:
    return frozenset(name for step in steps if step.key in mine for name in step.hidden)


def shown_files(document: Document, names: Collection[str]) -> QuerySet[Attachment]:
    """The files that were not taken away and that no hidden field (``names``) holds."""
    rows = document.attachments.filter(removed_at=None).select_related("user", "line")
    if "photo" in names:
        rows = rows.exclude(content_type__startswith="image/")
    own = [name.removeprefix("custom:") for name in names if name.startswith("custom:")]
    return rows.exclude(field__in=own)


def asked_of(document: Document, user: User) -> list[str]:
    """Names of the fields that the step waiting for the person asks him to fill in."""
    steps = {step.key: step for step in document.process.read_steps()} if document.process else {}
    if not any(step.required for step in steps.values()):
        return []
    mine = document.tasks.filter(user=user, state=Task.State.OPEN).values_list("run__step")
    known = {"photo"} | {f"custom:{field.key}" for field in fields.of_type(document.type)}
    found = [steps[key].required for (key,) in mine if key in steps]
    wanted = dict.fromkeys(name for names in found for name in names)
    return [name for name in wanted if name in known or name in FILLED]
