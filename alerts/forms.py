"""The form of a rule: its fields, and one for each parameter of its kind."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alerts import ruling
from alerts.kinds.base import Kind, Parameter
from alerts.models import Rule
from core.fields import plain
from people.forms import Styled
from people.models import Role, User
from stock.models import Category, Item, Warehouse

_PARAMETER = "p_"


class EditRule(Styled, forms.ModelForm):
    """A rule of a kind; the item is typed by its code, for there are many."""

    item_code = forms.CharField(
        label=_("Item"), required=False, max_length=60, help_text=_("Its code; empty for all.")
    )

    class Meta:
        model = Rule
        fields = [
            "name", "category", "warehouse", "severity", "role", "fallback", "deadline_hours",
            "remind_hours", "hysteresis_percent", "dwell_minutes", "quiet_from", "quiet_until",
        ]  # fmt: skip
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.fields["name"].help_text = str(kind.label)
        for name, rows in (
            ("category", Category.objects.filter(archived_at=None)),
            ("warehouse", Warehouse.objects.filter(archived_at=None)),
            ("role", Role.objects.order_by("id")),
            ("fallback", User.objects.filter(is_active=True)),
        ):
            chosen: Any = self.fields[name]
            chosen.queryset = rows
        self.fields["item_code"].initial = self.instance.item.code if self.instance.item else ""
        for scope in ruling.SCOPES:
            if scope not in kind.scopes:
                self.fields.pop("item_code" if scope == "item" else scope)
        if not kind.lasting:
            self.fields.pop("dwell_minutes")
            self.fields.pop("hysteresis_percent")
        for one in kind.parameters:
            self.fields[_PARAMETER + one.name] = _field(one, kind.value(self.instance, one.name))
        self._style()
        first = [_PARAMETER + one.name for one in kind.parameters]
        self.order_fields(["name", *first, "item_code", "category", "warehouse"])

    def _style(self) -> None:
        for name, field in self.fields.items():
            if name.startswith(_PARAMETER):
                field.widget.attrs.setdefault("class", "inp")

    def clean_item_code(self) -> str:
        """The code of an item that is known."""
        code = str(self.cleaned_data["item_code"]).strip()
        if code and not Item.objects.filter(code__iexact=code).exists():
            raise forms.ValidationError(_("There is no item %(code)s."), params={"code": code})
        return code

    def _post_clean(self) -> None:
        """Put what was typed into the rule, then ask what is wrong with it."""
        super()._post_clean()  # type: ignore[misc]
        rule = self.instance
        if "item_code" in self.fields:
            code = self.cleaned_data.get("item_code", "")
            rule.item = Item.objects.filter(code__iexact=code).first() if code else None
        rule.parameters = {
            one.name: _number(self.cleaned_data[_PARAMETER + one.name])
            for one in self.kind.parameters
            if self.cleaned_data.get(_PARAMETER + one.name) is not None
        }
        for name, message in ruling.problems(rule).items():
            shown = name if name in self.fields else _PARAMETER + name
            shown = "item_code" if name == "item" and "item_code" in self.fields else shown
            if shown not in self.errors:
                self.add_error(shown if shown in self.fields else None, message)


def _field(one: Parameter, value: Decimal) -> forms.Field:
    label = capfirst(f"{one.label} ({one.unit})" if one.unit else str(one.label))
    return forms.DecimalField(
        label=label,
        initial=plain(value),
        min_value=one.least,
        max_value=one.most,
        decimal_places=0 if one.whole else 6,
    )


def _number(value: Decimal) -> int | str:
    return int(value) if value == value.to_integral_value() else plain(value)
