"""The only writer of a first company: admin, company and first warehouse, all or nothing.

People knows nothing of warehouses; the app that does registers itself with ``on_company_created``.
"""

import ipaddress
import logging
import os
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from people import accounts, bootstrap
from people.models import Company, Membership, Role, User

log = logging.getLogger("inventory.setup")
CODE_FILE = "setup-code"
Hook = Callable[[Company, str, str], object]
_hooks: list[Hook] = []


def on_company_created(hook: Hook) -> None:
    """Have ``hook(company, warehouse code, warehouse name)`` called inside the set-up's transaction."""
    if hook not in _hooks:
        _hooks.append(hook)


def is_open() -> bool:
    """Whether the installation still waits for its first user."""
    return not User.objects.exists()


def company_for_loading(name: str) -> Company:
    """Make the company of an installation that has none: stock is loaded before anybody signs in.

    The set-up takes it over later, under the name that is typed then.
    """
    bootstrap.ensure_roles()
    return Company.objects.create(code="MAIN", name=name)


def loaded_company() -> Company | None:
    """The company whose stock was loaded before the set-up."""
    return Company.objects.order_by("pk").first()


@transaction.atomic
def first_run(
    *,
    username: str,
    name: str,
    email: str,
    password: str,
    also_stock: bool,
    company: Company,
    warehouse_code: str,
    warehouse_name: str,
) -> User:
    """Make the first user (administrator; if wanted warehouse head and finance too) and the company."""
    bootstrap.ensure_roles()
    accounts.lock_rights()
    if not is_open():
        raise Conflict(_("This installation has been set up already. Sign in."), code="set_up")
    user = User(username=username, name=name, email=email)
    user.set_password(password)
    user.save()
    codes = ["admin", *(["warehouse_head", "finance"] if also_stock else [])]
    for role in Role.objects.filter(code__in=codes):
        Membership.objects.create(user=user, role=role, everywhere=True)
    company.save()
    for hook in _hooks:
        hook(company, warehouse_code, warehouse_name)
    transaction.on_commit(forget_code)
    return user


def _is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def needs_code(request: HttpRequest) -> bool:
    """True unless a person on this very machine sets up an installation meant for it alone."""
    site = urlsplit(settings.SITE_URL).hostname or ""
    here = _is_loopback(request.META.get("REMOTE_ADDR", ""))
    return not (settings.EMBEDDED and _is_loopback(site) and here)


def ensure_code() -> str:
    """The one-time code; the first caller makes it, readable by us alone, and writes it to the log."""
    path = settings.VAR / CODE_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    code = secrets.token_hex(6)
    with os.fdopen(handle, "w") as file:
        file.write(code)
    log.warning("Set-up code: %s (also in %s)", code, path)
    return code


def code_is_right(code: str) -> bool:
    """Whether this is the code that was printed."""
    wanted = ensure_code()
    return bool(wanted) and constant_time_compare(code.strip().lower(), wanted)


def forget_code() -> None:
    """Remove the code once it has served."""
    (settings.VAR / CODE_FILE).unlink(missing_ok=True)
