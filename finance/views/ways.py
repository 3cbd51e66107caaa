"""Ways of handing over: format, grouping, word, the template of 云星空 with its columns, and where to push."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from finance.handover import kingdee, pushing
from finance.handover.checker import auxiliary_word
from finance.handover.formats import BY_CODE, FORMATS
from finance.handover.kingdee import Template
from finance.handover.voucher import AUXILIARIES
from finance.models import Account, HandoverProfile
from finance.views.books import Desk
from people.changes import changes_of
from people.doors import needs

RIGHT = "finance.review"


class WayForm(forms.ModelForm[HandoverProfile]):
    """What every way has."""

    format = forms.ChoiceField(label=gettext_lazy("Format"))
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)

    class Meta:
        model = HandoverProfile
        fields = ["name", "format", "encoding", "grouping", "word", "first_number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [(one.code, one.label) for one in FORMATS]  # type: ignore[attr-defined]
        encodings = dict.fromkeys(code for one in FORMATS for code in one.encodings)
        self.fields["encoding"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("usual for the format")),
            *((code, code.removesuffix("-sig").upper()) for code in encodings),
        ]
        for field in self.fields.values():
            chooses = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "sel" if chooses else "inp"

    def clean_name(self) -> str:
        """One name once in a company."""
        name = str(self.cleaned_data["name"]).strip()
        others = HandoverProfile.objects.filter(company=self.instance.company, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a way of this name already."))
        return name


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def new(request: HttpRequest) -> HttpResponse:
    """Make a way."""
    desk = Desk(request)
    form = WayForm(request.POST or None, instance=HandoverProfile(company=desk.company))
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, _("“%(name)s” is saved.") % {"name": made.name})
        return redirect("finance:way", pk=made.pk)
    context = {**desk.context(), "form": form, "way": None}
    return render(request, "finance/way.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RIGHT)
def way(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a way; POST ``do`` is save, template, columns, auxiliaries, push or archive."""
    desk = Desk(request)
    row = get_object_or_404(HandoverProfile, pk=pk, archived_at=None)
    form = WayForm(instance=row)
    error: DomainError | None = None
    if request.method == "POST":
        do = request.POST.get("do", "save")
        if do == "save":
            form = WayForm(request.POST, instance=row)
        try:
            if do != "save" or form.is_valid():
                return _do(request, desk, row, form, do)
        except DomainError as refused:
            error = refused
            row.refresh_from_db()
    return render(
        request,
        "finance/way.html",
        {**desk.context(), **_shown(request, row), "form": form, "error": error},
        status=error.status if error else 422 if form.errors else 200,
    )


def _shown(request: HttpRequest, row: HandoverProfile) -> dict[str, Any]:
    template = Template.of(row.template) if row.template else None
    known = BY_CODE.get(row.format)
    return {
        "way": row,
        "template": template,
        "columns": _columns(template, row) if template else [],
        "sources": [(code, source_words()[code]) for code in kingdee.SOURCES],
        "needs_template": bool(known and known.needs_template),
        "accounts": [
            (
                account,
                [
                    (kind, str(auxiliary_word(kind)), kind in account.auxiliaries)
                    for kind in AUXILIARIES
                ],
            )
            for account in Account.objects.filter(company=row.company_id, archived_at=None)
        ],
        "auxiliaries": [(kind, str(auxiliary_word(kind))) for kind in AUXILIARIES],
        "word_code": row.words.get(row.word, ""),
        "secret": request.session.pop(f"push-secret-{row.pk}", ""),
        "changes": changes_of([row]),
    }


def _columns(template: Template, row: HandoverProfile) -> list[tuple[int, str, str, str, str]]:
    """Place, name, title, source and (where the source is one) the text of each column."""
    found = []
    for place, (name, title) in enumerate(zip(template.names, template.titles, strict=True)):
        source = row.mapping.get(name, "")
        text = source[1:] if source.startswith(kingdee.CONSTANT) else ""
        if name and not name.startswith("*Split*"):
            found.append((place, name, title, kingdee.CONSTANT if text else source, text))
    return found


def source_words() -> dict[str, str]:
    """What the sources of columns are called."""
    words = {
        "sequence": _("number within the file"),
        "date": _("date"),
        "year": _("year"),
        "month": _("month"),
        "word_code": _("code of the voucher word"),
        "word": _("voucher word"),
        "number": _("voucher number"),
        "attachments": _("attachments"),
        "entry": _("line number"),
        "summary": _("summary"),
        "account": _("account code"),
        "account_name": _("account name"),
        "rate": _("rate of exchange (1)"),
        "unit": _("unit"),
        "price": _("price"),
        "quantity": _("quantity"),
        "amount": _("amount"),
        "debit": _("debit"),
        "credit": _("credit"),
        "reference": _("our document"),
    }
    for kind in AUXILIARIES:
        word = str(auxiliary_word(kind))
        words[kind] = _("%(word)s, code") % {"word": word}
        words[f"{kind}_name"] = _("%(word)s, name") % {"word": word}
    return words


def _do(
    request: HttpRequest, desk: Desk, row: HandoverProfile, form: WayForm, do: str
) -> HttpResponse:
    desk.access.require(RIGHT)
    if do == "save":
        form.save()
    elif do == "template":
        _take_template(request, row)
    elif do == "columns":
        _take_columns(request, row)
    elif do == "auxiliaries":
        _take_auxiliaries(request, row)
    elif do == "push":
        secret = pushing.set_address(row, request.POST.get("url", ""), access=desk.access)
        if secret:
            request.session[f"push-secret-{row.pk}"] = secret
    elif do == "archive":
        row.archived_at = timezone.now()
        row.save()
        return redirect("finance:batches")
    else:
        raise Http404
    messages.success(request, _("“%(name)s” is saved.") % {"name": row.name})
    return redirect("finance:way", pk=row.pk)


def _take_template(request: HttpRequest, row: HandoverProfile) -> None:
    """The header rows out of an uploaded workbook or pasted text; what was mapped before stays mapped."""
    upload, text = request.FILES.get("file"), request.POST.get("rows", "")
    if upload is not None:
        if (upload.size or 0) > kingdee.MOST_BYTES:
            raise kingdee.TemplateRefused(
                _("The file is too large for a template. Take one without data.")
            )
        template = kingdee.read(upload.read())
    else:
        template = kingdee.pasted(text)
    row.template = template.as_dict()
    row.mapping = {
        **kingdee.guess(template),
        **{name: source for name, source in row.mapping.items() if name in template.names},
    }
    row.save()


def _take_columns(request: HttpRequest, row: HandoverProfile) -> None:
    """What fills each column: a source, or a text after =."""
    template = Template.of(row.template or {"sheet": "", "names": [], "titles": []})
    mapping = {}
    for place, name in enumerate(template.names):
        source = request.POST.get(f"source-{place}", "")
        text = request.POST.get(f"text-{place}", "").strip()[:200]
        if source == kingdee.CONSTANT and text:
            mapping[name] = kingdee.CONSTANT + text
        elif source in kingdee.SOURCES:
            mapping[name] = source
    row.mapping = mapping
    row.words = {**row.words, row.word: request.POST.get("word_code", "").strip()[:40]}
    row.save()


def _take_auxiliaries(request: HttpRequest, row: HandoverProfile) -> None:
    """Which auxiliaries each account wants."""
    for account in Account.objects.filter(company=row.company_id, archived_at=None):
        wanted = [
            kind for kind in AUXILIARIES if request.POST.get(f"aux-{account.pk}-{kind}") == "1"
        ]
        if wanted != account.auxiliaries:
            account.auxiliaries = wanted
            account.save()
