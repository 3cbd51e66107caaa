"""Pages of the custom fields of a document type: the list in its order, and one field."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.words import one_line
from people.access import access_for
from people.changes import changes_of
from people.doors import needs
from people.forms import Styled
from workflows import arranging, document_types
from workflows.models import CustomField
from workflows.views.process_pages import reads


class EditField(Styled, forms.ModelForm):
    """A custom field; what can be chosen is typed one a line."""

    options = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One a line; only for a choice."),
    )

    class Meta:
        model = CustomField
        fields = ["name_zh", "name_en", "kind", "required"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name_zh"].required = self.fields["name_en"].required = False
        self.fields["name_en"].help_text = _(
            "One name is enough; it is shown in the other language as well."
        )
        self.fields["options"].initial = "\n".join(map(str, self.instance.choices))
        if self.instance.pk:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("Stays as it is: documents keep such values.")

    def clean(self) -> dict[str, object]:
        """A name in one language stands for the other as well."""
        data: dict[str, object] = super().clean() or self.cleaned_data
        chinese, english = (str(data.get(name) or "") for name in ("name_zh", "name_en"))
        if not chinese and not english:
            self.add_error("name_zh", _("Enter a name."))
        data["name_zh"], data["name_en"] = chinese or english, english or chinese
        return data

    def clean_options(self) -> list[str]:
        """The choices, without empty lines."""
        lines = str(self.cleaned_data["options"]).splitlines()
        return [choice for line in lines if (choice := one_line(line, 80))]


def _kind(type_code: str) -> document_types.DocumentType:
    if type_code not in document_types.BY_CODE:
        raise Http404(type_code)
    return document_types.BY_CODE[type_code]


@require_safe
@reads
def fields(request: HttpRequest, type_code: str) -> HttpResponse:
    """The custom fields of a type, in their order; archived ones below."""
    kind = _kind(type_code)
    rows = list(CustomField.objects.filter(type=type_code))
    context = {
        "kind": kind,
        "kinds": document_types.DOCUMENT_TYPES,
        "used": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
        "may_manage": access_for(request.user).may(arranging.RIGHT),
    }
    return render(request, "workflows/designer/fields.html", context)


@require_http_methods(["GET", "POST"])
@needs(arranging.RIGHT)
def field(request: HttpRequest, type_code: str, pk: int | None = None) -> HttpResponse:
    """Create or change a custom field."""
    kind = _kind(type_code)
    record = (
        get_object_or_404(CustomField, pk=pk, type=type_code) if pk else CustomField(type=type_code)
    )
    form = EditField(request.POST or None, instance=record)
    if request.method == "POST" and form.is_valid():
        changed = form.save(commit=False)
        changed.choices = form.cleaned_data["options"]
        try:
            arranging.save_field(changed, access=access_for(request.user))
        except DomainError as error:
            form.add_error("options", str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("workflows:fields", type_code)
    context = {
        "kind": kind,
        "record": record if pk else None,
        "form": form,
        "changes": changes_of([record]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "workflows/designer/field.html", context, status=status)


@require_POST
@needs(arranging.RIGHT)
def change(request: HttpRequest, type_code: str, pk: int) -> HttpResponse:
    """Move a field, archive or restore it: ``do`` is up, down, archive or restore."""
    record = get_object_or_404(CustomField, pk=pk, type=type_code)
    access = access_for(request.user)
    do = request.POST.get("do", "")
    if do in {"up", "down"}:
        arranging.move_field(record, up=do == "up", access=access)
    elif do in {"archive", "restore"}:
        arranging.archive_field(record, archived=do == "archive", access=access)
    return redirect("workflows:fields", type_code)
