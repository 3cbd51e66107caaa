"""Pushes batches by signed HTTP, through the outbox: tried again until they arrive, each try kept."""

from collections.abc import Sequence

from django.db import transaction

from core import outbox, outgoing
from core.errors import DomainError
from core.said import said as _
from finance.errors import BatchRefused
from finance.handover import batches, files
from finance.handover.formats import JSON
from finance.models import BatchEvent, HandoverProfile, VoucherBatch
from people.access import Access
from people.models import User

TOPIC = "finance.batch.push"
CONSUMER = "finance.push"
_LONGEST = 500
Kind = BatchEvent.Kind
State = VoucherBatch.State


def register() -> None:
    """Follow what is asked to be sent."""
    outbox.register(consumer=CONSUMER, topic=TOPIC, handler=deliver, batch=1, outside=True)


def set_address(profile: HandoverProfile, url: str, *, access: Access) -> str:
    """Set where batches are pushed ('' nowhere); returns a new secret, which is shown only now."""
    access.require(batches.RIGHT)
    url = url.strip()
    if url:
        outgoing.resolve(url)
    profile.push_url = url
    profile.push_secret = outgoing.new_secret() if url else ""
    profile.save(update_fields=["push_url", "push_secret"])
    return profile.push_secret


def ask(key: int, *, actor: User, access: Access) -> VoucherBatch:
    """Have a batch sent; BatchRefused if there is nowhere to send it."""
    access.require(batches.RIGHT)
    with transaction.atomic():
        batch = batches.locked(key)
        if not batch.profile.push_url:
            raise BatchRefused(_("Enter an address to send to first."))
        outgoing.resolve(batch.profile.push_url)
        batches.step(batch, "send")
        batches.log(batch, Kind.QUEUED, actor)
        outbox.announce(TOPIC, subject=batch.pk, data={"batch": str(batch)})
    return batch


def deliver(subjects: Sequence[int]) -> None:
    """What the outbox calls: send each batch that still is to be sent; raises if one did not arrive."""
    for key in subjects:
        batch = VoucherBatch.objects.select_related("profile").get(pk=key)
        if batch.state in {State.SENDING, State.FAILED}:
            _send(batch)


def _send(batch: VoucherBatch) -> None:
    """One try. The key is that of the batch, so that a receiver takes it once however often it comes."""
    profile = batch.profile
    body = files.write(batch, JSON.code).content
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "inventory-change-management",
        **outgoing.headers(profile.push_secret, str(batch.key), body),
    }
    try:
        answer = outgoing.post(profile.push_url, body, headers)
    except (outgoing.SendingFailed, DomainError) as error:
        _note(batch.pk, "fail", Kind.FAILED, str(error))
        raise
    said = f"HTTP {answer.status} {answer.text[:_LONGEST]}".strip()
    if not answer.accepted:
        _note(batch.pk, "fail", Kind.FAILED, said)
        raise outgoing.SendingFailed(said)
    _note(batch.pk, "arrive", Kind.SENT, said)


def _note(key: int, name: str, kind: str, text: str) -> None:
    """Keep how a try ended; what people did with the batch meanwhile stays."""
    with transaction.atomic():
        batch = batches.locked(key)
        if batch.state in {State.SENDING, State.FAILED}:
            batches.step(batch, name)
        batches.log(batch, kind, None, text)
