"""The guides in the application: every page of the menu has its help in both languages, and nothing in them can run."""

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import translation

from boards import guides
from core import navigation
from people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    user = User.objects.create(username="eve", name="Eve", is_superuser=True)
    found = Client()
    found.force_login(user)
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_menu_has_its_help(language: str) -> None:
    with translation.override(language):
        helped = {
            entry.url_name for entry in navigation.entries() if guides.help_for(entry.url_name)
        }
    missing = {entry.url_name for entry in navigation.entries()} - helped
    assert missing == set()


def test_help_names_only_pages_that_exist() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for name in guides.names():
                guide = guides.guide(name)
                assert guide is not None
                for section in guide.sections:
                    for page in section.pages:
                        app, _colon, view = page.partition(":")
                        assert _exists(app, view), (name, page)


def _exists(app: str, view: str) -> bool:
    from django.urls import get_resolver

    return any(
        view in found.reverse_dict for _prefix, found in [get_resolver().namespace_dict[app]]
    )


def test_both_languages_help_with_the_same_pages() -> None:
    pages = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found = [guides.guide(name) for name in guides.names()]
            pages.append(
                [(one.name, [s.pages for s in one.sections]) for one in found if one is not None]
            )
    english = dict(pages[0])
    assert all(english[name] == sections for name, sections in pages[1])


def test_guides_and_their_pictures_are_served(client: Client) -> None:
    assert resolve("/help/").url_name == "guides"
    assert client.get("/help/").status_code == 200
    for name in guides.names():
        assert client.get(reverse("boards:guide", args=[name])).status_code == 200
    picture = client.get("/help/images/item.en.png")
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/png"
    for wrong in ("/help/images/..%2f..%2fREADME.md", "/help/images/no.en.png", "/help/no-such/"):
        assert client.get(wrong).status_code == 404
    assert "Decide" in client.get("/help/part/?page=workflows:inbox").content.decode()
    assert client.get("/help/part/?page=<script>").status_code == 200
    assert Client().get("/help/").status_code == 302


def test_what_stands_in_a_guide_is_text() -> None:
    html = guides.draw(
        [
            "A <script>alert(1)</script> & **bold <b>** [x](javascript:alert(1)) `<i>`",
            "",
            "- one <img src=x>",
            "  goes on",
            "",
            "| a | b |",
            "|---|---|",
            "| <u> | 2 |",
            "",
            "```",
            "<pre>",
            "```",
        ]
    )
    assert "<script" not in html
    assert "javascript:" not in html
    assert "<img" not in html
    assert "&lt;u&gt;" in html
    assert "<li>one &lt;img src=x&gt; goes on</li>" in html
    assert "<pre>&lt;pre&gt;</pre>" in html
