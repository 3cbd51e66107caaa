"""Header and custom fields: which there are, what a value must be, and which are missing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core import asked
from core.errors import LineError
from core.fields import plain
from core.numbers import NumberError, parse_decimal
from core.questions import Question
from people.models import User
from workflows import document_types
from workflows.errors import DocumentRefused
from workflows.models import CustomField, Document

_OF_TYPE: Question[CustomField] = Question(
    lambda code: CustomField.objects.filter(type=code, archived_at=None), str
)


def of_type(code: str) -> list[CustomField]:
    """The custom fields of a type, in their order."""
    return _OF_TYPE.all(code)


def mapping(value: Any) -> Mapping[str, Any]:
    """Custom fields as a request gives them, key → value; raises DocumentRefused for anything else."""
    if value in (None, ""):
        return {}
    if not isinstance(value, Mapping):
        raise DocumentRefused(
            _("Custom fields are an object of keys and values."), code="custom_field"
        )
    return value


def read(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked plain values of custom fields; raises DocumentRefused naming every bad one."""
    fields = {field.key: field for field in of_type(code)}
    errors, read_ = [], {}
    for key, value in values.items():
        field = fields.get(key)
        if field is None:
            errors.append(LineError(0, "unknown_field", _("There is no field “%s”.") % key))
            continue
        try:
            if field.kind == CustomField.Kind.PHOTO and value not in (None, ""):
                raise ValueError(value)  # it is filled by an attachment, not by words
            read_[key] = _value(field, value)
        except (ValueError, TypeError, NumberError):
            message = _("%(field)s: “%(value)s” does not fit.") % {
                "field": field,
                "value": str(value)[:40],
            }
            errors.append(LineError(0, "custom_field", message, {"field": key}))
    if errors:
        raise DocumentRefused(str(errors[0].message), code="custom_field", lines=errors)
    return read_


def _value(field: CustomField, value: Any) -> Any:
    if value in (None, ""):
        return None
    kind = field.kind
    if kind == CustomField.Kind.NUMBER:
        return plain(parse_decimal(str(value), places=6, lenient=True))
    if kind == CustomField.Kind.DATE:
        return date.fromisoformat(str(value)).isoformat()
    if kind == CustomField.Kind.FLAG:
        if value in (True, "true", "1", "on", "yes"):
            return True
        if value in (False, "false", "0", "no"):
            return False
        raise ValueError(value)
    if kind == CustomField.Kind.CHOICE:
        if str(value) not in {str(choice) for choice in field.choices}:
            raise ValueError(value)
        return str(value)
    if kind == CustomField.Kind.USER:
        return _user(value)
    return str(value)[:2000]


def _user(value: Any) -> int:
    pk = asked.whole(value)
    if pk is None or not User.objects.filter(pk=pk, is_active=True).exists():
        raise ValueError(value)
    return pk


def missing(document: Document, names: Iterable[str]) -> list[str]:
    """The words of those fields among ``names`` (header fields, ``photo``, ``custom:KEY``) that are empty."""
    names = list(names)
    own = any(name.startswith("custom:") for name in names)
    return _missing(document, names, of_type(document.type) if own else ())


def _missing(document: Document, names: Iterable[str], fields: Iterable[CustomField]) -> list[str]:
    custom = {field.key: field for field in fields}
    absent = []
    for name in names:
        if name == "photo":
            photos = document.attachments.filter(removed_at=None, content_type__startswith="image/")
            if not photos.exists():
                absent.append(str(document_types.HEADER_FIELDS["photo"]))
        elif name.startswith("custom:"):
            field = custom.get(name.removeprefix("custom:"))
            if field is not None and not _filled(document, field):
                absent.append(str(field))
        elif name in document_types.HEADER_FIELDS and getattr(document, name) in (None, ""):
            absent.append(str(document.kind.word_of(name)))
    return absent


def _filled(document: Document, field: CustomField) -> bool:
    if field.kind == CustomField.Kind.PHOTO:
        photos = document.attachments.filter(removed_at=None, content_type__startswith="image/")
        return photos.filter(field=field.key).exists()
    return document.custom.get(field.key) not in (None, "")


def missing_at_submission(document: Document) -> list[str]:
    """What the type and its custom fields require before submitting."""
    fields = of_type(document.type)
    names = [*document.kind.required]
    names += [f"custom:{field.key}" for field in fields if field.required]
    return _missing(document, names, fields)
