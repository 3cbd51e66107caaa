"""Language and notices: the reader's choice decides, and GET changes nothing but what it shows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from people import notice_kinds
from people.models import Notice, User
from people.notice_kinds import NoticeKind
from people.notices import notify
from tests.people.conftest import client_of

pytestmark = pytest.mark.django_db
CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9"}


def language_of(answer: Any) -> str:
    """The language in which a page was answered."""
    return str(answer.headers["Content-Language"])


def test_the_browser_then_the_cookie_then_the_user_decide(bob: User) -> None:
    client = Client()
    assert language_of(client.get("/login/")) == "en"
    assert language_of(client.get("/login/", **CHINESE)) == "zh-hans"
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert language_of(client.get("/login/", **CHINESE)) == "en"
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert language_of(client.get("/profile/", **CHINESE)) == "en"
    User.objects.filter(pk=bob.pk).update(language="zh-hans")
    assert language_of(client.get("/profile/")) == "zh-hans"


def test_the_switch_is_kept_with_the_account(bob: User) -> None:
    client = client_of(bob)
    answer = client.post("/language/", {"language": "zh-hans", "next": "/notices/"})
    assert answer.url == "/notices/"
    assert User.objects.get(pk=bob.pk).language == "zh-hans"
    assert client.post("/language/", {"language": "xx"}).status_code == 302
    assert User.objects.get(pk=bob.pk).language == "zh-hans"
    assert client.get("/language/").status_code == 405
    evil = client.post("/language/", {"language": "en", "next": "//evil.example/"})
    assert evil.url == "/"
    assert client.post("/language/", {"language": "en", "next": "no-path"}).url == "/"


def test_the_profile_saves_what_is_ones_own(bob: User) -> None:
    client = client_of(bob)
    data = {"name": "Bobby", "language": "en", "theme": "dark", "is_superuser": "1"}
    assert client.post("/profile/", data).status_code == 302
    bob.refresh_from_db()
    assert (bob.name, bob.theme, bob.is_superuser) == ("Bobby", "dark", False)


def test_a_notice_is_counted_opened_and_read(bob: User, alice: User) -> None:
    alice.is_active = False
    alice.save()
    made = notify([bob, bob.pk, alice], "people.two_step_off", url="/profile/")
    assert [notice.user_id for notice in made] == [bob.pk]
    client = client_of(bob)
    notice = Notice.objects.get()
    for url in ("/notices/", "/notices/bell/"):
        assert client.get(url).status_code == 200
    assert Notice.objects.filter(read_at=None).count() == 1
    assert client.get("/notices/bell/").context["unread"] == 1
    url = reverse("people:open_notice", args=[notice.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).url == "/profile/"
    assert client.get("/notices/bell/").context["unread"] == 0


def test_another_persons_notice_is_not_found(bob: User, alice: User) -> None:
    notify([bob], "people.two_step_off")
    notice = Notice.objects.get()
    url = reverse("people:open_notice", args=[notice.pk])
    assert client_of(alice).post(url).status_code == 404
    client_of(alice).post("/notices/read/")
    assert Notice.objects.filter(read_at=None).count() == 1
    client_of(bob).post("/notices/read/")
    assert not Notice.objects.filter(read_at=None).exists()


def test_notices_speak_the_readers_language() -> None:
    notice_kinds.register(NoticeKind("test.kind", _("English")))
    with override("en"):
        assert notice_kinds.text("test.kind", {}) == "English"
    assert notice_kinds.text("gone.kind", {}) == "gone.kind"
    assert "%(name)s" in notice_kinds.text("people.invitation_accepted", {})


def test_an_unknown_kind_or_a_foreign_link_is_a_mistake_of_ours(bob: User) -> None:
    with pytest.raises(LookupError):
        notify([bob], "no.such.kind")
    for url in ("https://evil.example/", "//evil.example/"):
        with pytest.raises(ValueError, match="evil"):
            notify([bob], "people.two_step_off", url=url)
