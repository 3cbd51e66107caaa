"""Lists and labels read the way each language writes them, and every door has a name."""

from django.template.loader import render_to_string
from django.utils import translation

from core.words import listed
from stock.templatetags.book import door


def test_a_list_is_put_together_in_the_readers_language() -> None:
    assert listed(["a", 2]) == "a, 2"
    with translation.override("zh-hans"):
        assert listed(["a", 2]) == "a、2"
    assert listed([]) == ""


def test_a_toast_names_the_line_with_the_languages_colon_and_keeps_text_as_text() -> None:
    context = {"text": "x", "lines": [{"line": 3, "message": "<b>"}]}
    assert "Line 3: &lt;b&gt;" in render_to_string("components/_toast.html", context)
    with translation.override("zh-hans"):
        assert "第 3 行：&lt;b&gt;" in render_to_string("components/_toast.html", context)


def test_a_door_without_a_name_shows_its_code() -> None:
    with translation.override("zh-hans"):
        assert str(door("sheet")) == "表格"
        assert door("new") == "new"
