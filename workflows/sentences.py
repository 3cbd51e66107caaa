"""Steps and options of a process in plain words, and what differs between two versions of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.words import listed
from workflows.conditions import Groups
from workflows.picks import Picks
from workflows.steps import ACTIONS, MAKES, MODES, RECHECKS, RESTS, Options, Step, read


def alternatives(groups: Groups, picks: Picks) -> list[str]:
    """Each group as one sentence: parts that hold together."""
    joint = pgettext("between conditions that hold together", " and ")
    return [joint.join(picks.words(condition) for condition in group) for group in groups]


def conditions(groups: Groups, picks: Picks) -> str:
    """All groups as one sentence: any of them is enough."""
    return pgettext("between conditions of which one is enough", "; or ").join(
        alternatives(groups, picks)
    )


def people(step: Step, picks: Picks) -> str:
    """Who does the step, in which mode."""
    who = picks.who(step.who)
    mode = str(dict(MODES).get(step.mode, step.mode))
    return f"{who} · {mode}" if step.who.kind == "role" and step.who.role else who


def time(step: Step, picks: Picks) -> list[str]:
    """The time limit and what follows it; nothing without one."""
    if not step.limit_hours:
        return []
    hours, ahead = step.limit_hours, step.remind_hours or 0
    within = ngettext("Within %(n)d working hour.", "Within %(n)d working hours.", hours)
    parts = [within % {"n": hours}]
    if ahead:
        before = ngettext("Reminded %(n)d hour before.", "Reminded %(n)d hours before.", ahead)
        parts.append(before % {"n": ahead})
    if step.late == "remind" or step.late_to is None:
        parts.append(_("When late: reminded only."))
    elif step.late == "escalate":
        parts.append(_("When late: %(who)s is asked as well.") % {"who": picks.who(step.late_to)})
    else:
        parts.append(_("When late: it goes to %(who)s instead.") % {"who": picks.who(step.late_to)})
    return parts


def sentences(step: Step, picks: Picks) -> list[str]:
    """Everything that a step says, one fact a sentence."""
    found = [f"{step.about.label}{pgettext('after a name', ': ')}{people(step, picks)}"]
    if step.when:
        found.append(_("Only if: %(conditions)s") % {"conditions": conditions(step.when, picks)})
    if step.auto:
        words = conditions(step.auto, picks)
        found.append(_("Passes by itself if: %(conditions)s") % {"conditions": words})
    found += time(step, picks)
    if step.fallback is not None:
        found.append(_("If nobody is found: %(who)s") % {"who": picks.who(step.fallback)})
    return found + _rest(step, picks)


def _rest(step: Step, picks: Picks) -> list[str]:
    labels = {code: str(label) for code, label in picks.form_fields}
    found = []
    if step.required:
        names = listed(labels.get(name, name) for name in step.required)
        found.append(_("Must be filled: %(fields)s") % {"fields": names})
    if step.hidden:
        names = listed(labels.get(name, name) for name in step.hidden)
        found.append(_("Not shown: %(fields)s") % {"fields": names})
    if step.actions:
        names = listed(label for code, label in ACTIONS if code in step.actions)
        found.append(_("Also possible: %(actions)s") % {"actions": names})
    if step.recheck:
        found.append(str(dict(RECHECKS).get(step.recheck, "")))
    if step.copy_to:
        names = listed(picks.role(code) for code in step.copy_to)
        found.append(_("Copy to: %(roles)s") % {"roles": names})
    return found


def options(of: Options) -> list[str]:
    """What a process says beside its steps."""
    found = [
        _("It begins with: %(en)s · %(zh)s") % {"en": of.start_name_en, "zh": of.start_name_zh},
        _("Up to %(percent)s%% more than confirmed may be carried out.")
        % {"percent": of.over_percent},
        _("The amount may move by %(percent)s%% before it is approved again.")
        % {"percent": of.amount_percent},
        _("What was not carried out %(rest)s.") % {"rest": dict(RESTS).get(of.rest, of.rest)},
    ]
    if of.confirmed:
        found.append(_("The next version is proposed by one person and activated by another."))
    if of.makes != Options().makes:
        words = dict(MAKES).get(of.makes, of.makes)
        found.append(_("Documents that deliver the order %(makes)s.") % {"makes": words})
    if of.feedback:
        found.append(_("Planned against actual is told to the asker."))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a process that differs: what was said before, what is said now."""

    title: str
    kind: str
    minus: Sequence[str] = ()
    plus: Sequence[str] = ()


class Kept(Protocol):
    """What keeps steps and options: a version, or its state at an earlier time."""

    steps: Any
    options: Any


def compare(old: Kept, new: Kept, picks: Picks) -> list[Change]:
    """What changed from one version to the other, step by step, in words."""
    before = {step.key: step for step in read(old.steps)}
    after = {step.key: step for step in read(new.steps)}
    found = []
    for key, step in before.items():
        if key not in after:
            found.append(Change(step.name, _("removed"), minus=sentences(step, picks)))
    for number, (key, step) in enumerate(after.items(), 1):
        title = f"{number}. {step.name}"
        if key not in before:
            found.append(Change(title, _("added"), plus=sentences(step, picks)))
            continue
        minus, plus = _differences(_told(before[key], picks), _told(step, picks))
        if minus or plus:
            found.append(Change(title, _("changed"), minus, plus))
    stayed_before = [key for key in before if key in after]
    stayed_after = [key for key in after if key in before]
    if stayed_before != stayed_after:
        found.append(
            Change(
                _("Order of the steps"),
                _("changed"),
                [" → ".join(before[key].name for key in stayed_before)],
                [" → ".join(after[key].name for key in stayed_after)],
            )
        )
    minus, plus = _differences(
        options(Options.from_dict(old.options)), options(Options.from_dict(new.options))
    )
    if minus or plus:
        found.append(Change(_("Options"), _("changed"), minus, plus))
    return found


def _told(step: Step, picks: Picks) -> list[str]:
    names = _("Name: %(en)s · %(zh)s") % {"en": step.name_en, "zh": step.name_zh}
    return [names, *sentences(step, picks)]


def _differences(old: Iterable[str], new: Iterable[str]) -> tuple[list[str], list[str]]:
    before, after = list(old), list(new)
    return [one for one in before if one not in after], [one for one in after if one not in before]
