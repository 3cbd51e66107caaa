"""What Django turns away by itself is a page of ours, in the reader's language."""

from typing import Any

import pytest
from django.test import Client

from core.errors import DomainError

pytestmark = pytest.mark.django_db

SHELL = 'class="door"'


def _ask(case: str, **headers: Any) -> Any:
    client = Client(enforce_csrf_checks=case == "csrf")
    if case == "host":
        return client.get("/sign-in/", headers={**headers, "host": "evil.example"})
    if case == "fields":
        return client.post("/language/", {f"f{n}": "1" for n in range(5001)}, headers=headers)
    return client.post("/language/", {"language": "en"}, headers=headers)


@pytest.mark.parametrize(
    ("case", "status", "english", "chinese"),
    [
        ("csrf", 403, "open for too long", "打开的时间过长"),
        ("host", 400, "not known to the program", "不认识这个地址"),
        ("fields", 400, "more than 5000 fields", "超过 5000 个字段"),
    ],
)
def test_a_request_turned_away_says_why_in_our_shell(
    case: str, status: int, english: str, chinese: str
) -> None:
    for language, words in (("en", english), ("zh-hans", chinese)):
        answer = _ask(case, **{"accept-language": language})
        page = answer.content.decode()
        assert answer.status_code == status
        assert words in page
        assert SHELL in page
        assert "Forbidden" not in page
    plain = _ask(case, accept="application/json")
    assert plain.status_code == status
    assert plain.json()["code"] == {"fields": "too_many_fields"}.get(case, case)


def test_the_address_of_a_form_that_is_opened_says_so() -> None:
    """A reload or a bookmark of such an address got an empty answer, for which browsers show an error of theirs."""
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    answer = Client().get("/language/", headers={"accept": browser})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "only takes a form" in answer.content.decode()
    assert not Client().get("/language/").content


def test_a_refusal_may_say_its_own_status() -> None:
    found = DomainError("no", code="gone", status=404, place="A")
    assert (found.status, found.as_dict()["data"]) == (404, {"place": "A"})
    assert DomainError("no").status == 422
