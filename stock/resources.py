"""Round trips of master data: what is exported can be edited and imported again without loss."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from core import codes, numbers
from core.fields import plain
from stock import catalog, place_kinds, search_keys
from stock.models import (
    Barcode,
    Category,
    CostPool,
    Item,
    ItemUnit,
    Movement,
    Partner,
    Place,
    Unit,
    Warehouse,
)


def _code(text: str) -> str:
    """A code as it is kept; raises ValueError in words."""
    try:
        return codes.read(text)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error


class CodeWidget(widgets.ForeignKeyWidget):
    """A reference by code; an unknown code is named."""

    def __init__(self, model: Any) -> None:
        super().__init__(model, field="code")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The record of the code, None for an empty cell."""
        text = _code(str(value or ""))
        if not text:
            return None
        found = self.model.objects.filter(code__iexact=text).first()
        if found is None:
            raise ValueError(_("there is no “%(code)s”") % {"code": text})
        return found


class ExactWidget(widgets.Widget):
    """A quantity, read by the one strict parser."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        """Decimal, or None for an empty cell."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            return numbers.parse_decimal(text, places=numbers.QUANTITY_PLACES, lenient=True)
        except numbers.NumberError as error:
            raise ValueError(str(error)) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Digits without trailing zeros."""
        return "" if value is None else plain(value)


class BarcodesWidget(widgets.Widget):
    """All barcodes of an item in one cell, with a semicolon between."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        """The codes, each once."""
        text = str(value or "").replace("；", ";")
        return list(dict.fromkeys(_code(code) for code in text.split(";") if code.strip()))


class MasterResource(resources.ModelResource):
    """What all kinds share: records by code, whole-model checks, history by every save."""

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Numbers that a spreadsheet made of codes become text again; blanks around text go."""
        for name, value in list(row.items()):
            if isinstance(value, float) and value.is_integer():
                row[name] = str(int(value))
            elif value is None:
                row[name] = ""
            else:
                row[name] = str(value).strip()
        if row.get("code"):
            row["code"] = _code(row["code"])

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The history names who imported."""
        instance._history_user = kwargs.get("user")
        instance._change_reason = "import"


class CategoryResource(MasterResource):
    """Categories."""

    parent = fields.Field("parent", "parent", CodeWidget(Category))

    class Meta:
        model = Category
        import_id_fields = ("code",)
        fields = ("code", "name", "parent", "cost_method")
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        store_instance = True
        report_skipped = True

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """The method of a category with stock is not changed by a sheet."""
        before = Category.objects.filter(pk=instance.pk).first()
        changes = before is not None and before.cost_method != instance.cost_method
        if changes and CostPool.objects.filter(item__category=before).exists():
            raise ValidationError(
                {"cost_method": _("The cost method of a category with stock cannot change here.")}
            )
        super().validate_instance(instance, *args, **kwargs)


class UnitResource(MasterResource):
    """Units."""

    reference = fields.Field("reference", "reference", CodeWidget(Unit))

    class Meta:
        model = Unit
        import_id_fields = ("code",)
        fields = ("code", "name", "decimals", "reference", "numerator", "denominator")
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        store_instance = True
        report_skipped = True


class PartnerResource(MasterResource):
    """Suppliers and customers."""

    class Meta:
        model = Partner
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "is_supplier",
            "is_customer",
            "contact",
            "phone",
            "email",
            "address",
            "note",
        )
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        store_instance = True
        report_skipped = True

    def get_queryset(self) -> Any:
        """All but ourselves."""
        return super().get_queryset().exclude(pk=0)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The search key follows."""
        search_keys.refresh_partners([instance])


class ItemResource(MasterResource):
    """Items with their barcodes."""

    category = fields.Field("category", "category", CodeWidget(Category))
    base_unit = fields.Field("base_unit", "base_unit", CodeWidget(Unit))
    reorder_point = fields.Field("reorder_point", "reorder_point", ExactWidget())
    maximum = fields.Field("maximum", "maximum", ExactWidget())
    barcodes = fields.Field("barcode_text", "barcodes", BarcodesWidget())

    class Meta:
        model = Item
        import_id_fields = ("code",)
        fields = (
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
            "barcodes",
            "note",
        )
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        store_instance = True
        report_skipped = True

    def dehydrate_barcodes(self, item: Item) -> str:
        """The codes of an item, for the export and for the comparison."""
        wanted = getattr(item, "barcode_text", None)
        if wanted is not None:
            return ";".join(wanted)
        return ";".join(sorted(item.barcodes.values_list("code", flat=True))) if item.pk else ""

    def skip_row(
        self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        """Unchanged only if the barcodes are unchanged, too, in whatever order they are written."""
        original.barcode_text = sorted(self._barcodes(original))
        if hasattr(instance, "barcode_text"):
            instance.barcode_text = sorted(instance.barcode_text)
        return super().skip_row(instance, original, row, import_validation_errors)

    def _barcodes(self, item: Item) -> set[str]:
        return set(item.barcodes.values_list("code", flat=True)) if item.pk else set()

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """What the book leans on stays; a barcode belongs to one item."""
        before = Item.objects.select_related("category").filter(pk=instance.pk).first()
        errors: dict[str, str] = {}
        if before and Movement.objects.filter(item=before).exists():
            if before.base_unit_id != instance.base_unit_id or before.tracking != instance.tracking:
                errors["base_unit"] = _("The item has moved already: unit and tracking stay.")
            if before.category.cost_method != getattr(instance.category, "cost_method", None):
                errors["category"] = _("The item has moved already: the cost method stays.")
        taken = Barcode.objects.filter(code__in=getattr(instance, "barcode_text", ()))
        other = taken.exclude(item_id=instance.pk).select_related("item").first()
        if other:
            errors["code"] = _("Barcode %(code)s belongs to %(item)s.") % {
                "code": other.code,
                "item": other.item.code,
            }
        named = Item.objects.filter(code__in=getattr(instance, "barcode_text", ()))
        if clash := named.exclude(pk=instance.pk).first():
            errors["code"] = _("%(code)s is the code of another item.") % {"code": clash.code}
        if Item.objects.filter(code__iexact=instance.code).exclude(pk=instance.pk).exists():
            errors["code"] = _("There is an item with this code already.")
        if ItemUnit.objects.filter(item=instance.pk, unit=instance.base_unit_id).exists():
            errors["base_unit"] = _("The unit is one of the item's other units.")
        if errors:
            raise ValidationError(errors)
        super().validate_instance(instance, *args, **kwargs)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Barcodes and the search key follow the item."""
        wanted = set(getattr(instance, "barcode_text", ()))
        there = self._barcodes(instance)
        for code in sorted(wanted - there):
            Barcode.objects.create(item=instance, code=code)
        for barcode in Barcode.objects.filter(item=instance, code__in=there - wanted):
            barcode.delete()
        search_keys.refresh_items([instance])


class ParentWidget(widgets.Widget):
    """The zone a place belongs to, by its code in the warehouse of the row."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Place | None:
        """The place of the code, None for an empty cell."""
        text = _code(str(value or ""))
        if not text:
            return None
        house = _code(str((row or {}).get("warehouse", "")))
        places = Place.objects.filter(warehouse__code__iexact=house, code__iexact=text)
        found = places.filter(archived_at=None).first()
        if found is None:
            raise ValueError(_("there is no “%(code)s”") % {"code": f"{house}/{text}"})
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Its code."""
        return value.code if value else ""


class PlaceResource(MasterResource):
    """Places of warehouses, zones before what is in them."""

    warehouse = fields.Field("warehouse", "warehouse", CodeWidget(Warehouse))
    parent = fields.Field("parent", "parent", ParentWidget())

    class Meta:
        model = Place
        import_id_fields = ("warehouse", "code")
        fields = ("warehouse", "code", "name", "kind", "parent", "is_group", "walking_order")
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True
        store_instance = True
        report_skipped = True

    def get_queryset(self) -> Any:
        """Places of ours that are in use."""
        rows = super().get_queryset().filter(warehouse__isnull=False, archived_at=None)
        return rows.select_related("warehouse", "parent").order_by("path")

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """What the book leans on stays; a place lies in a zone of its own warehouse, and in none of its own."""
        errors: dict[str, str] = {}
        house = instance.warehouse if instance.warehouse_id else None
        if house is None:
            raise ValidationError({"warehouse": _("Say the warehouse.")})
        instance.company = house.area.company
        if instance.kind not in place_kinds.PHYSICAL:
            errors["kind"] = _("Choose one of: %(names)s.") % {
                "names": ", ".join(sorted(place_kinds.PHYSICAL))
            }
        above = instance.parent
        while above is not None and above.pk != instance.pk:
            above = above.parent
        if above is not None:
            errors["parent"] = _("A place cannot lie in itself.")
        before = Place.objects.filter(pk=instance.pk).first()
        fixed = [
            n for n in ("kind", "is_group") if before and getattr(before, n) != getattr(instance, n)
        ]
        if (
            before
            and fixed
            and Movement.objects.filter(Q(source=before) | Q(target=before)).exists()
        ):
            errors[fixed[0]] = _("Stock has been here already; make a new place.")
        if errors:
            raise ValidationError(errors)
        instance.path = _path(instance)
        super().validate_instance(instance, *args, **kwargs)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """The paths of what is in it follow."""
        catalog.renew_paths(instance)


def _path(place: Place) -> str:
    above = place.parent.path if place.parent else place.warehouse.code if place.warehouse else ""
    return f"{above}/{place.code}"


RESOURCES: dict[str, type[MasterResource]] = {
    "items": ItemResource,
    "categories": CategoryResource,
    "units": UnitResource,
    "partners": PartnerResource,
    "places": PlaceResource,
}
