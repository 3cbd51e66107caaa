"""Import and export of master data: upload, look at every difference, confirm."""

import contextlib
import csv
import io
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import tablib
import xlsxwriter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core import workbook_child, workbooks
from core.exports import defuse
from core.fields import plain
from core.words import listed
from people.doors import needs, signed_in
from stock.resources import RESOURCES

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
_STAGED_SECONDS = 86_400
MAX_SHEET_ROWS = 60_000
"""Rows of a workbook that are looked at, blank ones included."""
MAX_COLUMNS = workbook_child.COLUMNS
LABELS = {
    "items": gettext_lazy("Items"),
    "categories": gettext_lazy("Categories"),
    "units": gettext_lazy("Units"),
    "partners": gettext_lazy("Suppliers and customers"),
    "places": gettext_lazy("Places"),
}


class Unreadable(Exception):
    """The file is not one we can read; the message says why."""


def read(name: str, content: bytes) -> tablib.Dataset:
    """The first sheet of an XLSX or XLS, or a CSV in UTF-8 or GB18030, with its header row."""
    if len(content) > MAX_BYTES:
        raise Unreadable(_("The file is larger than 10 MB."))
    table = _csv(content) if name.lower().endswith((".csv", ".txt", ".tsv")) else _sheet(content)
    # One more than fits is enough to know that there are too many.
    filled = (row for row in table if any(str(cell).strip() for cell in row))
    rows = list(islice(filled, MAX_ROWS + 2))
    if len(rows) < 2:
        raise Unreadable(_("The file has no rows below its header."))
    if len(rows) > MAX_ROWS + 1:
        raise _too_long()
    headers = [str(cell).strip().lower() for cell in rows[0]]
    data = tablib.Dataset(headers=headers)
    for row in rows[1:]:
        cells = [_cell(cell) for cell in row[: len(headers)]]
        data.append([*cells, *[""] * (len(headers) - len(cells))])
    return data


def _csv(content: bytes) -> Iterator[list[str]]:
    """The rows as they are read, so that a file of nothing but separators takes no memory."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
        try:
            for row in csv.reader(io.StringIO(text), delimiter=delimiter):
                if len(row) > MAX_COLUMNS:
                    raise _too_wide()
                yield row
        except csv.Error as error:
            raise Unreadable(
                _("The file is not a table: a cell is too long, or a quotation mark is not closed.")
            ) from error
        return
    raise Unreadable(_("The text of the file is neither UTF-8 nor GB18030."))


def _sheet(content: bytes) -> Sequence[list[Any]]:
    try:
        sheets = workbooks.first_rows(content, rows=MAX_SHEET_ROWS + 1)
    except workbooks.Unread as error:
        if error.code == "columns":
            raise _too_wide() from error
        if error.code != "broken":
            raise Unreadable(
                _("The file takes more to read than it may. Delete empty rows and columns.")
            ) from error
        raise Unreadable(_("This is not an Excel or CSV file that can be read.")) from error
    rows = sheets[0][1] if sheets else []
    if len(rows) > MAX_SHEET_ROWS:
        raise _too_long()
    return rows


def _too_long() -> Unreadable:
    return Unreadable(_("The file has more than 20,000 rows. Split it."))


def _too_wide() -> Unreadable:
    return Unreadable(
        _("The file has more than %(number)s columns. Delete those that are not needed.")
        % {"number": MAX_COLUMNS}
    )


def _cell(value: Any) -> str:
    """A cell as text; a leading apostrophe that our export added is taken off again."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value).strip()
    return text[1:] if text.startswith("'") and defuse(text[1:]) == text else text


def _folder() -> Path:
    path = Path(settings.VAR) / "imports"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _sweep(folder: Path) -> None:
    """Files that were shown but never confirmed go after a day."""
    before = time.time() - _STAGED_SECONDS
    for path in folder.glob("*.json"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


@require_http_methods(["GET", "HEAD", "POST"])
@needs("master.import")
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; every difference is shown before anything is written."""
    kind = request.POST.get("kind") or request.GET.get("kind", "items")
    if kind not in RESOURCES:
        raise Http404(kind)
    context: dict[str, Any] = {"kind": kind, "kinds": LABELS.items()}
    if request.method != "POST":
        return render(request, "stock/import.html", context)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Unreadable(_("Choose a file first."))
        data = read(file.name or "", file.read(MAX_BYTES + 1))
        expected = set(RESOURCES[kind]().get_import_order())
        if "code" not in (data.headers or []):
            raise Unreadable(
                _("There is no column “code”. Columns are: %(names)s.")
                % {"names": listed(sorted(expected))}
            )
    except Unreadable as error:
        return render(request, "stock/import.html", {**context, "problem": str(error)}, status=422)
    token = uuid.uuid4()
    staged = {
        "kind": kind,
        "user": signed_in(request).pk,
        "name": file.name if file else "",
        "rows": json.loads(data.export("json")),
    }
    folder = _folder()
    _sweep(folder)
    (folder / f"{token}.json").write_text(json.dumps(staged, ensure_ascii=False))
    return redirect("stock:import_confirm", token)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("master.import")
def confirm(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Show what the file would change; on POST, check again and write all of it or nothing."""
    path = _folder() / f"{token}.json"
    if not path.exists():
        raise Http404(str(token))
    staged = json.loads(path.read_text())
    user = signed_in(request)
    if staged["user"] != user.pk:
        raise Http404(str(token))
    resource = RESOURCES[staged["kind"]]()
    data = tablib.Dataset()
    data.dict = staged["rows"]
    write = request.method == "POST"
    with transaction.atomic():
        result = resource.import_data(data, dry_run=False, raise_errors=False, user=user)
        problems = _problems(result)
        if not write or problems:
            transaction.set_rollback(True)
    if write and not problems:
        path.unlink(missing_ok=True)
        totals = result.totals
        messages.success(
            request,
            _("%(new)d new, %(changed)d changed, %(same)d as they were.")
            % {"new": totals["new"], "changed": totals["update"], "same": totals["skip"]},
        )
        return redirect(f"stock:{staged['kind']}")
    context = {
        "staged": staged,
        "label": LABELS[staged["kind"]],
        "totals": result.totals,
        "problems": problems,
        "changes": _changes(result, data),
        "back": f"{reverse('stock:import')}?kind={staged['kind']}",
    }
    return render(request, "stock/import_confirm.html", context, status=422 if write else 200)


def _problems(result: Any) -> list[dict[str, Any]]:
    """Everything that is wrong, by row as the user sees it (the header is row 1)."""
    found = [
        {"row": number + 1, "text": str(error.error)}
        for number, errors in result.row_errors()
        for error in errors
    ]
    for invalid in result.invalid_rows:
        for field, texts in invalid.field_specific_errors.items():
            found += [{"row": invalid.number + 1, "text": f"{field}: {text}"} for text in texts]
        found += [
            {"row": invalid.number + 1, "text": str(text)}
            for text in invalid.non_field_specific_errors
        ]
    return sorted(found, key=lambda problem: problem["row"])


def _changes(result: Any, data: tablib.Dataset) -> list[dict[str, Any]]:
    """New and changed records with old and new values, at most 200 of them."""
    found = []
    for row, source in zip(result.rows, data.dict, strict=False):
        if row.import_type not in {"new", "update"}:
            continue
        fields = []
        if row.import_type == "update" and row.original is not None and row.instance is not None:
            for name in source:
                old, new = _value(row.original, name), _value(row.instance, name)
                if old != new:
                    fields.append({"name": _label(row.instance, name), "old": old, "new": new})
        found.append({"kind": row.import_type, "code": source.get("code", ""), "fields": fields})
        if len(found) == 200:
            break
    return found


def _label(record: Any, name: str) -> str:
    """What a column of the sheet is called on pages."""
    if name == "barcodes":
        return _("Barcodes")
    try:
        return capfirst(str(record._meta.get_field(name).verbose_name))
    except FieldDoesNotExist:
        return name


def _value(record: Any, name: str) -> str:
    if name == "barcodes":
        return ";".join(getattr(record, "barcode_text", ()))
    value = getattr(record, name, "")
    if isinstance(value, Decimal):
        return plain(value)
    if value is None or hasattr(value, "all"):
        return ""
    return str(getattr(value, "code", value))


@require_safe
@needs("master.import")
def export(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """The whole kind for editing elsewhere and importing again."""
    if kind not in RESOURCES or form not in {"csv", "xlsx"}:
        raise Http404(kind)
    data = RESOURCES[kind]().export()
    headers = list(data.headers or [])
    if form == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(headers)
        writer.writerows([[defuse(str(cell or "")) for cell in row] for row in data])
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(
            target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet()
        for line, row in enumerate([headers, *data]):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, "" if cell is None else str(cell))
        book.close()
        response = HttpResponse(
            target.getvalue(),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    response["Content-Disposition"] = f'attachment; filename="{kind}.{form}"'
    return response
