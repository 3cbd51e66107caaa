"""Every kind of rule there is; each is one module of this package that registers itself here."""

from alerts.kinds.base import Kind

_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; registering the same code again replaces it."""
    _KINDS[kind.code] = kind
    return kind


def get(code: str) -> Kind | None:
    """The kind, or None if it is not known (any more)."""
    return _KINDS.get(code)


def every() -> list[Kind]:
    """All kinds, in the order in which they were registered."""
    return list(_KINDS.values())


def load() -> None:
    """Import every kind of ours, so that each registers itself; called when the app starts."""
    from alerts.kinds import (  # noqa: F401 - they register themselves
        adjusting,
        dead_stock,
        duplicate,
        expiry,
        late,
        low_stock,
        negative,
        over_stock,
        problem,
        stockout,
        troubles,
        unusual,
        variance,
    )


def label(code: str) -> str:
    """What a kind is called."""
    kind = _KINDS.get(code)
    return str(kind.label) if kind else code
