"""Model fields for exact numbers: a scaled integer in the database, a Decimal in Python."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

from core import numbers


class ExactFormField(forms.CharField):
    """A text input read by the one strict parser, so that nothing typed is rounded in silence."""

    def __init__(self, *, places: int, **options: Any) -> None:
        self.places = places
        for unused in ("min_value", "max_value"):
            options.pop(unused, None)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Decimal, or None for an empty input."""
        if value in (None, ""):
            return None
        try:
            return numbers.parse_decimal(value, places=self.places, lenient=True)
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="number") from error

    def prepare_value(self, value: Any) -> Any:
        """Without the zeros that nobody typed: 12.500000 is shown as 12.5."""
        return plain(value) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """12.5 and 12.500 are the same number."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


def plain(number: Decimal) -> str:
    """``number`` in digits without an exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class ExactField(models.BigIntegerField):
    """A number with a fixed count of decimals, kept as an integer so that sums are exact everywhere."""

    places = 0
    if TYPE_CHECKING:  # what may be assigned and what is read, for the type checker
        _pyi_private_set_type: Decimal | int | Combinable  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]
        _pyi_lookup_exact_type: Decimal | int  # type: ignore[assignment]
        _validators: list[Any]

    @property
    def scale(self) -> int:
        """What one stored unit is a fraction of."""
        return int(10**self.places)

    def db_check(self, connection: Any) -> str | None:
        """SQLite keeps an integer that is too large as a float, so there the table refuses it."""
        if connection.vendor == "sqlite":
            return f"typeof({connection.ops.quote_name(self.column)}) IN ('integer', 'null')"
        return super().db_check(connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """The stored integer as a Decimal."""
        return None if value is None else numbers.from_scaled(int(value), self.places)

    def to_python(self, value: Any) -> Any:
        """Decimal for whatever a form, a fixture or code assigns; raises ValidationError."""
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return numbers.parse_decimal(value, places=self.places)
        except numbers.NumberError as error:
            raise ValidationError(str(error), code="number") from error

    def get_prep_value(self, value: Any) -> int | None:
        """The scaled integer; raises NumberError where that would not be exact."""
        if value is None or hasattr(value, "resolve_expression"):
            return value
        number = self.to_python(value)
        return numbers.to_scaled(number, self.scale)

    def value_to_string(self, obj: models.Model) -> str:
        """For serialisation: digits, never a float."""
        value: Any = self.value_from_object(obj)
        return "" if value is None else plain(value)

    def formfield(self, **options: Any) -> Any:  # type: ignore[override]
        """A text input with the strict parser."""
        defaults: dict[str, Any] = {
            "form_class": ExactFormField,
            "places": self.places,
        }
        defaults.update(options)
        return super(models.IntegerField, self).formfield(**defaults)

    @property
    def validators(self) -> list[Any]:  # type: ignore[override]
        """The range is checked when the number is scaled; Django's own limits are those of integers."""
        return list(self._validators)


class QuantityField(ExactField):
    """A quantity in the item's base unit, 6 decimals."""

    places = numbers.QUANTITY_PLACES


class ValueField(ExactField):
    """A value in the company's currency, 4 decimals."""

    places = numbers.VALUE_PLACES
