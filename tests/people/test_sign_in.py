"""Signing in: the same answer for unknown users, lock-out, the second step, forgotten passwords."""

import time
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.models import OutboxRow
from people import mails, two_step
from people.models import Company, User
from tests.people.conftest import PASSWORD, client_of, person

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


def try_in(client: Client, username: str, password: str, **extra: Any) -> Any:
    """Post the sign-in form."""
    return client.post(LOGIN, {"username": username, "password": password, **extra})


def token_of(device: TOTPDevice, step: int = 0) -> str:
    """The code that the phone shows now, or ``step`` periods later."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + step * device.step
    return str(totp.token()).zfill(6)


def test_it_works_and_goes_where_one_wanted(client: Client, bob: User) -> None:
    answer = try_in(client, "bob", PASSWORD, next="/profile/")
    assert (answer.status_code, answer.url) == (302, "/profile/")
    assert client.get("/profile/").status_code == 200


def test_it_does_not_lead_to_another_site(client: Client, bob: User) -> None:
    assert try_in(client, "bob", PASSWORD, next="https://evil.example/").url == "/"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    client: Client, bob: User
) -> None:
    """The address of the form answers to POST only, so going there after signing in would be an error."""
    page = "http://testserver/notices/?unread=1"
    answer = client.post("/notices/read/", headers={"referer": page})
    assert (answer.status_code, answer.url) == (302, "/login/?next=%2Fnotices%2F%3Funread%3D1")
    assert "nothing was saved" in client.get(answer.url).content.decode()
    answer = try_in(client, "bob", PASSWORD, next="/notices/?unread=1")
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("page", ["https://evil.example/x/", "", "javascript:alert(1)"])
def test_a_form_sent_from_elsewhere_leads_home_after_signing_in(client: Client, page: str) -> None:
    assert client.post("/notices/read/", headers={"referer": page}).url == "/login/?next=%2F"


def test_unknown_wrong_and_deactivated_get_the_same_words(client: Client, bob: User) -> None:
    person("gone", is_active=False)
    answers = [
        try_in(client, name, word)
        for name, word in (("bob", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD))
    ]
    texts = {str(answer.context["form"].non_field_errors()) for answer in answers}
    assert len(texts) == 1
    assert {answer.status_code for answer in answers} == {200}


def test_an_unknown_user_costs_a_hash_too(client: Client, bob: User, monkeypatch: Any) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    try_in(client, "nobody", "wrong")
    unknown = len(hashed)
    hashed.clear()
    try_in(client, "bob", "wrong")
    assert unknown == len(hashed) == 1


@pytest.mark.parametrize("username", ["bob", "nobody"])
def test_five_wrong_passwords_lock_the_name_out(client: Client, bob: User, username: str) -> None:
    for _time in range(4):
        assert try_in(client, username, "wrong").status_code == 200
    assert try_in(client, username, "wrong").status_code == 429
    assert try_in(client, username, PASSWORD).status_code == 429
    assert client.get("/profile/").status_code == 302


def test_anonymous_is_led_to_sign_in(client: Client, bob: User) -> None:
    for name in ("profile", "users", "roles", "departments", "notices", "bell", "user_new"):
        url = reverse(f"people:{name}")
        assert client.get(url).url == f"{LOGIN}?next={url}"


def test_logout_needs_a_post(bob: User) -> None:
    client = client_of(bob)
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/profile/").status_code == 302


def test_enrolling_shows_backup_codes_once_and_is_asked_for(bob: User) -> None:
    client = client_of(bob)
    client.get("/profile/two-step/")
    assert client.get("/profile/two-step/qr.svg")["Content-Type"] == "image/svg+xml"
    device = TOTPDevice.objects.get(user=bob)
    wrong = client.post("/profile/two-step/", {"code": "000000"})
    assert wrong.context["form"].errors
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    codes = client.post("/profile/two-step/", {"code": token_of(device)}).context["codes"]
    assert len(codes) == two_step.BACKUP_CODES
    assert client.get("/profile/two-step/qr.svg").status_code == 404
    page = client.get("/profile/").content.decode()
    assert codes[0] not in page

    fresh = Client()
    assert try_in(fresh, "bob", PASSWORD).url == reverse("people:code")
    assert fresh.get("/profile/").status_code == 302
    assert fresh.post("/login/code/", {"code": codes[0]}).url == "/"
    assert fresh.get("/profile/").status_code == 200
    again = Client()
    try_in(again, "bob", PASSWORD)
    assert again.post("/login/code/", {"code": codes[0]}).status_code == 200
    assert again.get("/profile/").status_code == 302


def test_a_code_signs_in_once(bob: User, phone: TOTPDevice) -> None:
    code = token_of(phone)
    for expected in (302, 200):
        client = Client()
        try_in(client, "bob", PASSWORD)
        assert client.post("/login/code/", {"code": code}).status_code == expected


def test_wrong_codes_make_the_phone_wait(bob: User, phone: TOTPDevice) -> None:
    client = Client()
    try_in(client, "bob", PASSWORD)
    client.post("/login/code/", {"code": "123456"})
    assert client.post("/login/code/", {"code": token_of(phone)}).status_code == 200
    assert client.get("/profile/").status_code == 302


def test_the_code_page_needs_the_password_first(client: Client, phone: TOTPDevice) -> None:
    assert client.post("/login/code/", {"code": token_of(phone)}).url == LOGIN


def test_switching_off_needs_the_password(bob: User, phone: TOTPDevice) -> None:
    client = client_of(bob)
    client.post("/profile/two-step/off/", {"password": "wrong"})
    assert two_step.device_of(bob)
    client.post("/profile/two-step/off/", {"password": PASSWORD})
    assert two_step.device_of(bob) is None


def test_a_forgotten_password_is_reset_by_mail_once(client: Client, bob: User) -> None:
    for address in ("bob@example.com", "nobody@example.com"):
        assert client.post("/password/reset/", {"email": address}).url == "/password/reset/sent/"
    subjects = list(OutboxRow.objects.filter(topic=mails.RESET).values_list("subject", flat=True))
    assert subjects == [bob.pk]
    mails.send_resets(subjects)
    link = next(line for line in mail.outbox[0].body.splitlines() if "/password/reset/" in line)
    path = link.removeprefix("http://localhost:8000")
    form = client.get(path, follow=True)
    target = form.redirect_chain[-1][0]
    new = "a-very-new-password"
    assert client.post(target, {"new_password1": new, "new_password2": new}).url == LOGIN
    assert try_in(client, "bob", new).status_code == 302
    assert not Client().get(path, follow=True).context["validlink"]


def test_changing_the_password_ends_other_sessions(bob: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        try_in(client, "bob", PASSWORD)
    before = here.session.session_key
    new = "a-very-new-password"
    here.post(
        "/profile/password/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )
    assert here.get("/profile/").status_code == 200
    assert here.session.session_key != before
    assert there.get("/profile/").status_code == 302


def test_sign_out_everywhere_and_of_one_device(bob: User, alice: User) -> None:
    here, there, stranger = Client(), Client(), client_of(alice)
    for client in (here, there):
        try_in(client, "bob", PASSWORD)
    shown = here.get("/profile/").context["sessions"]
    assert [one.current for one in shown] == [True, False]
    here.post(reverse("people:end_session", args=[shown[1].handle]))
    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200
    here.post("/profile/sessions/end/")
    assert here.get("/profile/").status_code == 302
    assert stranger.get("/profile/").status_code == 200


def test_only_a_demo_names_its_accounts_before_sign_in(client: Client, alice: User) -> None:
    """Names of accounts are half of what a burglar needs."""
    company = Company.objects.create(code="C", name="C", is_demo=True)
    page = client.get("/login/")
    assert alice in page.context["demo_people"]
    Company.objects.filter(pk=company.pk).update(is_demo=False)
    page = client.get("/login/?user=alice")
    assert not page.context["demo_people"]
    assert "<details" not in page.content.decode()
