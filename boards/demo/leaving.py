"""The end of the demo: an empty system for real work, in which whoever ends it stays as administrator.

Nothing posted is ever deleted, with this one exception: while every company is the demo, nobody's real work is in the
book. A backup of the demo comes first; then everything goes or nothing does, in one transaction: the triggers come off,
all tables but those of the program are emptied, the triggers are back before anybody else can write (ADR 0129).
"""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from boards.demo.people import PASSWORD
from core import backup, triggers
from core.errors import Conflict
from core.models import JobRun
from people import setup
from people.models import Company, User

_OF_THE_PROGRAM = (ContentType, Permission, JobRun)
"""Their rows stay: what the schema says, and when jobs ran, the backup before it among them."""
_PREFERENCES = ("language", "theme", "density", "time_zone", "home", "single_keys")


def is_demo() -> bool:
    """Whether there is a company, and none that is not the demo."""
    companies = set(Company.objects.values_list("is_demo", flat=True))
    return companies == {True}


def knows_password(user: User) -> bool:
    """Whether everybody knows the user's password: the one that the demo gives to all."""
    return user.check_password(PASSWORD)


def start_for_real(
    user: User, *, company: Company, password: str, **details: Any
) -> tuple[User, Path]:
    """Empty the system and set it up for ``company``; the administrator, and where the demo is kept.

    ``details`` are those of ``setup.first_run``; without a ``password`` the user keeps his own, and second factors and
    preferences stay as well. Raises Conflict where there is real work, or a backup is being made; BackupError.
    """
    _refuse_real_work()
    made = backup.make()
    if made is None:
        raise Conflict(_("A backup is being made. Try again when it is ready."), code="busy")
    phones = list(TOTPDevice.objects.filter(user=user))
    codes = [
        (device, list(device.token_set.all())) for device in StaticDevice.objects.filter(user=user)
    ]
    with transaction.atomic():
        _refuse_real_work()
        _empty()
        admin = setup.first_run(company=company, password=password, **details)
        if not password:
            admin.password = user.password
        for name in _PREFERENCES:
            setattr(admin, name, getattr(user, name))
        admin.save()
        for phone in phones:
            _again(phone, user=admin)
        for device, tokens in codes:
            _again(device, user=admin)
            for token in tokens:
                _again(token, device=device)
    _drop_files()
    return admin, made.path


def _refuse_real_work() -> None:
    if not is_demo():
        raise Conflict(
            _("There is a company that is not the demo. Its work is never deleted."),
            code="not_demo",
        )


def _empty() -> None:
    """Every row of every table of ours, in spite of the triggers, which are back at the end."""
    kept = {model._meta.db_table for model in _OF_THE_PROGRAM}
    tables = [
        name
        for name in connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        if name not in kept
    ]
    triggers.drop_all(connection)
    for statement in connection.ops.sql_flush(no_style(), tables, reset_sequences=True):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def _again(row: Any, **of: Any) -> None:
    """Write a row that was taken away with its table."""
    row.pk = None
    row._state.adding = True
    for name, value in of.items():
        setattr(row, name, value)
    row.save()


def _drop_files() -> None:
    """The demo's attachments; they are in the backup."""
    root = Path(settings.MEDIA_ROOT)
    for found in root.iterdir() if root.is_dir() else ():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found, ignore_errors=True)
        else:
            found.unlink(missing_ok=True)
