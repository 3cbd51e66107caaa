"""What is said of lines while they are typed, answered by whoever types: "it is right".

Only scripts and programs ask here: every answer is JSON, also a refusal and that nobody is signed in.
"""

import uuid

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from alerts.anomaly import accepting
from core.api.errors import as_domain_error
from core.errors import DomainError
from people.access import access_for
from people.doors import signed_in
from workflows import queries, reading

_SIGNED_OUT = 401


@require_POST
def accept(request: HttpRequest, document: uuid.UUID) -> JsonResponse:
    """Keep that the warning ``code`` on ``line`` was seen and is accepted."""
    if not request.user.is_authenticated:
        # A page of another address would be taken for an answer by whoever follows redirects.
        error = DomainError(
            _("You have been signed out. Sign in again in another tab, then try again here."),
            code="signed_out",
        )
        return JsonResponse(error.as_dict(), status=_SIGNED_OUT)
    try:
        _accept(request, document)
    except (DomainError, Http404) as refusal:
        told = as_domain_error(refusal) or DomainError(str(refusal))
        return JsonResponse(told.as_dict(), status=told.status)
    return JsonResponse({"said": _("Marked as right")})


def _accept(request: HttpRequest, document: uuid.UUID) -> None:
    user = signed_in(request)
    access = access_for(user)
    found = queries.with_names(queries.visible(user, access)).filter(key=document).first()
    if found is None:
        raise Http404
    line = str(reading.read_key(request.POST.get("line", "")))
    accepting.accept(found, line, request.POST.get("code", ""), actor=user, access=access)
