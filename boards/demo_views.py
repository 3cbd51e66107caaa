"""The page on which the demo ends and real work begins."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice

from boards.demo import leaving
from core.errors import DomainError
from people.access import access_for
from people.doors import needs, signed_in
from people.forms import Setup
from people.models import Company, User

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class ForReal(Setup):
    """The set-up once more, for whoever ends the demo, with its name typed as a confirmation."""

    confirm = forms.CharField(label=gettext_lazy("Name of the demo company"), max_length=120)

    def __init__(self, *args: Any, user: User, demo: Company, **kwargs: Any) -> None:
        super().__init__(*args, ask_code=False, **kwargs)
        self.demo = demo
        for name in ("username", "name", "email"):
            self.fields[name].initial = getattr(user, name)
        if not leaving.knows_password(user):
            for name in ("password1", "password2"):
                self.fields[name].required = False
            self.fields["password1"].help_text = _("Leave it empty to keep yours.")
        self.fields["confirm"].help_text = _("Type “%(name)s”: everything of it goes.") % {
            "name": demo.name
        }

    def clean_confirm(self) -> str:
        """Nobody ends the demo by a slip."""
        typed = str(self.cleaned_data["confirm"]).strip()
        if typed != self.demo.name:
            raise forms.ValidationError(_("This is not the name of the demo company."))
        return typed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("system.manage")
def for_real(request: HttpRequest) -> HttpResponse:
    """What will be gone and what stays; then an empty system of one's own, one signed in."""
    user = signed_in(request)
    access_for(user).require("users.manage")
    demo = Company.objects.filter(is_demo=True).order_by("pk").first()
    if demo is None or not leaving.is_demo():
        messages.error(request, _("This is not the demo: there is nothing to end."))
        return redirect("boards:system")
    form = ForReal(request.POST or None, user=user, demo=demo)
    if request.method == "POST" and form.is_valid():
        try:
            request.user = AnonymousUser()  # histories name whoever asks, who is gone by then
            admin, kept = _start(form, user)
        except DomainError as error:
            request.user = user
            form.add_error(None, str(error))
        else:
            return _signed_in(request, admin, kept)
    status = 422 if form.errors else 200
    context = {"form": form, "demo": demo, "known": leaving.knows_password(user)}
    return render(request, "boards/for_real.html", context, status=status)


def _start(form: ForReal, user: User) -> tuple[User, Path]:
    data = form.cleaned_data
    return leaving.start_for_real(
        user,
        company=form.company(),
        password=data["password1"],
        username=data["username"],
        name=data["name"],
        email=data["email"],
        also_stock=data["also_stock"],
        warehouse_code=data["warehouse_code"],
        warehouse_name=data["warehouse_name"],
    )


def _signed_in(request: HttpRequest, admin: User, kept: Path) -> HttpResponse:
    """Nobody is signed in any more; this one is again, unless he has a second factor to show first."""
    request.session.flush()
    if TOTPDevice.objects.filter(user=admin).exists():
        return redirect("people:login")
    login(request, admin, backend=_BACKEND)
    messages.success(
        request,
        _("Everything is ready. The demo is kept in the backup %(file)s.") % {"file": kept.name},
    )
    return redirect("/")
