"""Only arithmetic of cost: what leaves a pool is worth, and what is left, in whole scaled units.

A pool holds quantity and value; unit cost is never kept. Moving average and specific cost take a share
of the value, FIFO takes the oldest layers. Whoever empties a pool takes all that is left, so that nothing
without quantity has value. Quantities are scaled by 10**6, values by 10**4; ``step`` is the smallest
amount of the currency in scaled value units (100 for two decimals).
"""

from collections.abc import Sequence

from core.numbers import QUANTITY_SCALE, VALUE_SCALE, divide_half_up


class Layer:
    """What is left of one receipt in a FIFO pool; ``id`` is None until it is written."""

    __slots__ = ("id", "line", "movement", "quantity", "value", "was")

    def __init__(self, id: int | None, movement: int | None, quantity: int, value: int) -> None:
        self.id = id
        self.movement = movement
        self.line = -1
        self.quantity = quantity
        self.value = value
        self.was = (quantity, value) if id is not None else (0, 0)

    @property
    def changed(self) -> bool:
        """Whether it has to be written."""
        return self.id is None or self.was != (self.quantity, self.value)


class Pool:
    """The cost pool of one item while a posting is planned."""

    __slots__ = (
        "id",
        "last_quantity",
        "last_value",
        "layers",
        "method",
        "quantity",
        "value",
        "was",
    )

    def __init__(
        self,
        id: int | None,
        method: str,
        quantity: int = 0,
        value: int = 0,
        last_quantity: int = 0,
        last_value: int = 0,
    ) -> None:
        self.id = id
        self.method = method
        self.quantity = quantity
        self.value = value
        self.last_quantity = last_quantity
        self.last_value = last_value
        self.layers: list[Layer] = []
        self.was = (quantity, value, last_quantity, last_value)

    @property
    def changed(self) -> bool:
        """Whether it has to be written."""
        return self.was != (
            self.quantity,
            self.value,
            self.last_quantity,
            self.last_value,
        )


def amount(quantity: int, numerator: int, denominator: int, step: int) -> int:
    """``quantity`` × the unit cost ``numerator ÷ denominator``, rounded once to the currency."""
    return (
        divide_half_up(quantity * numerator * VALUE_SCALE, denominator * QUANTITY_SCALE * step)
        * step
    )


def share(value: int, part: int, whole: int, step: int) -> int:
    """``value × part ÷ whole`` rounded to the currency; the whole part is the whole value."""
    if part == whole:
        return value
    return divide_half_up(value * part, whole * step) * step


def allot(total: int, weights: Sequence[int], step: int) -> list[int]:
    """Split ``total`` by ``weights`` without losing a cent (largest remainder; equal if all are 0)."""
    if not weights:
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    units, odd = divmod(total, step)
    parts = [units * weight // whole for weight in weights]
    rest = units - sum(parts)
    order = sorted(range(len(weights)), key=lambda n: (-(units * weights[n] % whole), n))
    for n in order[:rest]:
        parts[n] += 1
    result = [part * step for part in parts]
    result[max(range(len(weights)), key=lambda n: weights[n])] += odd
    return result


def worth(pool: Pool, quantity: int, step: int) -> int:
    """What ``quantity`` is worth now, without taking it: the average, or the last known cost."""
    if pool.quantity > 0:
        return share(pool.value, quantity, pool.quantity, step)
    return at_last_cost(pool, quantity, step)


def at_last_cost(pool: Pool, quantity: int, step: int) -> int:
    """``quantity`` at the last known unit cost; 0 if nothing was ever received."""
    if pool.last_quantity == 0:
        return 0
    return divide_half_up(pool.last_value * quantity, pool.last_quantity * step) * step


def take(pool: Pool, quantity: int, step: int) -> int:
    """Take ``quantity`` out at the pool's own cost; returns its value.

    Below zero (the caller has allowed it) the missing part is valued at the last known cost.
    """
    here = min(quantity, max(pool.quantity, 0))
    value = 0
    if here:
        value = (
            _take_layers(pool, here, step)
            if pool.method == "fifo"
            else share(pool.value, here, pool.quantity, step)
        )
        value = min(value, pool.value) if here < pool.quantity else pool.value
    if here < quantity:
        value += at_last_cost(pool, quantity - here, step)
    pool.quantity -= quantity
    pool.value -= value
    return value


def take_at(pool: Pool, quantity: int, value: int, step: int, movement: int | None = None) -> int:
    """Take ``quantity`` out at a stated ``value`` (returns, reversals).

    Returns the settlement that keeps the pool true: positive if value was left over without goods,
    negative if more value was asked than the goods can have carried. FIFO takes the layer of
    ``movement`` first, then the oldest.
    """
    if pool.method == "fifo":
        here = min(quantity, max(pool.quantity, 0))
        true_value = pool.value - _take_layers(pool, here, step, movement)
        true_value -= at_last_cost(pool, quantity - here, step)
        pool.quantity -= quantity
    else:
        pool.quantity -= quantity
        true_value = pool.value - value
        if pool.quantity < 0:
            true_value = -at_last_cost(pool, -pool.quantity, step)
        elif pool.quantity == 0 or true_value < 0:
            true_value = 0
    settlement = pool.value - value - true_value
    pool.value = true_value
    return settlement


def put(
    pool: Pool,
    quantity: int,
    value: int,
    step: int,
    line: int = -1,
    movement: int | None = None,
) -> int:
    """Put ``quantity`` worth ``value`` in; returns the settlement to book (see ``take_at``).

    A pool below zero is valued at its last cost; the receipt sets a new one, and the difference
    between what had been assumed and what was paid is the settlement.
    """
    before = pool.quantity
    if quantity:
        pool.last_quantity, pool.last_value = quantity, value
    pool.quantity += quantity
    pool.value += value
    settlement = 0
    kept, kept_value = quantity, value
    if before < 0:
        if pool.quantity > 0:
            kept = pool.quantity
            kept_value = share(value, kept, quantity, step)
            true_value = kept_value
        elif pool.quantity == 0:
            kept = kept_value = true_value = 0
        else:
            kept = kept_value = 0
            true_value = -at_last_cost(pool, -pool.quantity, step)
        settlement = pool.value - true_value
        pool.value = true_value
    if pool.method == "fifo" and kept > 0:
        layer = Layer(None, movement, kept, kept_value)
        layer.line = line
        pool.layers.append(layer)
    return settlement


def revalue(pool: Pool, change: int, step: int, movement: int | None = None) -> bool:
    """Add ``change`` to the value of what is there; False (and nothing done) if that cannot be.

    FIFO changes the layer of ``movement`` where it is open, else all layers by quantity.
    """
    if pool.quantity <= 0 or pool.value + change < 0:
        return False
    if pool.method == "fifo":
        layers = [la for la in pool.layers if la.quantity and la.movement == movement]
        if movement is None or not layers:
            layers = [layer for layer in pool.layers if layer.quantity]
        if change < 0 and sum(layer.value for layer in layers) + change < 0:
            layers = [layer for layer in pool.layers if layer.quantity]
        weights = [la.value for la in layers] if change < 0 else [la.quantity for la in layers]
        for layer, part in zip(layers, allot(abs(change), weights, step), strict=True):
            layer.value += part if change > 0 else -part
    pool.value += change
    return True


def _take_layers(pool: Pool, quantity: int, step: int, movement: int | None = None) -> int:
    """Take from the layer of ``movement`` (if any) first, then from the oldest; returns their value."""
    value = 0
    own_first = sorted(pool.layers, key=lambda layer: layer.movement != movement)
    for layer in own_first if movement is not None else pool.layers:
        if not quantity:
            break
        part = min(quantity, layer.quantity)
        if part:
            worth_of_part = min(share(layer.value, part, layer.quantity, step), layer.value)
            layer.quantity -= part
            layer.value -= worth_of_part
            value += worth_of_part
            quantity -= part
    return value
