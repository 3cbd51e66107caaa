"""The only sender of mail about accounts; follows the outbox, so that a page never waits for mail."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext, gettext_noop, override

from people import invitations
from people.models import User

INVITED = "people.invited"
RESET = "people.password_reset"
INVITED_SUBJECT = gettext_noop("Your account for the stock")
RESET_SUBJECT = gettext_noop("Set a new password")


def _languages(user: User) -> list[str]:
    """The user's language; every language for a user who has chosen none."""
    return [user.language] if user.language else [code for code, _name in settings.LANGUAGES]


def _send(user: User, *, subject: str, template: str, context: Mapping[str, Any]) -> None:
    """Send one mail to the user, in their language or in all of ours one below the other."""
    subjects, parts = [], []
    for code in _languages(user):
        with override(code):
            subjects.append(gettext(subject))
            parts.append(render_to_string(template, {"person": user, **context}).strip())
    send_mail(
        " · ".join(dict.fromkeys(subjects)),
        "\n\n".join(dict.fromkeys(parts)) + "\n",
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
    )


def send_invitations(user_ids: list[int]) -> None:
    """Mail the link to those who are invited and have not yet set a password."""
    for user in User.objects.filter(pk__in=user_ids, is_active=True).exclude(email=""):
        if not user.has_usable_password():
            _send(
                user,
                subject=INVITED_SUBJECT,
                template="people/mail_invitation.txt",
                context={
                    "link": invitations.link_for(user),
                    "days": invitations.VALID_FOR.days,
                    "site": settings.SITE_URL,
                },
            )


def reset_link(user: User) -> str:
    """The link that lets the user set a new password, valid once and for three hours."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("people:reset_confirm", args=[uid, default_token_generator.make_token(user)])
    return f"{settings.SITE_URL}{path}"


def send_resets(user_ids: list[int]) -> None:
    """Mail the link for a new password to those who may sign in."""
    for user in User.objects.filter(pk__in=user_ids, is_active=True).exclude(email=""):
        if user.has_usable_password():
            _send(
                user,
                subject=RESET_SUBJECT,
                template="people/mail_reset.txt",
                context={
                    "link": reset_link(user),
                    "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
                    "site": settings.SITE_URL,
                },
            )
