"""Pages of what imports learned: words of headers, mappings and aliases of senders; and the day a company goes live."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import asked
from core.errors import DomainError
from intake.importing import door
from intake.models import Alias, GoingLive, HeaderWord, Import, RememberedMapping
from intake.understanding.dictionary import shipped
from intake.understanding.fields import FIELDS
from intake.understanding.words import full_key, header_key
from intake.views.found import field_choices
from intake.views.words import field_words
from people.access import access_for
from people.doors import needs, signed_in
from people.models import Company

_SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@needs(door.RIGHT)
def words(request: HttpRequest) -> HttpResponse:
    """The dictionary of headers: shipped words can be switched off, own words added."""
    if request.method == "POST":
        _change_word(request)
        return redirect("intake:words")
    wanted = request.GET.get("field", "")
    own = list(HeaderWord.objects.all())
    off = {(word.word, word.field) for word in own if word.off}
    shown = [
        {"word": text, "field": code, "label": field_words(code), "off": (text, code) in off}
        for text, codes in sorted(shipped().words.items())
        for code in codes
        if code == wanted
    ]
    return render(
        request,
        "intake/words.html",
        {
            "own": [{"word": w, "label": field_words(w.field)} for w in own if not w.off],
            "shipped": shown,
            "wanted": wanted,
            "fields": field_choices(),
        },
    )


def _change_word(request: HttpRequest) -> None:
    sent = request.POST
    field, text = sent.get("field", ""), sent.get("word", "").strip()[:80]
    if sent.get("act") == "remove":
        HeaderWord.objects.filter(pk=sent.get("pk") or 0).delete()
        return
    if field not in FIELDS or not text:
        raise DomainError(_("Choose a field and write a word."), code="word")
    off = sent.get("act") == "off"
    if sent.get("act") == "on":
        HeaderWord.objects.filter(word=text, field=field, off=True).delete()
        return
    HeaderWord.objects.update_or_create(
        word=text if off else header_key(text) or full_key(text),
        field=field,
        defaults={"off": off, "changed_by": signed_in(request), "changed_at": timezone.now()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(door.RIGHT)
def learned(request: HttpRequest) -> HttpResponse:
    """Mappings and aliases of senders; what is wrong is forgotten."""
    if request.method == "POST":
        model = Alias if request.POST.get("what") == "alias" else RememberedMapping
        model.objects.filter(pk=asked.whole(request.POST.get("pk")) or 0).delete()
        messages.success(request, _("Forgotten."))
        return redirect("intake:learned")
    mappings = [
        {
            "mapping": row,
            "columns": [(field_words(code), header) for code, header in row.columns.items()],
        }
        for row in RememberedMapping.objects.all()[:_SHOWN]
    ]
    aliases = Alias.objects.all()[:_SHOWN]
    return render(request, "intake/learned.html", {"mappings": mappings, "aliases": aliases})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(door.RIGHT)
def live(request: HttpRequest) -> HttpResponse:
    """The first day of the books here; opening stock is rehearsed until it is locked."""
    user = signed_in(request)
    access = access_for(user)
    company = Company.objects.order_by("pk").first()
    known = GoingLive.objects.filter(company=company).first()
    if request.method == "POST" and company is not None:
        access.require("period.close" if request.POST.get("act") == "lock" else door.RIGHT)
        day = asked.day(request.POST.get("start_on")) if not known else known.start_on
        if request.POST.get("act") == "day" and (known is None or known.locked_at is None):
            day = asked.day(request.POST.get("start_on"))
        if day is None:
            raise DomainError(_("Say the first day."), code="day")
        known, _made = GoingLive.objects.get_or_create(company=company, defaults={"start_on": day})
        if known.locked_at is None:
            known.start_on = day
            if request.POST.get("act") == "lock":
                known.locked_at, known.locked_by = timezone.now(), user
                messages.success(request, _("Opening stock is locked."))
            known.save()
        return redirect("intake:live")
    openings = Import.objects.filter(purpose="opening").exclude(state="cancelled")[:20]
    return render(
        request,
        "intake/live.html",
        {"live": known, "openings": openings, "may_lock": access.may("period.close")},
    )
