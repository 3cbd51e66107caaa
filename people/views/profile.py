"""Doors of a user's own page: language, theme, password, two-step sign-in, sessions."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from people import forms, sessions, two_step
from people.access import access_for
from people.doors import signed_in
from people.models import Company, Membership, User


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language and theme; and what else belongs to the account."""
    user = signed_in(request)
    form = forms.Profile(
        request.POST or None, instance=User.objects.get(pk=user.pk), access=access_for(user)
    )
    if form.is_valid():
        saved = form.save()
        with override(saved.language or None):
            messages.success(request, _("Saved."))
        answer = redirect("people:profile")
        if not saved.language:
            answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return answer
    context = {
        "form": form,
        "device": two_step.device_of(user),
        "backup_codes_left": two_step.backup_codes_left(user),
        "sessions": sessions.open_sessions(user, current_key=request.session.session_key),
        "memberships": Membership.objects.filter(user=user)
        .select_related("role")
        .prefetch_related("scopes"),
        "time_zone": Company.objects.values_list("time_zone", flat=True).first()
        or settings.TIME_ZONE,
    }
    return render(request, "people/profile.html", context)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept with the account, or in a cookie while nobody is signed in."""
    code = request.POST.get("language", "")
    back = request.POST.get("next") or urlsplit(request.headers.get("Referer", "")).path or "/"
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    answer = redirect(back)
    known = {known for known, _name in settings.LANGUAGES}
    if code not in known or not check_for_language(code):
        return answer
    if request.user.is_authenticated:
        user = signed_in(request)
        user.language = code
        user.save(update_fields=["language"])
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SECURE,
        httponly=True,
    )
    return answer


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; every other session ends, this one gets a new key."""
    user = signed_in(request)
    form = forms.ChangePassword(user, request.POST or None)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, user)
        sessions.end(user, keep_key=request.session.session_key)
        messages.success(request, _("Your password is changed; other devices are signed out."))
        return redirect("people:profile")
    return render(request, "people/password.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def two_step_on(request: HttpRequest) -> HttpResponse:
    """Enrol a phone: show the picture, take the first code, show the backup codes once."""
    user = signed_in(request)
    try:
        device = two_step.begin(user)
    except DomainError as error:
        messages.info(request, str(error))
        return redirect("people:profile")
    form = forms.Code(request.POST or None)
    if form.is_valid():
        try:
            codes = two_step.confirm(user, form.cleaned_data["code"])
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            request.session.cycle_key()
            sessions.end(user, keep_key=request.session.session_key)
            return render(request, "people/backup_codes.html", {"codes": codes})
    secret = two_step.secret(device)
    return render(request, "people/two_step.html", {"form": form, "secret": secret})


@never_cache
@login_required
@require_safe
def two_step_qr(request: HttpRequest) -> HttpResponse:
    """The picture for the phone's app, only while enrolling."""
    picture = two_step.picture(signed_in(request))
    if picture is None:
        return HttpResponse(status=404)
    return HttpResponse(picture, content_type="image/svg+xml")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def two_step_off(request: HttpRequest) -> HttpResponse:
    """Switch two-step sign-in off, after the password."""
    user = signed_in(request)
    form = forms.PasswordOnly(user, request.POST or None)
    if form.is_valid():
        two_step.switch_off(user)
        messages.success(request, _("Two-step sign-in is off."))
        return redirect("people:profile")
    return render(request, "people/two_step_off.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def backup_codes(request: HttpRequest) -> HttpResponse:
    """New backup codes in place of the old ones, after the password."""
    user = signed_in(request)
    if two_step.device_of(user) is None:
        return redirect("people:profile")
    form = forms.PasswordOnly(user, request.POST or None)
    if form.is_valid():
        codes = two_step.renew_backup_codes(user)
        return render(request, "people/backup_codes.html", {"codes": codes})
    return render(request, "people/two_step_off.html", {"form": form, "renew": True})


@login_required
@require_POST
def end_session(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out one other device."""
    sessions.end(signed_in(request), handle=handle, keep_key=request.session.session_key)
    messages.success(request, _("That device is signed out."))
    return redirect("people:profile")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of the user, this one too."""
    sessions.end(signed_in(request))
    request.session.flush()
    return redirect("people:login")
