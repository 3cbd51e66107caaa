"""What the pick-lists of the designer offer, and the names behind the codes that a process keeps."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from people.models import Department, Role, User
from stock.models import Category, Partner, Reason, Warehouse
from stock.models.partners import US
from workflows import conditions, document_types, fields
from workflows.conditions import Field
from workflows.models import CustomField, Process
from workflows.steps import WHO, Who

Pair = tuple[str, str]
_MOST = 500
"""Partners offered at once; what is chosen already stays offered."""


class Picks:
    """The choices for one process; each list is read when it is first asked for."""

    def __init__(self, process: Process) -> None:
        self.process = process

    @cached_property
    def roles(self) -> list[Pair]:
        """Every role."""
        return [(role.code, str(role)) for role in Role.objects.all()]

    @cached_property
    def users(self) -> list[Pair]:
        """Everybody who has not left."""
        return [(str(user.pk), str(user)) for user in User.objects.filter(is_active=True)]

    @cached_property
    def custom(self) -> list[CustomField]:
        """The custom fields of the type."""
        return fields.of_type(self.process.type)

    @cached_property
    def asked(self) -> list[Field]:
        """What a condition may ask of this type, its custom fields included."""
        kind = document_types.BY_CODE[self.process.type]
        left_out = set() if kind.target.warehouse == "target_warehouse" else {"target_warehouse"}
        left_out |= set() if kind.returns else {"without_original"}
        own = [field for field in conditions.FIELDS if field.code not in left_out]
        return own + [
            Field(f"custom:{field.key}:{field.kind}", str(field), str(field.kind))
            for field in self.custom
            if field.kind in conditions.OPERATORS
        ]

    @cached_property
    def form_fields(self) -> list[tuple[str, str | Promise]]:
        """What a step may require or hide: header fields of the type, the photo, custom fields."""
        kind = document_types.BY_CODE[self.process.type]
        names = [*kind.header, "note", "photo"]
        header = [(name, kind.word_of(name)) for name in names]
        return [*header, *((f"custom:{field.key}", str(field)) for field in self.custom)]

    @cached_property
    def _values(self) -> dict[str, list[Pair]]:
        return {}

    def values(self, field: str, chosen: Iterable[str] = ()) -> list[Pair]:
        """(code, name) of what a choice field may be; what is chosen stays, even if it is gone."""
        if field not in self._values:
            self._values[field] = self._read(field)
        offered = self._values[field]
        known = {code for code, _name in offered}
        return offered + [(code, code) for code in chosen if code not in known]

    def _read(self, field: str) -> list[Pair]:
        company = self.process.company_id
        if field in {"warehouse", "target_warehouse"}:
            rows = Warehouse.objects.filter(area__company=company, archived_at=None).order_by(
                "code"
            )
            return [(row.code, row.name) for row in rows]
        if field == "category":
            found = Category.objects.filter(archived_at=None).order_by("code")
            return [(row.code, row.name) for row in found]
        if field == "reason":
            reasons = Reason.objects.filter(archived_at=None).order_by("code")
            return [(row.code, str(row)) for row in reasons]
        if field == "partner":
            partners = Partner.objects.filter(archived_at=None).exclude(pk=US).order_by("code")
            return [(row.code, row.name) for row in partners[:_MOST]]
        if field == "department":
            parts = Department.objects.filter(archived_at=None).order_by("code")
            return [(row.code, row.name) for row in parts]
        if field == "asker_role":
            return self.roles
        key = field.split(":")[1] if field.startswith("custom:") else ""
        own = next((one for one in self.custom if one.key == key), None)
        return [(str(choice), str(choice)) for choice in own.choices] if own else []

    def label(self, field: str) -> str:
        """What a condition's field is called."""
        return next((str(one.label) for one in self.asked if one.code == field), field)

    def names(self, field: str) -> dict[str, str]:
        """Code → name of a choice field's values, and the field's own name under its code."""
        kind = conditions.kind_of(field)
        found = dict(self.values(field)) if kind == "choice" else {}
        return found | {field: self.label(field)}

    def words(self, condition: conditions.Condition | Mapping[str, object]) -> str:
        """The sentence of a condition with names instead of codes."""
        field = (
            condition.field if isinstance(condition, conditions.Condition) else condition["field"]
        )
        return conditions.words(condition, self.names(str(field)))

    def role(self, code: str) -> str:
        """What a role is called."""
        return dict(self.roles).get(code, code)

    def who(self, who: Who) -> str:
        """The people in words."""
        if who.kind == "role" and not who.role:
            return _("nobody yet")
        if who.kind == "role":
            return _scoped(who.scope) % {"role": self.role(who.role)}
        if who.kind == "user":
            return dict(self.users).get(str(who.user), _("somebody who has left"))
        return str(dict(WHO)[who.kind])


def _scoped(scope: str) -> str:
    if scope == "target_warehouse":
        return _("%(role)s of the receiving warehouse")
    if scope == "any":
        return _("%(role)s of any warehouse")
    return _("%(role)s of the document's warehouse")
