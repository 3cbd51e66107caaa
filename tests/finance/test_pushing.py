"""Pushing a batch: signed, tried again until it arrives, and nothing twice for a receiver that keeps keys."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jsonschema
import pytest

from core import outbox, outgoing
from core.models import OutboxRow
from finance.errors import BatchRefused
from finance.handover import batches, generic, pushing
from finance.models import VoucherBatch
from people.access import SYSTEM
from tests.finance.handing import Month

pytestmark = pytest.mark.django_db


class Receiver(BaseHTTPRequestHandler):
    """Checks the signature as the other side would, and answers with the next of ``answers``."""

    secret = ""
    answers: list[int] = []
    taken: dict[str, dict[str, Any]] = {}

    def do_POST(self) -> None:
        """Take a batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key, time = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        raw = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(raw, f"{key}.{time}.".encode() + body, hashlib.sha256).digest()
        right = self.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
        status = 401 if not right else self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken[key] = json.loads(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"taken" if status == 200 else b"no")

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(settings: Any) -> Iterator[str]:
    """Where the receiver listens."""
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    Receiver.answers, Receiver.taken, Receiver.secret = [], {}, ""
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/vouchers"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def batch() -> VoucherBatch:
    """A batch of three vouchers."""
    month = Month()
    month.live()
    month.review_all()
    return batches.make(month.profile(), month.first, actor=month.fay, access=SYSTEM)


def due() -> None:
    """Let what waits to be tried again be due now."""
    OutboxRow.objects.filter(topic=pushing.TOPIC).update(due_at="2020-01-01T00:00:00Z")


def test_a_batch_is_pushed_until_it_arrives(batch: VoucherBatch, address: str) -> None:
    """Two failures, then 200: the state follows, every try is kept, the receiver has it under one key."""
    Receiver.secret = pushing.set_address(batch.profile, address, access=SYSTEM)
    Receiver.answers = [500, 302]
    pushing.ask(batch.pk, actor=batch.made_by, access=SYSTEM)
    for state in ("failed", "failed", "sent"):
        due()
        outbox.deliver(pushing.CONSUMER)
        batch = VoucherBatch.objects.get()
        assert batch.state == state
    assert list(Receiver.taken) == [str(batch.key)]
    jsonschema.Draft202012Validator(generic.SCHEMA).validate(Receiver.taken[str(batch.key)])
    kinds = [event.kind for event in batch.events.all()]
    assert kinds == ["made", "queued", "failed", "failed", "sent"]
    assert "HTTP 500" in batch.events.filter(kind="failed")[0].text
    outbox.deliver(pushing.CONSUMER)
    assert batch.events.count() == 5
    assert batches.confirm(batch.pk, actor=batch.made_by, access=SYSTEM).state == "confirmed"


def test_a_wrong_secret_is_not_taken(batch: VoucherBatch, address: str) -> None:
    """The receiver sees that somebody else signed."""
    pushing.set_address(batch.profile, address, access=SYSTEM)
    Receiver.secret = outgoing.new_secret()
    pushing.ask(batch.pk, actor=batch.made_by, access=SYSTEM)
    outbox.deliver(pushing.CONSUMER)
    assert not Receiver.taken
    assert "HTTP 401" in batch.events.get(kind="failed").text


def test_what_was_taken_back_is_not_sent(batch: VoucherBatch, address: str) -> None:
    """Also when it waited to be tried again."""
    Receiver.secret = pushing.set_address(batch.profile, address, access=SYSTEM)
    Receiver.answers = [503]
    pushing.ask(batch.pk, actor=batch.made_by, access=SYSTEM)
    outbox.deliver(pushing.CONSUMER)
    batches.take_back(batch.pk, actor=batch.made_by, access=SYSTEM, reason="x")
    due()
    outbox.deliver(pushing.CONSUMER)
    assert not Receiver.taken


def test_inside_addresses_are_refused(batch: VoucherBatch, settings: Any) -> None:
    """When they are entered, and again when they are sent to."""
    settings.OUTGOING_NETWORKS = []
    with pytest.raises(outgoing.AddressRefused):
        pushing.set_address(batch.profile, "https://169.254.169.254/", access=SYSTEM)
    with pytest.raises(BatchRefused):
        pushing.ask(batch.pk, actor=batch.made_by, access=SYSTEM)
    batch.profile.push_url = "http://127.0.0.1:1/"
    batch.profile.save()
    with pytest.raises(outgoing.AddressRefused):
        pushing.ask(batch.pk, actor=batch.made_by, access=SYSTEM)
    assert not OutboxRow.objects.filter(topic=pushing.TOPIC).exists()
