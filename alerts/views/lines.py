"""What is said of lines while they are typed, answered by whoever types: "it is right"."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from alerts.anomaly import accepting
from people.access import access_for
from people.doors import signed_in
from workflows import queries, reading


@require_POST
@login_required
def accept(request: HttpRequest, document: uuid.UUID) -> JsonResponse:
    """Keep that the warning ``code`` on ``line`` was seen and is accepted."""
    user = signed_in(request)
    access = access_for(user)
    found = queries.with_names(queries.visible(user, access)).filter(key=document).first()
    if found is None:
        raise Http404
    line = str(reading.read_key(request.POST.get("line", "")))
    accepting.accept(found, line, request.POST.get("code", ""), actor=user, access=access)
    return JsonResponse({"said": _("Marked as right")})
