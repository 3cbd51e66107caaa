"""The flow of a process and the bar of a simulation as geometry; the templates write the SVG.

Units are those of the viewBox. Text is broken here, as SVG does not: a Chinese character counts as two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows import sentences
from workflows.picks import Picks
from workflows.simulating import OUTCOMES, Simulation
from workflows.steps import Options, Step

WIDTH = 320
_LEFT, _BOX = 8, 236
_MIDDLE = _LEFT + _BOX // 2
_LANE = 276
"""Where a branch that leaves a step out runs."""
_GAP, _LINE, _PAD = 30, 15, 9
_CHARACTERS = 36
_LINES = 4


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words; ``css`` is title, words or muted."""

    x: int
    y: int
    words: str
    css: str


@dataclass(frozen=True, slots=True)
class Box:
    """One step: its rectangle, its words, and the branch around it if it may be left out."""

    key: str
    x: int
    y: int
    width: int
    height: int
    css: str
    texts: Sequence[Text]
    branch: str = ""
    """Path of the dashed branch; empty where the step always comes."""
    beside: Sequence[Text] = ()


@dataclass(slots=True)
class Flow:
    """The whole drawing; ``words`` says it for those who cannot see it."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[str] = field(default_factory=list)
    width: int = WIDTH
    height: int = 0
    words: str = ""


def flow(steps: Sequence[Step], options: Options, picks: Picks, *, zh: bool) -> Flow:
    """The steps from the request to posted, one below the other."""
    drawn = Flow()
    start = options.start_name_zh if zh else options.start_name_en
    y = _end(drawn, "", start, "end", 4)
    for number, step in enumerate(steps, 1):
        y = _step(drawn, number, step, picks, y + _GAP)
        drawn.words += f" → {number}. {step.name}"
    y = _end(drawn, "", _("Done"), "end", y + _GAP)
    drawn.height = y + 6
    drawn.words = start + drawn.words
    return drawn


def _end(drawn: Flow, key: str, words: str, css: str, y: int) -> int:
    if drawn.boxes:
        drawn.arrows.append(f"M{_MIDDLE} {y - _GAP}V{y - 5}")
    text = Text(_MIDDLE, y + 17, _fit(words, _CHARACTERS), "title mid")
    drawn.boxes.append(Box(key, _MIDDLE - 70, y, 140, 26, css, [text]))
    return y + 26


def _step(drawn: Flow, number: int, step: Step, picks: Picks, y: int) -> int:
    lines = [(one, "title") for one in wrap(f"{number}. {step.name}", _CHARACTERS - 4, 2)]
    who = sentences.people(step, picks)
    lines += [(one, "words") for one in wrap(who, _CHARACTERS, 2)]
    if step.limit_hours:
        hours = ngettext(
            "within %(n)d working hour", "within %(n)d working hours", step.limit_hours
        )
        lines.append((hours % {"n": step.limit_hours}, "muted"))
    if step.when:
        words = _("if %(conditions)s") % {"conditions": sentences.conditions(step.when, picks)}
        lines += [(one, "words") for one in wrap(words, _CHARACTERS, _LINES)]
    if step.auto:
        words = sentences.conditions(step.auto, picks)
        words = _("by itself if %(conditions)s") % {"conditions": words}
        lines += [(one, "ok") for one in wrap(words, _CHARACTERS, _LINES)]
    height = len(lines) * _LINE + 2 * _PAD
    texts = [
        Text(_LEFT + 12, y + _PAD + 11 + n * _LINE, words, css)
        for n, (words, css) in enumerate(lines)
    ]
    drawn.arrows.append(f"M{_MIDDLE} {y - _GAP}V{y - 5}")
    branch, beside = "", []
    if step.when or step.auto:
        top, bottom = y - _GAP // 2 - 3, y + height + _GAP // 2 - 7
        branch = f"M{_MIDDLE} {top}H{_LANE - 8}q8 0 8 8V{bottom - 8}q0 8 -8 8H{_MIDDLE + 5}"
        word = _("else") if step.when else _("passes")
        beside = [Text(_LANE + 4, y + height // 2 + 4, word, "muted")]
    css = "system" if step.automatic else step.kind
    drawn.boxes.append(Box(step.key, _LEFT, y, _BOX, height, css, texts, branch, beside))
    return y + height


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _fit(text: str, most: int) -> str:
    """The text, cut with an ellipsis if it is wider."""
    if _columns(text) <= most:
        return text
    while text and _columns(text) > most - 1:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, most: int, lines: int) -> list[str]:
    """The text in at most ``lines`` lines of ``most`` columns; Chinese breaks anywhere, other words between."""
    found: list[str] = []
    line = ""
    for word in _words(text):
        if line and _columns(line + word.rstrip()) > most:
            found.append(line.rstrip())
            line = ""
        line += word if line or word.strip() else ""
    if line.strip():
        found.append(line.rstrip())
    if len(found) > lines:
        found = [*found[: lines - 1], _fit(f"{found[lines - 1]}…{' ' * most}".rstrip(), most)]
    return [_fit(one, most) for one in found]


def _words(text: str) -> list[str]:
    """Pieces between which a line may be broken; a mark stays with what is before it."""
    pieces: list[str] = []
    for one in text:
        wide = east_asian_width(one) in "WF"
        mark = not one.isalnum()
        if not pieces:
            pieces.append(one)
        elif mark or (not wide and pieces[-1][-1] != " " and not _is_wide(pieces[-1][-1])):
            pieces[-1] += one
        else:
            pieces.append(one)
    return pieces


def _is_wide(one: str) -> bool:
    return east_asian_width(one) in "WF"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bar: its outcome, how many, and where it lies (of 1000)."""

    code: str
    label: str
    count: int
    x: float
    width: float


def bar(simulation: Simulation) -> list[Part]:
    """The outcomes side by side; none is thinner than can be seen."""
    counts = simulation.counts
    total = sum(counts.values())
    shown = [(code, str(label), counts[code]) for code, label in OUTCOMES]
    if not total:
        return [Part(code, label, 0, 0, 0) for code, label, _n in shown]
    present = sum(1 for _c, _l, count in shown if count)
    room = 1000 - 6 * present - 2 * (present - 1)
    parts, x = [], 0.0
    for code, label, count in shown:
        width = round(room * count / total + 6, 1) if count else 0.0
        parts.append(Part(code, label, count, round(x, 1), width))
        x += width + 2 if count else 0
    return parts
