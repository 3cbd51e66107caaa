"""The forms of master data; every check of one record, so that all that is wrong is shown at once."""

from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from core import codes
from stock import catalog
from stock.models import (
    Barcode,
    Category,
    CostPool,
    Item,
    ItemUnit,
    Lot,
    Movement,
    Partner,
    Place,
    Reason,
    Unit,
    Warehouse,
)


class MasterForm(forms.ModelForm):  # type: ignore[type-arg]
    """A record's form: controls get their classes, archived choices are left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, forms.Select):
                widget.attrs.setdefault("class", "sel")
            elif not isinstance(widget, forms.CheckboxInput):
                widget.attrs.setdefault("class", "inp")
            if isinstance(widget, forms.Textarea):
                widget.attrs["rows"] = 3
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                self._offer_used(name, field, field.queryset)

    def _offer_used(self, name: str, field: forms.ModelChoiceField, rows: Any) -> None:
        """Archived records are not offered, but for the one that is chosen already."""
        if any(one.name == "archived_at" for one in rows.model._meta.fields):
            now = getattr(self.instance, f"{name}_id", None)
            field.queryset = rows.filter(archived_at=None) | rows.filter(pk=now)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # missing in the stubs
        for name in self.errors:
            if name in self.fields:
                widget = self.fields[name].widget
                widget.attrs["aria-invalid"] = "true"
                widget.attrs["aria-describedby"] = f"id_{name}_error"


def _no_cycle(form: MasterForm, field: str = "parent") -> None:
    """Refuse a parent that lies below the record itself."""
    parent = form.cleaned_data.get(field)
    seen = 0
    while parent is not None and seen < 100:
        if parent.pk == form.instance.pk and parent.pk is not None:
            form.add_error(field, _("A record cannot belong to itself."))
            return
        parent, seen = parent.parent, seen + 1


class CategoryForm(MasterForm):
    """Categories; the cost method of one in use is changed by its own action."""

    class Meta:
        model = Category
        fields = ["code", "name", "parent", "cost_method"]

    def clean(self) -> dict[str, Any]:
        """No cycles, no silent change of the cost method."""
        data = super().clean() or {}
        _no_cycle(self)
        changed = self.instance.pk and "cost_method" in self.changed_data
        if changed and CostPool.objects.filter(item__category=self.instance).exists():
            self.add_error(
                "cost_method",
                _(
                    "Stock of this category has a value. Use “Change the cost method” at the top of this page."
                ),
            )
        return data


class UnitForm(MasterForm):
    """Units with their exact ratio to a reference unit."""

    class Meta:
        model = Unit
        fields = ["code", "name", "decimals", "reference", "numerator", "denominator"]


class ItemForm(MasterForm):
    """Items; what the book leans on cannot change once the item has moved."""

    class Meta:
        model = Item
        fields = [
            "code",
            "name",
            "other_name",
            "specification",
            "category",
            "base_unit",
            "tracking",
            "shelf_life_days",
            "lead_time_days",
            "reorder_point",
            "maximum",
            "note",
        ]

    def clean_code(self) -> str:
        """Codes that differ only in case are the same code."""
        code = codes.read(self.cleaned_data["code"])
        if Item.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is an item with this code already."))
        return code

    def clean(self) -> dict[str, Any]:
        """Unit, tracking and method stay once the item has moved; the maximum is above the reorder point."""
        data = super().clean() or {}
        low, high = data.get("reorder_point"), data.get("maximum")
        if low is not None and low < 0:
            self.add_error("reorder_point", _("Enter zero or more."))
        if low is not None and high is not None and high < low:
            self.add_error("maximum", _("The maximum must not be below the reorder point."))
        if self.instance.pk and Movement.objects.filter(item=self.instance).exists():
            for name in ("base_unit", "tracking"):
                if name in self.changed_data:
                    self.add_error(
                        name, _("The item has moved already; make a new item for this change.")
                    )
            category = data.get("category")
            problem = catalog.category_refusal(self.instance, category) if category else ""
            if problem:
                self.add_error("category", problem)
        return data


class LotForm(MasterForm):
    """Lots: dates and notes; number and item stay."""

    class Meta:
        model = Lot
        fields = ["number", "manufactured_on", "expires_on", "supplier_lot", "supplier", "note"]
        widgets = {
            "manufactured_on": forms.DateInput(attrs={"type": "date"}),
            "expires_on": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].disabled = bool(self.instance.pk)
        self.fields["supplier"].queryset = Partner.objects.filter(is_supplier=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A lot does not expire before it was made."""
        data = super().clean() or {}
        made, ends = data.get("manufactured_on"), data.get("expires_on")
        if made and ends and ends < made:
            self.add_error("expires_on", _("The lot cannot expire before it was made."))
        return data


class PartnerForm(MasterForm):
    """Suppliers and customers."""

    class Meta:
        model = Partner
        fields = [
            "code",
            "name",
            "is_supplier",
            "is_customer",
            "contact",
            "phone",
            "email",
            "address",
            "note",
        ]

    def clean(self) -> dict[str, Any]:
        """A partner is a supplier, a customer or both."""
        data = super().clean() or {}
        if not data.get("is_supplier") and not data.get("is_customer"):
            self.add_error("is_supplier", _("Tick supplier, customer or both."))
        return data


class WarehouseForm(MasterForm):
    """Warehouses; a new one gets its first places by itself."""

    class Meta:
        model = Warehouse
        fields = ["code", "name", "department", "address"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = bool(self.instance.pk)


class PlaceForm(MasterForm):
    """Places; where a place belongs is fixed once stock has been there."""

    class Meta:
        model = Place
        fields = ["warehouse", "kind", "code", "name", "parent", "is_group", "walking_order"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from stock import place_kinds

        self.fields["kind"].choices = place_kinds.PHYSICAL_CHOICES  # type: ignore[attr-defined]
        self.fields["warehouse"].required = True
        parents = Place.objects.exclude(warehouse=None).exclude(pk=self.instance.pk)
        self.fields["parent"].queryset = parents.filter(archived_at=None)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """One warehouse along the tree, no cycles, nothing that the book leans on changes."""
        data = super().clean() or {}
        _no_cycle(self)
        parent, warehouse = data.get("parent"), data.get("warehouse")
        if parent and warehouse and parent.warehouse_id != warehouse.pk:
            self.add_error("parent", _("Choose a place of the same warehouse."))
        if self.instance.pk:
            moved = Movement.objects.filter(source=self.instance) | Movement.objects.filter(
                target=self.instance
            )
            fixed = [n for n in ("warehouse", "kind", "is_group") if n in self.changed_data]
            if fixed and moved.exists():
                for name in fixed:
                    self.add_error(name, _("Stock has been here already; make a new place."))
        return data


class ReasonForm(MasterForm):
    """Reasons."""

    class Meta:
        model = Reason
        fields = ["code", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = self.instance.pk is not None and self.instance.is_shipped


class RowForm(MasterForm):
    """A row of an inline list."""


class _Rows(BaseInlineFormSet):  # type: ignore[type-arg]
    """Inline rows of an item; the same thing is not entered twice."""

    once = ""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            value = form.cleaned_data.get(self.once) if hasattr(form, "cleaned_data") else None
            if value is None or form.cleaned_data.get("DELETE"):
                continue
            if value in seen:
                form.add_error(self.once, _("This is entered twice."))
            seen.add(value)


class _UnitRows(_Rows):
    once = "unit"

    def clean(self) -> None:
        """The base unit is 1 by itself."""
        super().clean()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            unit = data.get("unit")
            if unit and not data.get("DELETE") and unit.pk == self.instance.base_unit_id:
                form.add_error("unit", _("This is the base unit of the item already."))


class _BarcodeRows(_Rows):
    once = "code"


ItemUnitRows = forms.inlineformset_factory(
    Item,
    ItemUnit,
    form=RowForm,
    formset=_UnitRows,
    fields=["unit", "numerator", "denominator"],
    extra=1,
)
BarcodeRows = forms.inlineformset_factory(
    Item, Barcode, form=RowForm, formset=_BarcodeRows, fields=["code", "unit"], extra=1
)


class BinsForm(forms.Form):
    """Many places at once: A-01 … A-20, each with levels 1 … 4."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.filter(archived_at=None), label=_("Warehouse")
    )
    zone = forms.CharField(label=_("Zone"), max_length=20, help_text=_("For example A"))
    first = forms.IntegerField(label=_("First bay"), min_value=1, max_value=999, initial=1)
    last = forms.IntegerField(label=_("Last bay"), min_value=1, max_value=999, initial=10)
    levels = forms.IntegerField(label=_("Levels"), min_value=1, max_value=20, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "sel" if isinstance(field.widget, forms.Select) else "inp"

    def clean_zone(self) -> str:
        """The zone is a code."""
        return codes.read(self.cleaned_data["zone"])

    def clean(self) -> dict[str, Any]:
        """Not backwards, and not more than can be meant."""
        data = super().clean() or {}
        first, last, levels = data.get("first"), data.get("last"), data.get("levels")
        if first and last and last < first:
            self.add_error("last", _("The last bay must not be before the first."))
        elif first and last and levels and (last - first + 1) * levels > 2_000:
            self.add_error("last", _("At most 2,000 places at once."))
        return data

    def codes(self) -> list[str]:
        """The codes asked for."""
        data = self.cleaned_data
        zone, levels = data["zone"], data["levels"]
        return [
            f"{zone}-{bay:02}" + (f"-{level}" if levels > 1 else "")
            for bay in range(data["first"], data["last"] + 1)
            for level in range(1, levels + 1)
        ]
