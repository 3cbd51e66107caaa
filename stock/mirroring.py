"""Only what a reversal is made of: the mirror of movements, and why some cannot be reversed."""

from collections.abc import Sequence

from core.errors import LineError
from core.said import said as _
from stock import movement_types
from stock.models import Movement, Posting
from stock.movement_types import Cost
from stock.plan import LineInput


def breaks_a_conversion(posting: Posting, chosen: Sequence[Movement]) -> bool:
    """Whether some lines of a conversion would be reversed and others not."""
    shared = {kind.code for kind in movement_types.MOVEMENT_TYPES if kind.cost is Cost.SHARED}
    groups = {(one.type, one.cost_object) for one in chosen if one.type in shared}
    if not groups:
        return False
    every = Movement.objects.filter(posting=posting).values_list("type", "cost_object", "line")
    lines = {line for kind, cost_object, line in every if (kind, cost_object) in groups}
    return not lines <= {one.line for one in chosen}


def mirror(movement: Movement) -> LineInput:
    """The movement the other way round."""
    return LineInput(
        type=movement.type,
        item=movement.item_id,
        source=movement.target_id,
        target=movement.source_id,
        quantity=movement.quantity,
        lot=movement.lot_id,  # type: ignore[arg-type]  # never null; the stubs take a default for null
        owner=movement.owner_id,  # type: ignore[arg-type]  # the same
        value=movement.value,
        partner=movement.partner_id,
        department=movement.department_id,
        cost_object=movement.cost_object,
        reason=movement.reason,
        original=movement.pk,
        line_key=movement.line_key,
    )


def irreversible(movements: Sequence[Movement]) -> list[LineError]:
    """What of these movements was reversed or returned before, or is a reversal itself."""
    followed: dict[int | None, bool] = {}
    successors = Movement.objects.filter(
        original__in=[movement.pk for movement in movements], successors__isnull=True
    ).exclude(type="settlement")
    for original, reversal in successors.values_list("original", "reversal"):
        followed[original] = followed.get(original, False) or reversal
    errors = []
    for line, movement in enumerate(movements, 1):
        if movement.reversal:
            message = _("A reversal cannot be reversed; post the change again.")
            errors.append(LineError(line, "is_reversal", message))
        elif movement.pk in followed:
            reversed_before = followed[movement.pk]
            message = (
                _("This was reversed already.")
                if reversed_before
                else _("Something was returned or adjusted on this movement; reverse that first.")
            )
            code = "reversed_already" if reversed_before else "has_successors"
            errors.append(LineError(line, code, message))
    return errors
