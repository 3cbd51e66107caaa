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
from tests.browser.pages import visited

pytestmark = pytest.mark.django_db

MOST, LATER = 62 * 1024, 12 * 1024
PAGES = (
    "boards:home", "boards:home_of", "boards:reorder", "boards:phone", "boards:phone_task", "boards:scan", "boards:search",
    "stock:items", "stock:on_hand", "stock:movements", "stock:item", "stock:place", "workflows:documents", "workflows:new",
    "workflows:edit", "workflows:page", "workflows:inbox", "workflows:counting_board", "alerts:centre", "alerts:case", "alerts:reorder",
    "finance:review", "finance:entry", "intake:imports", "intake:import",
)  # fmt: skip
"""Names in pages.visited: homes, lists, documents, tasks of the phone, alerts, review, imports."""
_FILES = re.compile(r'(?:<script src|<link rel="stylesheet" href)="/static/([^"]+)"')


def weight(content: bytes) -> int:
    """Bytes on the wire, as well compressed as a server does it beforehand."""
    return len(gzip.compress(content, 9))


def test_first_and_later_visits_are_light() -> None:
    """The page with its styles and scripts, then the page alone; what is fetched when it is needed is not among them."""
    call_command("seed_demo", stdout=StringIO())
    client = Client()
    eve = User.objects.create(username="eve", name="Eve", is_superuser=True)
    client.force_login(eve, backend="django.contrib.auth.backends.ModelBackend")
    heavy, addresses = {}, visited()
    for path in [path for name in PAGES for path in addresses[name]]:
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
        print(f"{path:<60} {weight(answer.content):>7} {whole:>7}")
    assert heavy == {}
