"""Programs of the people of tests.workflows.world, and short ways to move documents through them."""

import json
import uuid
from typing import Any

from django.db import connection
from django.http import HttpResponse

from people.models import User
from stock import search_index
from tests.api.conftest import Program, program_of
from tests.workflows.world import World

EVERY = ("read", "costs", "documents.write", "documents.decide")


class Clerk(Program):
    """A program of one user that follows the versions of documents."""

    def __init__(self, user: User, *scopes: str) -> None:
        super().__init__()
        self.headers = program_of(user, *(scopes or EVERY)).headers
        self.user = user

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: int = 200,
        key: str = "",
        tag: str | None = None,
    ) -> Any:
        """The body of the answer below /api/v1/, whose status must be the expected one."""
        answer = self.raw(method, path, body, key=key, tag=tag)
        assert answer.status_code == expect, (answer.status_code, answer.content)
        return json.loads(answer.content)

    def raw(
        self, method: str, path: str, body: Any = None, *, key: str = "", tag: str | None = None
    ) -> HttpResponse:
        """The answer itself."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if tag is not None:
            headers["If-Match"] = tag
        return self.send(f"/api/v1/{path}", {} if body is None else body, method, **headers)

    def tag(self, document: str) -> str:
        """The ETag of a document as it is now."""
        answer = self.client.get(f"/api/v1/documents/{document}/", headers=self.headers)
        assert answer.status_code == 200, answer.content
        return str(answer.headers["ETag"])

    def do(
        self, document: str, verb: str, body: Any = None, *, expect: int = 200, key: str = ""
    ) -> Any:
        """A verb on the version that is there now."""
        tag = self.tag(document)
        return self.ask(
            "POST", f"documents/{document}/{verb}/", body, expect=expect, key=key, tag=tag
        )

    def draft(self, type_code: str, *lines: dict[str, Any], **header: Any) -> str:
        """A new draft; returns its key."""
        body = {"type": type_code, "lines": list(lines), **header}
        return str(self.ask("POST", "documents/", body, expect=201)["document"])


def counts() -> dict[str, int]:
    """How many rows each table has; an index that is a table to SQLite follows from what it indexes."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if table.startswith(search_index.TABLE):
                continue
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def scrap(world: World, clerk: Clerk, quantity: str = "60", **more: Any) -> str:
    """A draft that needs one approval and is posted by itself: worth more than 500."""
    item = world.stocked()
    return clerk.draft(
        "scrap",
        {"item": item.code, "quantity": quantity},
        warehouse=world.main.code,
        reason="damaged",
        **more,
    )
