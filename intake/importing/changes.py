"""What a person can say about an import, each as a change of its mends or of what was said about its file."""

from collections.abc import Callable, Mapping
from typing import Any

from intake.importing.mends import EVERYTHING, Mends
from intake.models import Import
from intake.resolving.names import canonical

Change = Callable[[Import, Mends], None]
"""Applied under the lock of the import; see intake.importing.door.mend."""


def give(kind: str, raw: str, code: str) -> Change:
    """Give a text of the sheet a meaning, for all its rows."""

    def change(_job: Import, mends: Mends) -> None:
        mends.values.setdefault(kind, {})[canonical(raw)] = code
        made = mends.create.get(kind, [])
        if canonical(raw) in made:
            made.remove(canonical(raw))

    return change


def make(kind: str, raw: str | None) -> Change:
    """Let the record of a text be made, or those of all texts."""

    def change(_job: Import, mends: Mends) -> None:
        chosen = mends.create.setdefault(kind, [])
        text = EVERYTHING if raw is None else canonical(raw)
        if text not in chosen:
            chosen.append(text)
        if raw is not None:
            mends.values.get(kind, {}).pop(text, None)

    return change


def write_cells(cells: Mapping[str, str]) -> Change:
    """Read other texts in place of cells: ``Sheet!B5`` → text."""

    def change(_job: Import, mends: Mends) -> None:
        mends.cells.update({where: text.strip()[:200] for where, text in cells.items()})

    return change


def leave_out(code: str, field: str, raw: str | None) -> Change:
    """Leave out the rows of a group, or of one of its texts; the next look finds which they are."""

    def change(_job: Import, mends: Mends) -> None:
        mends.groups.append((code, field, raw))

    return change


def choose(code: str, choice: str) -> Change:
    """Choose what holds where figures differ or stock is missing; "" takes the choice back."""

    def change(_job: Import, mends: Mends) -> None:
        if choice:
            mends.choices[code] = choice
        else:
            mends.choices.pop(code, None)

    return change


def say(
    *,
    columns: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Change:
    """Answer questions, map columns, set purpose, warehouse or first day."""

    def change(job: Import, _mends: Mends) -> None:
        wish = dict(job.wish)
        if columns is not None:
            wish["columns"] = {k: v for k, v in columns.items() if v}
        if answers is not None:
            wish["answers"] = {**wish.get("answers", {}), **answers}
        job.wish = wish
        for name, value in facts.items():
            setattr(job, name, value)

    return change
