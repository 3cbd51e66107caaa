"""Large lists as files: asked for on the page, written in the background as the one who asked would see them.

The view of the list itself is asked again, as that person, so that the file holds exactly what the list shows
and nothing that the person may no longer see. Files are kept for a week.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import resolve
from django.utils import timezone, translation

from core import outbox
from core.errors import DomainError
from core.tables import View
from people.models import Export, User

TOPIC = "people.export"
KEEP = timedelta(days=7)


def start(view: View, kind: str, rows: int) -> HttpResponse:
    """Write the list to a file in the background; answers with the page on which one waits."""
    user = cast(User, view.request.user)
    with transaction.atomic():
        made = Export.objects.create(
            user=user,
            title=str(view.table.title)[:120],
            path=view.request.path,
            query=f"{view.kept}&export={kind}",
            rows=rows,
        )
        outbox.announce(TOPIC, subject=made.pk)
    prune()
    return redirect("people:exports")


def run(keys: list[int]) -> None:
    """Write the files that wait; what fails says so and is not tried again."""
    for job in Export.objects.filter(pk__in=keys, state=Export.State.WAITING):
        try:
            _write(job)
        except DomainError as error:
            _failed(job, str(error))
        except Exception:
            _failed(job, "")
            raise


def _failed(job: Export, message: str) -> None:
    Export.objects.filter(pk=job.pk).update(state=Export.State.FAILED, message=message[:300])


def _write(job: Export) -> None:
    user = User.objects.get(pk=job.user_id)
    target = path_of(job)
    target.parent.mkdir(parents=True, exist_ok=True)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        response = _asked(job, user)
        name = response.headers["Content-Disposition"].rpartition("''")[2]
        with target.open("wb") as file:
            # Not closed as the server would: that would end this process's connection to the database.
            for part in response:
                file.write(part)
    Export.objects.filter(pk=job.pk).update(
        state=Export.State.READY, name=name[:200], done=job.rows
    )


def _asked(job: Export, user: User) -> Any:
    """The answer of the list to this person; raises DomainError if there is no file any more."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = job.path
    request.META.update(SERVER_NAME="localhost", SERVER_PORT="80", QUERY_STRING=job.query)
    request.GET = QueryDict(job.query)
    request.user = user
    request.session = {}  # type: ignore[assignment]
    request.htmx = False  # type: ignore[attr-defined]
    request.export_progress = lambda done: Export.objects.filter(pk=job.pk).update(done=done)  # type: ignore[attr-defined]
    found = resolve(job.path)
    response = found.func(request, *found.args, **found.kwargs)
    if "Content-Disposition" not in response.headers:
        raise DomainError(translation.gettext("You may not see this list any more."))
    return response


def path_of(job: Export) -> Path:
    """Where the file lies."""
    return Path(settings.MEDIA_ROOT) / "exports" / str(job.key)


def prune() -> None:
    """Delete what is older than a week."""
    for job in Export.objects.filter(created_at__lt=timezone.now() - KEEP):
        path_of(job).unlink(missing_ok=True)
        job.delete()
