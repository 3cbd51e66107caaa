"""Words that are said again in another language: source text and values are kept, nested ones too."""

import json

from django.utils import translation
from django.utils.translation import gettext_lazy

from core import said
from core.said import Said
from core.said import said as _


def over(language: str, message: object) -> str:
    """What a reader of the language is told, after the message went through the database."""
    data = json.loads(json.dumps(said.noted(message)))
    with translation.override(language):
        return said.again(data)


def test_what_was_said_in_one_language_is_told_in_another() -> None:
    with translation.override("zh-hans"):
        first = _("This was reversed already.")
        nested = _("%(count)d lines cannot be posted; nothing was changed. First: %(first)s") % {
            "count": 2,
            "first": first,
        }
        named = _("“%(text)s” is not a number.") % {"text": gettext_lazy("Warehouse")}
    assert isinstance(nested, Said)
    assert "已" in nested
    assert over("en", nested) == (
        "2 lines cannot be posted; nothing was changed. First: This was reversed already."
    )
    assert over("zh-hans", nested) == nested
    assert over("en", named) == "“Warehouse” is not a number."
    assert over("zh-hans", named) == named


def test_text_that_nobody_translates_stays() -> None:
    assert over("zh-hans", "100 % 12%s") == "100 % 12%s"
    assert over("en", gettext_lazy("Warehouse")) == "Warehouse"
    assert over("en", _("%s lines") % "3") == "3 lines"
