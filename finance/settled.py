"""Tells apps above which postings finance has settled: whatever waits for their invoices registers itself here."""

from collections.abc import Callable, Sequence

from people.models import User

Hook = Callable[[Sequence[int], User | None], object]
_hooks: list[Hook] = []


def register(hook: Hook) -> None:
    """Have ``hook(postings, actor)`` called in the transaction that settles them."""
    if hook not in _hooks:
        _hooks.append(hook)


def tell(postings: Sequence[int], actor: User | None) -> None:
    """These postings have nothing open any more."""
    for hook in _hooks:
        hook(postings, actor)
