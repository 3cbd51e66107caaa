"""The way out: nothing inside is reached, nothing is followed, and the receiver can check who sent."""

import base64
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from core import outgoing


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it got and answers as its path says."""

    got: list[tuple[str, dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        """Take the message."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            self.drip(b"x" * 30)
            return
        if self.path == "/head":
            self.drip(b"HTTP/1.1 200 OK\r\n" + b"x" * 30)
            return
        status = {"/away": 302, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/stolen")
        self.end_headers()
        self.wfile.write(b"taken" if self.path != "/long" else b"y" * 100_000)

    def drip(self, content: bytes) -> None:
        """Send a byte every tenth of a second until nobody listens."""
        try:
            for letter in content:
                self.wfile.write(bytes([letter]))
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[str]:
    """The address of a receiver in the house."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    Receiver.got = []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


INSIDE = [
    "http://localhost:8000/",
    "https://localhost/",
    "http://127.0.0.1/",
    "https://127.1/",
    "https://0x7f.0.0.1/",
    "https://2130706433/",
    "https://0/",
    "https://10.1.2.3/",
    "https://192.168.0.1:8080/x",
    "https://172.16.9.9/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
]
ODD = [
    "",
    "nonsense",
    "ftp://203.0.113.1/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://user:secret@example.com/",
    "https://example.com:99999/",
    "https://exa mple.com/",
    "https://example.com/\r\nX: y",
    "https://" + "a" * 300 + ".example/",
    "https://[::1",
]


@pytest.mark.parametrize("url", [*INSIDE, *ODD])
def test_what_is_inside_or_odd_is_refused(url: str, settings: Any) -> None:
    """However it is written."""
    settings.OUTGOING_NETWORKS = []
    with pytest.raises(outgoing.AddressRefused):
        outgoing.resolve(url)


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to these addresses, one list after the other; returns what was asked."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_kind: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_public_address_is_allowed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Over TLS only; one private address among the public ones is enough to refuse."""
    settings.OUTGOING_NETWORKS = []
    names(monkeypatch, ["93.184.216.34"])
    target = outgoing.resolve("https://example.com/in?x=1")
    assert (target.ip, target.port, target.path) == ("93.184.216.34", 443, "/in?x=1")
    with pytest.raises(outgoing.AddressRefused):
        outgoing.resolve("http://example.com/")
    names(monkeypatch, ["93.184.216.34", "10.0.0.5"])
    with pytest.raises(outgoing.AddressRefused):
        outgoing.resolve("https://example.com/")


def test_a_name_that_changes_its_mind_reaches_nothing(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The name is asked once and the connection goes to that answer."""
    settings.OUTGOING_NETWORKS = []
    asked = names(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    reached: list[Any] = []

    def create_connection(address: Any, _timeout: float) -> Any:
        reached.append(address)
        raise OSError("no network here")

    monkeypatch.setattr(outgoing.socket, "create_connection", create_connection)
    with pytest.raises(outgoing.SendingFailed):
        outgoing.post("https://example.com/", b"", {})
    assert asked == ["example.com"]
    assert reached == [("93.184.216.34", 443)]


def test_the_receiver_can_check_the_signature(receiver: str) -> None:
    """With the shared secret, the key, the time and the bytes, as Standard Webhooks says."""
    secret = outgoing.new_secret()
    body = '{"凭证": 1}'.encode()
    answer = outgoing.post(f"{receiver}/in", body, outgoing.headers(secret, "HO-1", body))
    assert (answer.accepted, answer.text) == (True, "taken")
    ((path, headers, got),) = Receiver.got
    assert (path, got) == ("/in", body)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + got
    raw = base64.b64decode(secret.split("_", 1)[1])
    mac = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert outgoing.signature(secret, "HO-1", 1, body) != outgoing.signature(
        secret, "HO-1", 2, body
    )


def test_the_signature_is_the_one_of_the_published_example() -> None:
    """The example of the Standard Webhooks libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = outgoing.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_redirects_are_not_followed(receiver: str) -> None:
    """And are no acceptance; nor is an error."""
    assert not outgoing.post(f"{receiver}/away", b"x", {}).accepted
    assert not outgoing.post(f"{receiver}/broken", b"x", {}).accepted
    assert [path for path, _headers, _body in Receiver.got] == ["/away", "/broken"]


def test_a_slow_or_long_answer_does_not_hold_us(receiver: str) -> None:
    """A drop every tenth of a second ends at the limit; a long answer is cut."""
    for path in ("slow", "head"):
        started = time.monotonic()
        with pytest.raises(outgoing.SendingFailed):
            outgoing.post(f"{receiver}/{path}", b"x", {}, timeout=0.5)
        assert time.monotonic() - started < 3
    assert len(outgoing.post(f"{receiver}/long", b"x", {}).text) == outgoing.LONGEST_ANSWER
    with pytest.raises(outgoing.SendingFailed):
        outgoing.post("http://127.0.0.1:1/", b"x", {})
