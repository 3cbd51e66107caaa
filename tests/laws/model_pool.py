"""What stock costs, once more in plain Python: whole cents and fractions, from the rules alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction


def cents(amount: Fraction) -> int:
    """To the nearest whole cent, halves away from zero."""
    rounded = int(abs(amount) + Fraction(1, 2))
    return rounded if amount >= 0 else -rounded


def split(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Share out whole cents by weight; the cents left over go to the largest remainders, first come first."""
    if not weights:
        return []
    whole = sum(weights)
    if not whole:
        weights, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    exact = [Fraction(total) * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda n: exact[n] - parts[n], reverse=True)
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts


@dataclass
class Layer:
    """What is left of one receipt; ``nth`` says which receipt into the pool of this posting it was."""

    move: int | None
    quantity: Fraction
    value: int
    nth: int = 0


@dataclass
class Pool:
    """Goods that share a cost."""

    method: str
    born: int
    quantity: Fraction = Fraction(0)
    value: int = 0
    last: tuple[Fraction, int] | None = None
    layers: list[Layer] = field(default_factory=list)
    received: int = 0

    def at_last_cost(self, quantity: Fraction) -> int:
        """What goods cost when they last came in; nothing if none ever did."""
        return cents(quantity * self.last[1] / self.last[0]) if self.last else 0

    def price(self, quantity: Fraction) -> int:
        """What the quantity is worth, without taking it."""
        if self.quantity <= 0:
            return self.at_last_cost(quantity)
        if quantity == self.quantity:
            return self.value
        return cents(self.value * quantity / self.quantity)

    def issue(self, quantity: Fraction) -> int:
        """Goods leave at the pool's own cost; what is missing leaves at the last known cost."""
        here = min(quantity, max(self.quantity, Fraction(0)))
        value = 0
        if here:
            value = self._from_layers(here, None) if self.method == "fifo" else self.price(here)
        value += self.at_last_cost(quantity - here)
        self.quantity -= quantity
        self.value -= value
        return value

    def issue_at(self, quantity: Fraction, value: int, first: int | None) -> int:
        """Goods leave at a stated value; returns what is left over (above zero) or was lacking."""
        before = self.value
        here = min(quantity, max(self.quantity, Fraction(0)))
        if self.method == "fifo":
            now = before - self._from_layers(here, first) - self.at_last_cost(quantity - here)
        elif quantity > self.quantity:
            now = -self.at_last_cost(quantity - self.quantity)
        elif quantity == self.quantity:
            now = 0
        else:
            now = max(before - value, 0)
        self.quantity -= quantity
        self.value = now
        return before - value - now

    def receive(self, quantity: Fraction, value: int) -> int:
        """Goods come in; a pool below zero is settled with what they cost. Returns what is to settle."""
        before, owed = self.quantity, self.value
        self.last = (quantity, value)
        self.quantity += quantity
        kept = min(quantity, max(self.quantity, Fraction(0)))
        worth = value if kept == quantity else cents(value * kept / quantity)
        if before >= 0:
            self.value += value
        elif self.quantity >= 0:
            self.value = worth
        else:
            self.value = -self.at_last_cost(-self.quantity)
        if self.method == "fifo" and kept:
            self.layers.append(Layer(-1, kept, worth, self.received))
        self.received += 1
        return owed + value - self.value

    def revalue(self, change: int, first: int | None) -> bool:
        """Value comes or goes without goods; impossible without goods, or below zero."""
        if self.quantity <= 0 or self.value + change < 0:
            return False
        if self.method == "fifo":
            every = [layer for layer in self.layers if layer.quantity]
            own = [layer for layer in every if first is not None and layer.move == first]
            if not own or (change < 0 and sum(layer.value for layer in own) < -change):
                own = every
            weights = [Fraction(layer.value) if change < 0 else layer.quantity for layer in own]
            for layer, part in zip(own, split(abs(change), weights), strict=True):
                layer.value += part if change > 0 else -part
        self.value += change
        return True

    def _from_layers(self, quantity: Fraction, first: int | None) -> int:
        """Take from the layer of one receipt first, then from the oldest; returns the value."""
        value = 0
        own = [layer for layer in self.layers if first is not None and layer.move == first]
        rest = [layer for layer in self.layers if first is None or layer.move != first]
        for layer in own + rest:
            part = min(quantity, layer.quantity)
            if part:
                share = (
                    layer.value
                    if part == layer.quantity
                    else cents(layer.value * part / layer.quantity)
                )
                layer.quantity -= part
                layer.value -= share
                quantity -= part
                value += share
        self.layers = [layer for layer in self.layers if layer.quantity]
        return value
