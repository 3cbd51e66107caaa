"""What a first and a later visit weigh, compressed and without pictures: nobody waits for more on a slow phone."""

import gzip
import re
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from people.models import User

pytestmark = pytest.mark.django_db

MOST, LATER = 62 * 1024, 12 * 1024
PAGES = ("/", "/items/", "/stock/", "/documents/", "/documents/new/purchase_in/", "/todo/", "/m/", "/scan/")  # fmt: skip
_FILES = re.compile(r'(?:<script src|<link rel="stylesheet" href)="/static/([^"]+)"')


def weight(content: bytes) -> int:
    """Bytes on the wire, as well compressed as a server does it beforehand."""
    return len(gzip.compress(content, 9))


def test_first_and_later_visits_are_light() -> None:
    """The page with its styles and scripts, then the page alone; what is fetched when it is needed is not among them."""
    call_command("seed_demo", stdout=StringIO())
    client = Client()
    client.force_login(
        User.objects.get(username="zhao"), backend="django.contrib.auth.backends.ModelBackend"
    )
    heavy = {}
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, path
        files = set(_FILES.findall(answer.content.decode()))
        assert len(files) >= 4, path
        whole = weight(answer.content)
        if whole > LATER:
            heavy[f"{path} later"] = whole
        for name in files:
            found = finders.find(name)
            assert isinstance(found, str), name
            whole += weight(Path(found).read_bytes())
        if whole > MOST:
            heavy[path] = whole
    assert heavy == {}
