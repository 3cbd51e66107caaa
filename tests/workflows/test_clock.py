"""Working time: limits over nights, weekends, holidays, worked Saturdays and clock changes; and its page."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from people.access import access_for
from people.models import User
from tests.workflows.world import World
from workflows import arranging, clock
from workflows.errors import ProcessRefused
from workflows.models import Calendar, Document, Holiday
from workflows.steps import Step

WEEK = clock.read_week({str(day): [["08:30", "12:00"], ["13:00", "17:30"]] for day in range(5)})
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(
    start: str, hours: float, special: dict | None = None, zone: ZoneInfo = SHANGHAI
) -> datetime:
    return clock.add(at(start, zone), hours * HOUR, WEEK, special or {}, zone)


# 2026-03-02 is a Monday.
@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02T09:00", 2, "2026-03-02T11:00"),
        ("2026-03-02T11:00", 2, "2026-03-02T14:00"),  # over noon
        ("2026-03-02T12:30", 1, "2026-03-02T14:00"),  # begins in the break
        ("2026-03-02T07:00", 1, "2026-03-02T09:30"),  # before work
        ("2026-03-02T17:00", 1, "2026-03-03T09:00"),  # over night
        ("2026-03-06T17:00", 4, "2026-03-09T12:00"),  # over the weekend
        ("2026-03-07T10:00", 8, "2026-03-09T17:30"),  # begins on a Saturday
        ("2026-03-02T08:30", 40, "2026-03-06T17:30"),  # a whole week, to its last minute
    ],
)
def test_a_limit_runs_in_working_hours_only(start: str, hours: float, end: str) -> None:
    assert due(start, hours) == at(end)


def test_holidays_are_left_out_and_worked_days_count() -> None:
    special = {
        date(2026, 10, 1): [], date(2026, 10, 2): [],
        date(2026, 10, 3): clock.read_spans([["08:30", "12:00"], ["13:00", "17:30"]]),
    }  # fmt: skip
    assert due("2026-09-30T17:00", 1) == at("2026-10-01T09:00")
    assert due("2026-09-30T17:00", 1, special) == at("2026-10-03T09:00")  # a worked Saturday
    assert due("2026-09-30T17:00", 9, special) == at("2026-10-05T09:00")
    assert clock.between(
        at("2026-09-30T17:00"), at("2026-10-05T09:00"), WEEK, special, SHANGHAI
    ) == timedelta(hours=9)


def test_a_clock_that_is_put_forward_takes_no_working_time_away() -> None:
    nights = clock.read_week({"6": [["00:00", "06:00"]], "0": [["00:00", "06:00"]]})
    # 2026-03-29 is the Sunday on which Berlin leaves out the hour from 2 to 3.
    end = clock.add(at("2026-03-29T00:00", BERLIN), 5 * HOUR, nights, {}, BERLIN)
    assert end == at("2026-03-29T06:00", BERLIN)
    end = clock.add(at("2026-03-29T00:00", BERLIN), 6 * HOUR, nights, {}, BERLIN)
    assert end == at("2026-03-30T01:00", BERLIN)
    # 2026-10-25 has the hour from 2 to 3 twice: seven hours of work.
    end = clock.add(at("2026-10-25T00:00", BERLIN), 7 * HOUR, nights, {}, BERLIN)
    assert end == at("2026-10-25T06:00", BERLIN)
    # Usual days keep their wall clock on both sides of the change.
    assert due("2026-03-27T17:00", 1, zone=BERLIN) == at("2026-03-30T09:00", BERLIN)


def test_a_calendar_without_hours_gives_plain_hours() -> None:
    start = at("2026-03-02T09:00")
    assert clock.add(start, 5 * HOUR, {}, {}, SHANGHAI) == start + 5 * HOUR


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    minutes=st.integers(1, 60_000),
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York")]),
)
def test_between_measures_what_add_has_added(start: datetime, minutes: int, zone: ZoneInfo) -> None:
    begin = start.replace(tzinfo=UTC)
    length = timedelta(minutes=minutes)
    special = {date(2026, 5, 1): [], date(2026, 5, 9): clock.read_spans([["08:30", "12:00"]])}
    end = clock.add(begin, length, WEEK, special, zone)
    assert clock.between(begin, end, WEEK, special, zone) == length
    assert end >= begin + length


@pytest.mark.django_db
def test_the_companys_own_calendar_sets_due_and_reminder() -> None:
    world = World()
    access = access_for(world.admin)
    arranging.save_week(world.company, dict.fromkeys(range(6), "9:00-17:00"), access=access)
    days = arranging.read_days("2026-03-07 ~ 2026-03-08 盘点", [["09:00", "17:00"]])
    arranging.put_days(world.company, days, access=access)
    document = Document(company=world.company, type="scrap")
    step = Step("a", "approve", "a", "a", limit_hours=4, remind_hours=1)
    end, remind = clock.limits(step, clock.calendar_of(document), at("2026-03-06T15:00"))
    assert (end, remind) == (at("2026-03-09T11:00"), at("2026-03-09T10:00"))
    arranging.remove_day(world.company, date(2026, 3, 7), access=access)
    end, _remind = clock.limits(step, clock.calendar_of(document), at("2026-03-06T15:00"))
    assert end == at("2026-03-07T11:00")
    assert clock.limits(
        Step("a", "approve", "a", "a"), clock.calendar_of(document), at("2026-03-06T15:00")
    ) == (
        None,
        None,
    )


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("8:30-12:00 13:00-17:30", [["08:30", "12:00"], ["13:00", "17:30"]]),
        ("13:00–17:30，8:30~12:00", [["08:30", "12:00"], ["13:00", "17:30"]]),
        ("9:00至18:00", [["09:00", "18:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: list) -> None:
    assert arranging.read_spans(text) == spans


@pytest.mark.parametrize(
    "text",
    [
        "nine to five",
        "25:00-26:00",
        "12:00-8:00",
        "8:00-8:00",
        "8:00-12:00 11:00-13:00",
        "22:00-06:00",
        "9-17",
    ],
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ProcessRefused):
        arranging.read_spans(text)


def test_days_are_read_from_a_pasted_list() -> None:
    usual = [["08:30", "17:30"]]
    pasted = "2026-10-01 ~ 2026-10-03 国庆节\n\n2026/10/10 上班\n2026年10月11日\t9:00-12:00 半天, 补班\n2027.1.1"
    found = [(str(d.day), d.name, d.hours) for d in arranging.read_days(pasted, usual)]
    assert found == [
        ("2026-10-01", "国庆节", []),
        ("2026-10-02", "国庆节", []),
        ("2026-10-03", "国庆节", []),
        ("2026-10-10", "上班", usual),
        ("2026-10-11", "半天 补班", [["09:00", "12:00"]]),
        ("2027-01-01", "", []),
    ]
    with pytest.raises(ProcessRefused) as refused:
        arranging.read_days(
            "2026-10-01 fine\nnot a date\n2026-02-30\n2026-10-05 ~ 2026-10-01", usual
        )
    assert [error.line for error in refused.value.lines] == [2, 3, 4]


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_the_page_saves_hours_and_pasted_days_and_names_what_is_wrong() -> None:
    world = World()
    client = _client(world.admin)
    address, days = reverse("workflows:calendar"), reverse("workflows:calendar_day")
    assert client.get(address).status_code == 200
    assert not Calendar.objects.exists()  # looking keeps nothing
    week = {f"day{n}": "9:00-18:00" for n in range(5)} | {"day5": "9:00-12:00", "day6": ""}
    assert client.post(address, week).status_code == 302
    kept = Calendar.objects.get(company=world.company)
    assert set(kept.hours) == {"0", "1", "2", "3", "4", "5"}
    wrong = client.post(address, week | {"day2": "lunch"})
    assert wrong.status_code == 422
    assert "lunch" in wrong.content.decode()
    assert (
        client.post(days, {"pasted": "2026-10-01 National Day\n2026-10-10 worked"}).status_code
        == 302
    )
    assert client.post(days, {"pasted": "2026-10-01 Renamed"}).status_code == 302
    assert set(Holiday.objects.values_list("name", flat=True)) == {"Renamed", "worked"}
    assert Holiday.objects.get(name="worked").hours == [["09:00", "18:00"]]
    bad = client.post(days, {"pasted": "2026-10-02\nrubbish"})
    assert bad.status_code == 422
    assert "Line 2" in bad.content.decode()
    assert Holiday.objects.count() == 2
    client.post(days, {"remove": "2026-10-01"})
    assert Holiday.objects.count() == 1
    assert client.post(days, {"remove": "x"}).status_code == 404
    assert client.get(f"{address}?company=999").status_code == 404
    assert _client(world.fay).post(address, week).status_code == 403
