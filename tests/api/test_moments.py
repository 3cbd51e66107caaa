"""Every moment of the API has one text, with the offset of the installation, wherever the value comes from."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from core.api import shapes
from core.api.operations import Operation, operation_of
from core.api.shapes import Field

AT = datetime(2026, 3, 31, 18, 30, 0, 125, tzinfo=UTC)


def operations(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[Operation]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from operations(one.url_patterns)
            continue
        view = getattr(one.callback, "view_class", None)
        for method in ("get", "post", "put", "patch", "delete"):
            if view is not None and (found := operation_of(view, method)):
                yield found


def moments(fields: Iterable[Field]) -> Iterator[Field]:
    for one in fields:
        yield from moments(one.fields)
        if one.kind.schema.get("format") == "date-time":
            yield one


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_moments_of_all_answers_are_written_alike(zone: str) -> None:
    wanted = AT.astimezone(ZoneInfo(settings.TIME_ZONE)).isoformat()
    told = [
        one
        for operation in operations(get_resolver().url_patterns)
        for one in moments([*operation.answer, *operation.beside])
    ]
    assert len(told) > 40
    for one in told:
        shown = shapes.show([one], {one.key: AT.astimezone(ZoneInfo(zone))}, costs=True)
        assert shown == {one.key: [wanted] if one.many else wanted}
