"""The only way out by HTTP to addresses that people enter: signed, to public addresses, without redirects.

A name is resolved once, every address it has must be allowed, and the connection goes to that address (so a
name that changes its mind reaches nothing inside). Networks of OUTGOING_NETWORKS are allowed besides, also
without TLS: an accounting server in the house. Signatures are those of Standard Webhooks.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import DomainError
from core.said import said as _

TIMEOUT = 10.0
"""Seconds for the whole exchange."""
LONGEST_ANSWER = 16 * 1024
_PREFIX = "whsec_"
_CHUNK = 4096

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(DomainError):
    """The address may not be sent to; the message says why."""

    code = "address_refused"


class SendingFailed(Exception):
    """Nothing, or nothing usable, came back: no connection, no answer in time, not HTTP."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be sent to, with the one IP it resolved to."""

    host: str
    port: int
    path: str
    ip: str
    secure: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``text`` is its beginning."""

    status: int
    text: str

    @property
    def accepted(self) -> bool:
        """Any 2xx; a redirect is not followed and so is none."""
        return 200 <= self.status < 300


def resolve(url: str) -> Target:
    """Where a URL leads; AddressRefused unless it is https to public addresses, or in an allowed network."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        name = host.encode("idna").decode() if host and ":" not in host else host
    except (ValueError, UnicodeError) as error:
        raise AddressRefused(_("This is no web address.")) from error
    if parts.scheme not in {"http", "https"} or not name or not url.isprintable() or " " in url:
        raise AddressRefused(_("The address has to look like https://host/path."))
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(_("The address may not hold a user or password."))
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    addresses = _addresses(name, port)
    inside = all(_in_house(address) for address in addresses)
    if not all(_in_house(address) or _public(address) for address in addresses):
        raise AddressRefused(
            _(
                "%(host)s leads into a private network. The operator may allow it with OUTGOING_NETWORKS."
            )
            % {"host": host}
        )
    if not secure and not inside:
        raise AddressRefused(_("Outside the house only https:// is sent to."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(name, port, path, str(addresses[0]), secure)


def _addresses(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(_("%(host)s is not found.") % {"host": host}) from error
    return [_plain(ipaddress.ip_address(str(row[4][0]).partition("%")[0])) for row in found]


def _plain(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one, where it carries one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo
    inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _public(address: _Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _in_house(address: _Address) -> bool:
    networks = [ipaddress.ip_network(text) for text in settings.OUTGOING_NETWORKS]
    return any(address in network for network in networks if network.version == address.version)


# Signatures ----------------------------------------------------------------------------------------


def new_secret() -> str:
    """A secret to be shared with the receiver once."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """``v1,…`` over the message's key, its time (seconds) and body; ValueError for no such secret."""
    raw = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    signed = f"{key}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, key: str, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows sender, message and time; ``key`` stays the same in a retry."""
    timestamp = int(time.time())
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, key, timestamp, body),
    }


# Sending -------------------------------------------------------------------------------------------


def post(url: str, body: bytes, given: Mapping[str, str], *, timeout: float = TIMEOUT) -> Answer:
    """Send to the address and return what came back; AddressRefused or SendingFailed if nothing did."""
    target = resolve(url)
    until = time.monotonic() + timeout
    connection = _connection(target, timeout)
    # Each single read has the time limit too, but a head that comes letter by letter would never meet it.
    watch = threading.Timer(timeout, _hang_up, [connection])
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body=body, headers={"Accept": "*/*", **given})
        response = connection.getresponse()
        return Answer(response.status, _beginning(response, connection, until))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SendingFailed(f"{type(error).__name__}: {error}") from error
    finally:
        watch.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End a connection while another thread reads from it."""
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _beginning(
    response: http.client.HTTPResponse, connection: http.client.HTTPConnection, until: float
) -> str:
    """The beginning of an answer, read until a moment."""
    parts: list[bytes] = []
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        if sum(map(len, parts)) >= LONGEST_ANSWER:
            break
        if connection.sock is not None:
            connection.sock.settimeout(left)
        part = response.read1(_CHUNK)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)[:LONGEST_ANSWER].decode("utf-8", "replace")


def _connection(target: Target, timeout: float) -> http.client.HTTPConnection:
    """A connection that has its socket already, to the address that was looked at."""
    made = http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    try:
        plain = socket.create_connection((target.ip, target.port), timeout)
        made.sock = plain
        if target.secure:
            context = ssl.create_default_context()
            made.sock = context.wrap_socket(plain, server_hostname=target.host)
    except OSError as error:
        made.close()
        raise SendingFailed(f"{type(error).__name__}: {error}") from error
    return made
