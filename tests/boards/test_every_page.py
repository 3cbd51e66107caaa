"""Every named page answers, stands in the list of those that are looked at, and is in Chinese where it should be."""

import uuid
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from people.models import User
from tests.browser.pages import OWN, REASONS, names, visited

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
SHOWN_AS_THEY_ARE = {"API", "English"}
IN_ENGLISH = {"api:reference", "boards:guides"}
"""Names of fields and values as programs write them; headings of guides that are written in English only."""
_ANY = ({}, {"key": uuid.UUID(int=0)}, {"pk": 1})


class _Texts(HTMLParser):
    """What a page shows as text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._hidden = 0
        self._coded = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style", "template"}
        self._coded = "code" in (dict(attrs).get("class") or "").split()
        for name, value in attrs:
            if name in {"title", "placeholder", "aria-label"} and value:
                self.found.add(value.strip())

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "template"}
        self._coded = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and not self._coded and data.strip():
            self.found.add(" ".join(data.split()))


@pytest.fixture
def eve(demo: dict[str, User]) -> Client:
    """Somebody who may do everything, in Chinese."""
    user = User.objects.create(username="eve", name="Eve", is_superuser=True, language="zh-hans")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def english() -> set[str]:
    """Every text of the catalogues that reads otherwise in Chinese."""
    found: set[str] = set()
    for path in settings.BASE_DIR.glob("*/locale/zh_Hans/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                text = message.id if isinstance(message.id, str) else message.id[0]
                if text and message.string and message.string != message.id and "%(" not in text:
                    found.add(text)
    return found


def test_every_page_answers_and_is_in_chinese(eve: Client) -> None:
    wrong, left = {}, {}
    texts = english()
    for name, addresses in visited().items():
        for address in addresses:
            answer = eve.get(address)
            html = answer.content.decode()
            if answer.status_code != 200 or "<h1" not in html:
                wrong[address] = answer.status_code
                continue
            if name in IN_ENGLISH:
                continue
            shown = _Texts()
            shown.feed(html)
            if found := shown.found & texts - SHOWN_AS_THEY_ARE:
                left[address] = sorted(found)[:5]
    assert wrong == {}
    assert left == {}


def test_every_address_is_visited_or_has_a_reason(eve: Client) -> None:
    """What is in neither list takes no GET."""
    listed = visited().keys() | REASONS.keys()
    gone = REASONS.keys() - set(names())
    others = [name for name in names() if name not in listed and not name.startswith(OWN)]
    missing = [name for name in others if _answers(eve, name)]
    assert missing == [], "add them to tests/browser/pages.py"
    assert gone == set()


def _answers(client: Client, name: str) -> bool:
    for kwargs in _ANY + tuple(_more(name)):
        try:
            address = reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
        return bool(client.get(address).status_code != 405)
    return True


def _more(name: str) -> list[dict[str, object]]:
    """Arguments of addresses with several."""
    from django.urls import get_resolver

    space, _colon, view = name.partition(":")
    resolver = get_resolver().namespace_dict[space][1]
    found = []
    for possible, _pattern, _defaults, converters in resolver.reverse_dict.getlist(view):
        for _text, arguments in possible:
            found.append({one: _example(converters[one]) for one in arguments})
    return found


def _example(converter: object) -> object:
    kind = type(converter).__name__
    return {"IntConverter": 1, "UUIDConverter": uuid.UUID(int=0)}.get(kind, "x")
