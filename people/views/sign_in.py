"""Doors of signing in and out: password, second step, invitation, forgotten password."""

import time
from typing import Any

from axes.utils import reset as reset_attempts
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import accounts, forms, invitations, setup, two_step
from people.models import Company, User

_PENDING = "second_step"
_PENDING_SECONDS = 300


@method_decorator(never_cache, name="dispatch")
class SignIn(auth_views.LoginView):
    """User name and password; asks for the code next when two-step sign-in is on."""

    template_name = "people/sign_in.html"
    authentication_form = forms.SignIn
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead to the set-up while there is nobody to sign in."""
        if not request.user.is_authenticated and setup.is_open():
            return redirect("people:setup")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """A demo account that was picked below the form."""
        return {**super().get_initial(), "username": self.request.GET.get("user", "")[:150]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Also the accounts of a demo company, whose password is no secret."""
        demo = Company.objects.filter(is_demo=True).exists()
        people = User.objects.filter(is_active=True).prefetch_related("memberships__role")
        return super().get_context_data(demo_people=people.order_by("pk") if demo else [], **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in at once, or keep the proven password in mind and ask for the code."""
        user = form.get_user()
        if two_step.device_of(user) is None:
            return super().form_valid(form)
        self.request.session.cycle_key()
        self.request.session[_PENDING] = {
            "user": user.pk,
            "backend": user.backend,
            "until": time.time() + _PENDING_SECONDS,
            "hash": user.get_session_auth_hash(),
            "next": self.get_success_url(),
        }
        return redirect("people:code")


def _pending(request: HttpRequest) -> tuple[User, dict[str, Any]] | None:
    """Who has proven the password and must still give the code."""
    kept = request.session.get(_PENDING)
    if not kept or kept["until"] < time.time():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["hash"]:
        return None
    return user, kept


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: the code of the phone's app or a backup code."""
    pending = _pending(request)
    if pending is None:
        request.session.pop(_PENDING, None)
        return redirect("people:login")
    user, kept = pending
    form = forms.Code(request.POST or None)
    if form.is_valid():
        if two_step.verify(user, form.cleaned_data["code"]):
            del request.session[_PENDING]
            login(request, user, backend=kept["backend"])
            target = kept["next"]
            safe = url_has_allowed_host_and_scheme(target, {request.get_host()})
            return redirect(target if safe else settings.LOGIN_REDIRECT_URL)
        form.add_error(
            "code", _("This code is not right, or was used. Wait for the next one and try again.")
        )
    return render(request, "people/code.html", {"form": form, "person": user})


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person sets the first password and is signed in."""
    user = invitations.invited_user(token)
    if user is None:
        return render(request, "people/link_dead.html", {"invitation": True}, status=410)
    form = forms.NewPassword(user, request.POST or None)
    if form.is_valid():
        accounts.accept(user, form.cleaned_data["new_password1"])
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        messages.success(request, _("Welcome, %(name)s.") % {"name": user})
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "people/invitation.html", {"form": form, "person": user})


class AskReset(auth_views.PasswordResetView):
    """Asks for the address; always answers the same."""

    template_name = "people/reset.html"
    form_class = forms.AskReset
    success_url = reverse_lazy("people:reset_sent")


class ResetSent(auth_views.PasswordResetDoneView):
    """Says where to look."""

    template_name = "people/reset_sent.html"


class SetPassword(auth_views.PasswordResetConfirmView):
    """Sets the new password; older sessions end because the password has changed."""

    template_name = "people/reset_confirm.html"
    form_class = forms.NewPassword
    success_url = reverse_lazy("people:login")

    def form_valid(self, form: Any) -> HttpResponse:
        """End a lock-out, and say that it worked."""
        reset_attempts(username=form.user.username)
        messages.success(self.request, _("Your password is changed. Sign in with it."))
        return super().form_valid(form)


def sign_in_first_user(request: HttpRequest, username: str, password: str) -> None:
    """Sign in the user that the set-up has just made."""
    user = authenticate(request, username=username, password=password)
    if user is not None:
        login(request, user)
