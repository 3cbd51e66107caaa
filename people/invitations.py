"""The only maker and reader of invitation links: signed, valid for three days, used once."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from core import asked
from people.models import User

VALID_FOR = timedelta(days=3)
_SALT = "people.invitation"


def _fingerprint(user: User) -> str:
    """Changes with the password, so that a link ends when a password is set or a new link is made."""
    return salted_hmac(_SALT, f"{user.pk}:{user.password}:{user.email}").hexdigest()[:24]


def token_for(user: User) -> str:
    """The signed part of the link."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{user.pk}.{_fingerprint(user)}")


def link_for(user: User) -> str:
    """The whole link, on the address of the site from the settings, never from a request."""
    return f"{settings.SITE_URL}{reverse('people:invitation', args=[token_for(user)])}"


def invited_user(token: str) -> User | None:
    """Whom the link invites; None when it is forged, older than three days, or used."""
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    pk, _dot, fingerprint = value.partition(".")
    user = User.objects.filter(pk=asked.whole(pk) or 0, is_active=True).first()
    if user is None or user.has_usable_password():
        return None
    return user if constant_time_compare(fingerprint, _fingerprint(user)) else None
