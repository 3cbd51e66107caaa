"""What each channel brings of one case and of one week, as its receiver took it: the pages that pictures are taken of.

A demo company is copied, an item of it falls below its reorder point, and the week is told; receivers that behave as
mail servers, robots and programs do (``scripts.postbox``, ``scripts.robots``) take what is sent. Run by itself, with
the company's environment, it sends and prints what was taken as JSON.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import letter_pages, postbox, robots

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("mail", "wecom", "dingtalk", "feishu", "webhook")
WIDTH = letter_pages.WIDTH
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=k-1",
    "dingtalk": "/robot/send?access_token=t-1",
    "feishu": "/open-apis/bot/v2/hook/f-1",
    "webhook": "/stock-news",
}
SECRETS = {"dingtalk": robots.DING_SECRET, "feishu": robots.FEISHU_SECRET}
READER = "chenxiao"
ITEM = "10110"
SITE = "https://stock.example.com"


def name_of(kind: str) -> str:
    """What the picture of a kind of channel is called."""
    return f"message-{kind}"


def pages(environment: dict[str, str], language: str) -> dict[str, str]:
    """Kind of channel → a page that shows what it brought, for the demo company of this environment."""
    with tempfile.TemporaryDirectory(prefix="inv-letters-", ignore_cleanup_errors=True) as var:
        shutil.copytree(environment["INVENTORY_VAR"], var, dirs_exist_ok=True)
        ran = subprocess.run(
            [sys.executable, __file__, language],
            cwd=ROOT,
            env={**environment, "INVENTORY_VAR": var},
            check=True,
            stdout=subprocess.PIPE,
        )
    return letter_pages.of(json.loads(ran.stdout.splitlines()[-1]), language)


def main() -> None:
    """Send and print what came, by kind of channel."""
    with robots.running() as taken, postbox.running() as post:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "inventory_project.settings",
            "OUTGOING_NETWORKS": "127.0.0.0/8",
            "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
            "SITE_URL": SITE,
        }
        import django

        django.setup()
        _open_channels(taken, sys.argv[1])
        _raise_case()
        _tell_week()
        found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for kind, content, headers in taken.got:
            found[kind].append({"content": content, "headers": headers})
        found["mail"] = [_letter(one) for one in post.got]
    short = [kind for kind, came in found.items() if len(came) != 2]
    if short:
        sys.exit(f"Two messages were sent by each channel; not so many came by {', '.join(short)}.")
    print(json.dumps(found))


def _open_channels(taken: robots.Robots, language: str) -> None:
    from alerts.channels import groups, managing
    from people.access import access_for
    from people.models import User

    reader = User.objects.get(username=READER)
    reader.language, reader.email = language, f"{READER}@example.com"
    reader.save()
    for kind in KINDS:
        given: dict[str, Any] = dict.fromkeys(groups.GROUPS, False)
        given |= {"cases": True, "digest": True, "name": kind, "severity": "medium"}
        given["address"] = f"{taken.url}{PATHS[kind]}" if kind in PATHS else ""
        given["secret"] = SECRETS.get(kind, "")
        _made, secret = managing.add(kind, given, user=reader, access=access_for(reader))
        taken.hook_secret = secret or taken.hook_secret


def _raise_case() -> None:
    from alerts import evaluating
    from alerts.models import Rule
    from stock.models import Item

    Rule.objects.update(dwell_minutes=0, quiet_from=None, quiet_until=None)
    item = Item.objects.get(code=ITEM)
    item.reorder_point, item.maximum = Decimal(5_000), None
    item.save()
    evaluating.touched("items", [item.pk])
    _carry()


def _tell_week() -> None:
    from alerts import digest

    digest.send()
    _carry()


def _carry() -> None:
    """What the clock and the outbox do."""
    from alerts import telling
    from alerts.channels import sending
    from core import outbox

    telling.send_due()
    sending.run()
    outbox.deliver(sending.CONSUMER)


def _letter(one: EmailMessage) -> dict[str, str]:
    found = {name: str(one[name]) for name in ("From", "To", "Subject")}
    for kind in ("plain", "html"):
        body = one.get_body((kind,))
        found[kind] = body.get_content() if body is not None else ""
    return found


if __name__ == "__main__":
    main()
