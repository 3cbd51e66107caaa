"""What a worker does for stock; every task may run twice or at once without harm."""

from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab

from core import beat
from stock import checking, reservations


@shared_task(name="stock.verify")
def verify() -> None:
    """Prove the book and tell the administrators if it is wrong."""
    checking.check()


@shared_task(name="stock.expire_reservations")
def expire_reservations() -> int:
    """End the promises whose time is over."""
    return len(reservations.expire_due())


beat.every("stock.expire_reservations", "stock.expire_reservations", timedelta(minutes=1))
beat.every("stock.verify", "stock.verify", crontab(hour="2", minute="20"))
