"""What the person of an open step fills in: exactly the fields that the step requires, and which he does not see.

They are no content that approvals are bound to (``workflows.move.content`` leaves them out), and whoever fills
them in is no editor. Photos come in through workflows.attachments.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from people.models import User
from workflows import fields, reading
from workflows.errors import DocumentRefused
from workflows.models import Document, Task
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
    steps = {step.key: step for step in document.process.read_steps()} if document.process else {}
    if not any(step.hidden for step in steps.values()):
        return frozenset()
    mine = document.tasks.filter(user=user, state=Task.State.OPEN).values_list("run__step")
    found = [steps[key].hidden for (key,) in mine if key in steps]
    return frozenset(name for names in found for name in names)


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
