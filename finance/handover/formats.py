"""Every format vouchers are written in, as data: its name, its file, its writer and what only it refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.said import said as _
from finance.handover import generic, kingdee, kis, u8
from finance.handover.checker import Chart, Problem, check, problem
from finance.handover.text import not_encodable, one_line
from finance.handover.voucher import Voucher


@dataclass(frozen=True, slots=True)
class Settings:
    """How a company wants its file: encoding, template with mapping, codes of voucher words, name of the batch."""

    encoding: str = ""
    template: kingdee.Template | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    batch: str = ""


Refusals = Callable[[Sequence[Voucher], Settings], list[Problem]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``encodings``: those a user may choose, the first is the default; none for workbooks."""

    code: str
    label: str | Promise
    extension: str
    content_type: str
    write: Callable[[Sequence[Voucher], Settings], bytes]
    encodings: tuple[str, ...] = ()
    refusals: Refusals | None = None
    needs_template: bool = False

    def encoding(self, settings: Settings) -> str:
        """The encoding that counts."""
        return _chosen(settings, self.encodings)

    def problems(
        self, vouchers: Sequence[Voucher], chart: Chart, settings: Settings
    ) -> list[Problem]:
        """Everything wrong with vouchers that are to be written so; write only where nothing is."""
        found = check(vouchers, chart)
        if encoding := self.encoding(settings):
            found += _not_encodable(vouchers, encoding)
        return found + (self.refusals(vouchers, settings) if self.refusals else [])


def _chosen(settings: Settings, encodings: Sequence[str]) -> str:
    """The encoding asked for where the format has it, else its first; empty where it has none."""
    asked = settings.encoding
    return asked if asked in encodings else next(iter(encodings), "")


def _not_encodable(vouchers: Sequence[Voucher], encoding: str) -> list[Problem]:
    found = []
    for voucher in vouchers:
        for number, line in enumerate(voucher.lines, 1):
            texts = [voucher.word, voucher.maker] if number == 1 else []
            texts += [line.summary, line.account, line.account_name, line.unit]
            texts += [
                part for named in line.auxiliaries.values() for part in (named.code, named.name)
            ]
            lacking = not_encodable(one_line("".join(texts)), encoding)
            if lacking:
                text = _("%(encoding)s has no %(signs)s; change the text or choose UTF-8.")
                values = {"encoding": encoding.upper(), "signs": " ".join(lacking)}
                found.append(problem(voucher, number, "not_encodable", text % values))
    return found


def _u8_refusals(vouchers: Sequence[Voucher], settings: Settings) -> list[Problem]:
    del settings
    text = _("«%(text)s» holds a comma or a line break, which this format cannot carry in a code.")
    return [
        problem(voucher, number, "unquotable", text % {"text": found})
        for voucher in vouchers
        for number, found in u8.unquotable(voucher)
    ]


def _kingdee_refusals(vouchers: Sequence[Voucher], settings: Settings) -> list[Problem]:
    if settings.template is None:
        text = _("Give the header rows of your own template first.")
        return [Problem("", 0, "template_missing", text)]
    missing = kingdee.required_without_source(settings.template, settings.mapping)
    text = _("The template requires %(title)s (%(name)s); say what fills it.")
    found = [
        Problem("", 0, "column_unfilled", text % {"title": title.strip("*"), "name": name})
        for name, title in missing
    ]
    if "word_code" in settings.mapping.values():
        lacking = sorted({v.word for v in vouchers} - {w for w, c in settings.words.items() if c})
        text = _(
            "Say which code the voucher word %(word)s has in your 云星空 (记 is often PRE001)."
        )
        found += [Problem("", 0, "word_unknown", text % {"word": word}) for word in lacking]
    return found


def _write_u8(vouchers: Sequence[Voucher], settings: Settings) -> bytes:
    return u8.write(vouchers, _chosen(settings, u8.ENCODINGS))


def _write_kingdee(vouchers: Sequence[Voucher], settings: Settings) -> bytes:
    if settings.template is None:
        raise ValueError("a workbook for 云星空 needs a template")
    return kingdee.write(vouchers, settings.template, settings.mapping, settings.words)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
U8 = Format(
    "u8",
    gettext_lazy("用友 U8/T3 text (V800)"),
    "txt",
    "text/plain",
    _write_u8,
    u8.ENCODINGS,
    _u8_refusals,
)
KINGDEE = Format(
    "kingdee",
    gettext_lazy("金蝶云星空 workbook"),
    "xlsx",
    _XLSX,
    _write_kingdee,
    refusals=_kingdee_refusals,
    needs_template=True,
)
KIS = Format(
    "kis",
    gettext_lazy("金蝶 KIS/K3 standard workbook"),
    "xlsx",
    _XLSX,
    lambda vouchers, settings: kis.write(vouchers),
)
XLSX = Format(
    "xlsx",
    gettext_lazy("General workbook (XLSX)"),
    "xlsx",
    _XLSX,
    lambda vouchers, settings: generic.write_xlsx(vouchers),
)
CSV = Format(
    "csv",
    gettext_lazy("General table (CSV)"),
    "csv",
    "text/csv",
    lambda vouchers, settings: generic.write_csv(vouchers, _chosen(settings, generic.ENCODINGS)),
    generic.ENCODINGS,
)
JSON = Format(
    "json",
    gettext_lazy("General data (JSON)"),
    "json",
    "application/json",
    lambda vouchers, settings: generic.write_json(vouchers, settings.batch),
)
FORMATS = (U8, KINGDEE, KIS, XLSX, CSV, JSON)
BY_CODE = {one.code: one for one in FORMATS}
