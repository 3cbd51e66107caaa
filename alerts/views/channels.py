"""The doors of channels: one's own at the profile, those of rooms for the administrator."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.channel_forms import ChannelForm
from alerts.channels import managing
from alerts.models import Channel, Message
from core.errors import DomainError
from core.said import again
from people import notice_kinds
from people.access import access_for
from people.doors import needs, signed_in

_SHOWN = 50


def _page(room: bool) -> str:
    return "alerts:rooms" if room else "alerts:channels"


@never_cache
@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """One's own channels."""
    return _listing(request, room=False)


@never_cache
@needs(managing.RIGHT)
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    """The channels of rooms and programs."""
    return _listing(request, room=True)


def _listing(request: HttpRequest, *, room: bool) -> HttpResponse:
    rows = managing.rooms() if room else managing.of_person(signed_in(request))
    return render(
        request,
        "alerts/channels.html",
        {"rows": rows, "room": room, "kinds": Channel.Kind.choices},
    )


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Add one of one's own."""
    return _new(request, kind, room=False)


@needs(managing.RIGHT)
@require_http_methods(["GET", "POST"])
def new_room(request: HttpRequest, kind: str) -> HttpResponse:
    """Add one of a room."""
    return _new(request, kind, room=True)


def _new(request: HttpRequest, kind: str, *, room: bool) -> HttpResponse:
    if kind not in Channel.Kind.values:
        raise Http404
    user = signed_in(request)
    label = str(Channel.Kind(kind).label)
    first = {
        "name": label,
        "severity": "high" if room else "medium",
        "tasks": True,
        "late": True,
        "cases": True,
        "digest": True,
    }
    form = ChannelForm(kind, request.POST or None, room=room, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            channel, secret = managing.add(
                kind, form.cleaned_data, user=None if room else user, access=access_for(user)
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            if secret:
                shown = {"channel": channel, "made": secret, "room": room}
                return render(request, "alerts/channel_secret.html", shown)
            messages.success(
                request, _("The channel is added. Send a trial message to see it work.")
            )
            return redirect("alerts:channel", channel.key)
    context = {"form": form, "room": room, "label": label, "back": _page(room)}
    return render(request, "alerts/channel.html", context, status=400 if form.errors else 200)


def _own_or_404(request: HttpRequest, key: uuid.UUID) -> Channel:
    user = signed_in(request)
    try:
        return managing.get(key, user, access_for(user))
    except Channel.DoesNotExist as error:
        raise Http404 from error


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A channel: what it carries, what became of its messages; change it."""
    channel = _own_or_404(request, key)
    room = channel.user_id is None
    names = [name for name in ChannelForm.base_fields if name not in {"address", "secret"}]
    form = ChannelForm(
        channel.kind,
        request.POST or None,
        room=room,
        kept=bool(channel.address),
        initial={name: getattr(channel, name) for name in names},
    )
    if request.method == "POST" and form.is_valid():
        try:
            managing.change(channel, form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved"))
            return redirect("alerts:channel", channel.key)
    sent = Message.objects.filter(channel=channel).exclude(state=Message.State.SKIPPED)
    context = {
        "form": form,
        "room": room,
        "channel": channel,
        "label": channel.get_kind_display(),
        "back": _page(room),
        "why": again(channel.stopped_why),
        "sent": [
            (message, notice_kinds.text(message.kind, message.data))
            for message in sent.order_by("-pk")[:_SHOWN]
        ],
    }
    return render(request, "alerts/channel.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def act(request: HttpRequest, key: uuid.UUID, verb: str) -> HttpResponse:
    """Try, stop, take up again or remove a channel."""
    channel = _own_or_404(request, key)
    room = channel.user_id is None
    if verb == "try":
        try:
            managing.attempt(channel)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The trial message has arrived."))
    elif verb == "stop":
        managing.pause(channel)
        messages.success(request, _("Stopped. What comes meanwhile is not sent later."))
    elif verb == "resume":
        managing.resume(channel)
        messages.success(request, _("It carries messages again from now on."))
    elif verb == "remove":
        managing.remove(channel)
        messages.success(request, _("The channel is removed."))
        return redirect(_page(room))
    else:
        raise Http404
    return redirect("alerts:channel", channel.key)
