"""The only writer of two-step sign-in: a code from an app on the phone, and backup codes on paper."""

from base64 import b32encode
from collections.abc import Iterable
from io import BytesIO

import segno
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.errors import DomainError
from people import notices
from people.models import User

BACKUP_CODES = 10


def device_of(user: User) -> TOTPDevice | None:
    """The confirmed device; None while two-step sign-in is off."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def backup_codes_left(user: User) -> int:
    """How many backup codes have not been used."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def begin(user: User) -> TOTPDevice:
    """The device being enrolled: the one begun before, else a new secret."""
    if device_of(user):
        raise DomainError(_("Two-step sign-in is already on."), code="two_step_on")
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="phone", confirmed=False)


def qr_svg(device: TOTPDevice) -> bytes:
    """The picture that the phone's app reads, as an SVG document."""
    code = segno.make(device.config_url, error="m")
    out = BytesIO()
    code.save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return out.getvalue()


def picture(user: User) -> bytes | None:
    """The picture of the device being enrolled; None when there is none."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return qr_svg(device) if device else None


def secret(device: TOTPDevice) -> str:
    """The secret in groups of four, for typing it into the app by hand."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@transaction.atomic
def confirm(user: User, code: str) -> list[str]:
    """Switch two-step sign-in on if the code is right; returns the backup codes, shown only now."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(_digits(code)):
        raise DomainError(
            _("This code is not right. Take the present one from the app."), code="wrong_code"
        )
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return renew_backup_codes(user)


@transaction.atomic
def renew_backup_codes(user: User) -> list[str]:
    """Replace all backup codes; returns the new ones, each good for one sign-in."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="backup", confirmed=True)
    codes = [StaticToken.random_token() for _number in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def verify(user: User, code: str) -> bool:
    """Whether the code is the app's present one or an unused backup code; each counts once.

    Wrong codes make the device wait longer each time, during which right ones are refused too.
    """
    devices: Iterable[TOTPDevice | StaticDevice] = (
        *TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True),
        *StaticDevice.objects.select_for_update().filter(user=user, confirmed=True),
    )
    typed = code.strip().lower().replace(" ", "")
    for device in devices:
        is_app = isinstance(device, TOTPDevice)
        if is_app != typed.isdecimal():
            continue
        allowed, _why = device.verify_is_allowed()
        if allowed and device.verify_token(_digits(typed) if is_app else typed):
            return True
    return False


@transaction.atomic
def switch_off(user: User) -> None:
    """Remove device and backup codes and tell the user."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    notices.notify([user], "people.two_step_off", url="/profile/")


def _digits(code: str) -> str:
    """The code as ASCII digits, or a text that no code equals."""
    kept = "".join(code.split())
    return str(int(kept)).zfill(6) if kept.isdecimal() else "-"
