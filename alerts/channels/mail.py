"""E-mail: the same words as text and as HTML."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from alerts.channels import wording
from alerts.channels.base import Letter, NotDelivered
from alerts.models import Channel


def send(channel: Channel, letter: Letter) -> None:
    """Send it to the channel's address or else to that of its person; NotDelivered if the server does not take it."""
    address = channel.address or (channel.user.email if channel.user else "")
    if not address:
        raise NotDelivered("this person has no e-mail address")
    context = {"letter": letter, "site": settings.SITE_URL, "own": channel.user_id is not None}
    with override(wording.languages(channel)[0]):
        text = _text(channel, letter)
        html = render_to_string("alerts/mail.html", context)
    subject = " ".join(letter.title.split())
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [address])
    mail.extra_headers["Message-ID"] = f"<{letter.key}@inventory-change-management>"
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def _text(channel: Channel, letter: Letter) -> str:
    """The body as plain text."""
    parts = [
        "\n".join([*([part.head] if part.head else []), part.text, *part.lines, part.url])
        for part in letter.parts
    ]
    foot = settings.SITE_URL
    if channel.user_id is not None:
        where = f"{settings.SITE_URL}{reverse('alerts:channels')}"
        foot = f"{_('What you hear of, when and how is set here:')} {where}"
    return "\n\n".join([*parts, f"--\n{foot}"]) + "\n"
