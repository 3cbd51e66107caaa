"""Pages of processes: the list, one process with its versions, and the designer of a draft.

Everything works without script: each change is a form that is saved and shown again; with htmx the form of a
step saves itself and only what it changes is drawn anew.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import asked
from core.errors import DomainError, LineError
from core.words import one_line
from people.access import access_for
from people.changes import changes_of
from people.doors import needs, signed_in
from people.models import User
from workflows import (
    designing,
    document_types,
    drawing,
    readiness,
    sentences,
    shipped,
    states,
    step_form,
    version_history,
)
from workflows.document_types import ORDERS
from workflows.models import Document, Process, ProcessVersion
from workflows.picks import Picks
from workflows.steps import KINDS, MAKES, RESTS, Step
from workflows.views.process_list import respond
from workflows.views.process_pages import find, find_version, reads, url_of

OPTIONS = "options"
"""The “step” of the designer on which the options are edited."""


def told(steps: list[Step], picks: Picks) -> list[dict[str, Any]]:
    """Each step with what it says, for the templates."""
    return [
        {
            "step": step,
            "number": number,
            "people": sentences.people(step, picks),
            "when": sentences.alternatives(step.when, picks),
            "auto": sentences.alternatives(step.auto, picks),
            "sentences": sentences.sentences(step, picks)[1:],
        }
        for number, step in enumerate(steps, 1)
    ]


def flow_of(version: ProcessVersion, picks: Picks) -> drawing.Flow:
    """The drawing of a version in the reader's language."""
    zh = (get_language() or "").startswith("zh")
    return drawing.flow(version.read_steps(), version.read_options(), picks, zh=zh)


@require_safe
@reads
def processes(request: HttpRequest) -> HttpResponseBase:
    """Every document type with its process."""
    return respond(request)


@require_safe
@reads
def process(request: HttpRequest, company: int, type_code: str) -> HttpResponse:
    """One process: what holds now, in words and drawn, and its versions."""
    return _process(request, find(company, type_code))


def _process(request: HttpRequest, found: Process, status: int = 200) -> HttpResponse:
    kind = document_types.BY_CODE[found.type]
    versions: list[Any] = []
    if found.pk:
        rows = found.versions.select_related("activated_by").order_by("-number")
        versions = list(rows.annotate(total=Count("documents")))
        running = Document.objects.filter(process__in=versions, state__in=states.RUNNING)
        counts = dict(running.order_by().values_list("process").annotate(n=Count("pk")))
        for one in versions:
            one.running = counts.get(one.pk, 0)
    active = next((one for one in versions if one.state == ProcessVersion.State.ACTIVE), None)
    active = active or shipped.unsaved(found.company, kind)  # not used by any document yet
    active.process = found
    picks = Picks(found)
    context = {
        "process": found,
        "kind": kind,
        "versions": versions,
        "active": active,
        "draft": next((v for v in versions if v.state == ProcessVersion.State.DRAFT), None),
        "steps": told(list(active.read_steps()), picks),
        "options": sentences.options(active.read_options()),
        "flow": flow_of(active, picks),
        "may_manage": access_for(request.user).may(designing.RIGHT),
        "users": User.objects.filter(is_active=True),
        "changes": changes_of([found]),
    }
    return render(request, "workflows/designer/process.html", context, status=status)


@require_POST
@needs(designing.RIGHT)
def draft(request: HttpRequest, company: int, type_code: str) -> HttpResponse:
    """Start a draft from the active version, or from an old one (which is how one goes back)."""
    found = find(company, type_code)
    active = shipped.active_version(found.company, type_code)
    number = asked.whole(request.POST.get("from"))
    source = active
    if number is not None:
        source = get_object_or_404(ProcessVersion, process=active.process, number=number)
    made = designing.start_draft(active.process, access=access_for(request.user), source=source)
    return redirect(url_of(made))


@require_POST
@needs(designing.RIGHT)
def settings(request: HttpRequest, company: int, type_code: str) -> HttpResponse:
    """Save the names and the keeper of a process."""
    found = shipped.active_version(find(company, type_code).company, type_code).process
    found.name_en = one_line(request.POST.get("name_en", ""), 200)
    found.name_zh = one_line(request.POST.get("name_zh", ""), 200)
    found.keeper = User.objects.filter(
        pk=asked.whole(request.POST.get("keeper")) or 0, is_active=True
    ).first()
    try:
        designing.save_process(found, access=access_for(request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _process(request, find(company, type_code), status=422)
    messages.success(request, _("%(name)s is saved.") % {"name": found})
    return redirect("workflows:process", company, type_code)


@require_safe
@reads
def version(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """The designer; a version that is no draft (or a reader without the right) only reads."""
    return _designer(request, find_version(company, type_code, number))


def _designer(
    request: HttpRequest, found: ProcessVersion, *, refused: Any = (), status: int = 200
) -> HttpResponse:
    picks = Picks(found.process)
    steps = list(found.read_steps())
    edits = found.state == ProcessVersion.State.DRAFT
    edits = edits and access_for(request.user).may(designing.RIGHT)
    errors = readiness.unready(found) if found.state == ProcessVersion.State.DRAFT else []
    rows = told(steps, picks)
    for row in rows:
        row["errors"] = [error for error in errors if error.line == row["number"]]
    chosen = request.GET.get("step") or (steps[0].key if edits and steps else "")
    step = next((one for one in steps if one.key == chosen), None)
    context = {
        "version": found,
        "process": found.process,
        "active": found.process.versions.filter(state=ProcessVersion.State.ACTIVE).first(),
        "rows": rows,
        "errors": _reasons(errors, rows),
        "refused": _reasons(refused, rows),
        "edits": edits,
        "two": designing.needs_two(found.process),
        "mine": found.proposed_by_id == request.user.pk,
        "chosen": chosen,
        "number": next((row["number"] for row in rows if row["step"].key == chosen), None),
        "form": step_form.context(step, picks) if edits and step else None,
        "stamp": designing.stamp(step) if step else "",
        "options": found.read_options(),
        "option_words": sentences.options(found.read_options()),
        "rests": [(code, str(label)) for code, label in RESTS],
        "makes": [(code, str(label)) for code, label in MAKES],
        "orders": found.process.type in ORDERS,
        "kinds": [(code, str(kind.label)) for code, kind in KINDS.items()],
        "flow": flow_of(found, picks),
        "running": found.documents.filter(state__in=states.RUNNING).count(),
        "history": version_history.told(found, picks),
    }
    return render(request, "workflows/designer/version.html", context, status=status)


def _reasons(
    errors: Iterable[LineError], rows: list[dict[str, Any]]
) -> list[tuple[dict[str, Any] | None, str]]:
    """(the row of the step or None, what is wrong) of each."""
    return [(rows[error.line - 1] if error.line else None, str(error.message)) for error in errors]


@require_POST
@needs(designing.RIGHT)
def step(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Save one step of a draft as its form says, and show it again."""
    found = find_version(company, type_code, number)
    key = request.POST.get("key", "")
    old = next((one for one in found.read_steps() if one.key == key), None)
    if old is None:
        raise Http404(key)
    try:
        new = step_form.read(old, request.POST, Picks(found.process))
        seen = request.POST.get("stamp", "")
        designing.put_step(found, new, seen=seen, access=access_for(request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{url_of(found)}?step={key}#step")


@require_POST
@needs(designing.RIGHT)
def step_list(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Add, move or remove a step of a draft: ``do`` is add, up, down or remove."""
    found = find_version(company, type_code, number)
    access = access_for(request.user)
    do, key = request.POST.get("do", ""), request.POST.get("key", "")
    try:
        if do == "add":
            key = designing.add_step(found, request.POST.get("kind", ""), access=access).key
        elif do in {"up", "down"}:
            designing.move_step(found, key, up=do == "up", access=access)
        elif do == "remove":
            designing.remove_step(found, key, access=access)
            key = ""
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{url_of(found)}?step={key}" + ("#step" if do == "add" else "#steps"))


@require_POST
@needs(designing.RIGHT)
def options(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Save the options of a draft."""
    found = find_version(company, type_code, number)
    try:
        read = step_form.read_options(request.POST.dict(), found.read_options())
        note = request.POST.get("note", "")
        designing.put_options(found, read, note=note, access=access_for(request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{url_of(found)}?step={OPTIONS}#step")


@require_POST
@needs(designing.RIGHT)
def propose(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Ask another person to activate a draft, or say everything that is against it."""
    found = find_version(company, type_code, number)
    said = _("Version %(number)d is proposed. Others are told.")
    return _put_in_force(request, found, designing.propose, said) or redirect(url_of(found))


@require_POST
@needs(designing.RIGHT)
def activate(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Let new documents travel by a draft, or say everything that is against it."""
    found = find_version(company, type_code, number)
    said = _("Version %(number)d is active. Running documents stay on their version.")
    refused = _put_in_force(request, found, designing.activate, said)
    return refused or redirect("workflows:process", company, type_code)


def _put_in_force(
    request: HttpRequest, found: ProcessVersion, do: Callable[..., ProcessVersion], said: str
) -> HttpResponse | None:
    """Propose or activate; the designer with every reason if that is refused, else None and what to say."""
    try:
        do(found, actor=signed_in(request), access=access_for(request.user))
    except DomainError as error:
        if not error.lines:
            raise
        return _designer(request, found, refused=error.lines, status=422)
    messages.success(request, said % {"number": found.number})
    return None


@require_POST
@needs(designing.RIGHT)
def discard(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """Throw a draft away."""
    designing.discard(find_version(company, type_code, number), access=access_for(request.user))
    return redirect("workflows:process", company, type_code)


@require_safe
@reads
def compare(request: HttpRequest, company: int, type_code: str, number: int) -> HttpResponse:
    """What changed, in words: against the active version, or ``?with=`` another."""
    found = find_version(company, type_code, number)
    others = list(found.process.versions.exclude(pk=found.pk).order_by("-number"))
    wanted = request.GET.get("with", "")
    other = next((one for one in others if str(one.number) == wanted), None)
    other = other or next((v for v in others if v.state == ProcessVersion.State.ACTIVE), None)
    other = other or (others[0] if others else found)
    context = {
        "version": found,
        "process": found.process,
        "other": other,
        "others": others,
        "differences": sentences.compare(other, found, Picks(found.process)),
    }
    return render(request, "workflows/designer/compare.html", context)
