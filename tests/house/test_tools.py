"""The tools that guard texts and templates notice what they are there for."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from scripts import check_templates, compile_messages, messages


def catalog(*entries: tuple[object, object], fuzzy: bool = False) -> Catalog:
    """A catalogue with (message, translation) pairs."""
    made = Catalog(locale="zh_Hans")
    for key, text in entries:
        made.add(key, text, locations=[("a.py", 0)], flags=["fuzzy"] if fuzzy else [])  # type: ignore[arg-type]
    return made


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that counts as the project."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(compile_messages, "ROOT", tmp_path)
    return tmp_path


def test_strings_are_found_in_python(source: Path) -> None:
    path = source / "a.py"
    path.write_text(
        '_("one")\ngettext_lazy("two " "parts")\nngettext("%(n)s box", "%(n)s boxes", n)\n'
        'pgettext("verb", "post")\n_(variable)\nother("no")\n'
    )
    assert [(context, text) for context, text, _place in messages.in_python(path)] == [
        (None, "one"),
        (None, "two parts"),
        (None, ("%(n)s box", "%(n)s boxes")),
        ("verb", "post"),
    ]


def test_strings_are_found_in_templates(source: Path) -> None:
    path = source / "a.html"
    path.write_text(
        '{% load i18n %}{% translate "It\'s one" %}{% translate "post" context "verb" %}\n'
        "{% blocktranslate trimmed with n=count %}\n  Only\n  {{ n }}\n{% endblocktranslate %}"
        '{{ n|default:_("none") }}'
        "{% blocktranslate count n=3 %}{{ n }} box{% plural %}{{ n }} boxes{% endblocktranslate %}"
    )
    assert [(context, text) for context, text, _place in messages.in_template(path)] == [
        (None, "It's one"),
        ("verb", "post"),
        (None, "Only %(n)s"),
        (None, "none"),
        (None, ("%(n)s box", "%(n)s boxes")),
    ]


@pytest.mark.parametrize(
    ("translated", "problem"),
    [
        (catalog(), "not translated"),
        (catalog(("%(n)s left", "")), "not translated"),
        (catalog(("%(n)s left", "剩余")), "placeholders differ"),
        (catalog(("%(n)s left", "剩余 %(m)s")), "placeholders differ"),
        (catalog(("%(n)s left", "剩余 %(n)s"), fuzzy=True), "unsure"),
        (catalog(("%(n)s left", "%(n)s left")), "still English"),
    ],
)
def test_an_unfinished_translation_is_named(translated: Catalog, problem: str) -> None:
    found = messages.problems(catalog(("%(n)s left", "")), translated)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_finished_translation_passes() -> None:
    plural = (("%(n)s box", "%(n)s boxes"), ("%(n)s 箱",))
    one = ("%(n)s left", "剩余 %(n)s")
    assert messages.problems(catalog(plural, one), catalog(plural, one)) == []


def test_a_figure_or_an_acronym_may_stay_as_it_is() -> None:
    same = catalog(("%(a)s – %(b)s", "%(a)s – %(b)s"), ("CSV", "CSV"))
    assert messages.problems(same, same) == []


@pytest.fixture
def two_apps(source: Path) -> Path:
    """A string that stock and boards use, one that only boards use, and one around all apps."""
    for app, text in (
        ("stock", '_("bin")'),
        ("boards", '_("bin")\n_("board")'),
        ("inventory_project", '_("frame")'),
    ):
        (source / app).mkdir()
        (source / app / "a.py").write_text(text)
    return source


def current() -> dict[str, Catalog]:
    """The catalogues as they are on disk."""
    return {app: messages.read(app) for app in messages.APPS}


def test_a_string_stands_once_in_the_lowest_app_that_uses_it(two_apps: Path) -> None:
    messages.update(messages.extract(), current())
    found = {app: [m.id for m in texts if m.id] for app, texts in current().items()}
    assert {app: texts for app, texts in found.items() if texts} == {
        "core": ["frame"],
        "stock": ["bin"],
        "boards": ["board"],
    }
    assert not messages.path_of("people").exists()


def test_a_string_that_moves_takes_its_translation_along(two_apps: Path) -> None:
    old = {app: catalog() for app in messages.APPS} | {"boards": catalog(("bin", "库位"))}
    messages.update(messages.extract(), old)
    assert messages.read("stock").get("bin").string == "库位"  # type: ignore[union-attr]
    first = messages.path_of("stock").read_text()
    messages.update(messages.extract(), current())
    assert messages.path_of("stock").read_text() == first
    assert "@" not in first


def test_unused_entries_and_two_translations_are_named(two_apps: Path) -> None:
    kept = {app: catalog() for app in messages.APPS}
    kept |= {"stock": catalog(("bin", "库位")), "boards": catalog(("bin", "货位"), ("old", "旧"))}
    assert messages.strays(messages.extract(), kept) == [
        "unused: 'bin' (boards)",
        "two translations: 'bin' (stock, boards)",
        "unused: 'old' (boards)",
    ]
    assert messages.strays(messages.extract(), kept | {"boards": catalog(("board", "看板"))}) == []


def test_translations_are_compiled_without_gettext(source: Path) -> None:
    folder = source / "core" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "place"\nmsgstr "库位"\n'
    )
    compile_messages.main()
    with (folder / "django.mo").open("rb") as file:
        assert read_mo(file).get("place").string == "库位"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('<p style="color:red">', "inline style"),
        ('<a href="#" onclick="go()">', "inline handler"),
        ("<script>1</script>", "inline script"),
        ("<style>p{}</style>", "style element"),
        ("{{ text|safe }}", "unescaped text"),
        ("{% autoescape off %}", "unescaped text"),
        ('<script src="https://cdn.example.com/a.js"></script>', "another origin"),
        ("<p>{{ n }} boxes</p>", "untranslated text"),
        ("<b>Hello</b>", "untranslated text"),
        ('<a title="More" href="/">', "untranslated text"),
    ],
)
def test_what_the_policy_forbids_is_found(text: str, rule: str) -> None:
    assert check_templates.problems(f"<div>\n{text}") == [(2, rule)]


def test_a_clean_template_passes() -> None:
    assert check_templates.problems('<script src="/static/js/app.js" defer></script>') == []
    text = "{# why so #}<b>{% translate 'More' %}</b> {% blocktranslate %}{{ n }} boxes{% endblocktranslate %}"
    assert check_templates.problems(f"{text} <kbd>Esc</kbd> XLSX · English") == []
