"""What an address of the API offers, declared where it is written: the one source of behaviour and schema.

``@reads`` and ``@writes`` turn a method of a Door into an operation: parameters and body are read strictly,
the answer is shown by its fields, a write needs an Idempotency-Key and is kept with its effect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import idempotency, parameters, shapes
from core.api.errors import as_domain_error
from core.api.idempotency import Answer
from core.api.paging import Page
from core.api.parameters import CURSOR, LIMIT, Parameter
from core.api.parsers import RawFile
from core.api.shapes import Field, Text

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    ``scope`` is what a token must allow, ``right`` what its user must have. ``refusals`` are statuses
    beyond those that every operation may answer. ``path`` explains the variables of the address.
    """

    id: str
    group: Text
    summary: Text
    scope: str
    right: str
    help: Text = ""
    path: Mapping[str, Text] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    body: tuple[Field, ...] | None = None
    answer: tuple[Field, ...] = ()
    beside: tuple[Field, ...] = ()
    """What stands beside ``results`` in a list."""
    listed: bool = False
    paged: bool = False
    write: bool = False
    versioned: bool = False
    """The answer carries an ETag; a write needs it in If-Match."""
    tagged: bool = False
    """The answer carries an ETag, but no earlier one is asked for: what is written is new."""
    status: int = 200
    refusals: tuple[int, ...] = ()
    upload: int = 0
    """The body is a file of at most so many bytes; what else is to be said stands in the parameters."""
    hands_out: tuple[str, ...] = ()
    """The answer is a file of one of these content types."""


@dataclass(frozen=True, slots=True)
class One:
    """One record as an answer. ``costs``: the asker may see its costs."""

    row: Mapping[str, Any]
    costs: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def reads(operation: Operation) -> Callable[[Handler], Handler]:
    """Make ``handler(self, values, **path)``, which returns a Page, One or a file's answer, the operation."""
    if operation.paged:
        more = (*operation.parameters, CURSOR, LIMIT)
        operation = replace(operation, parameters=more, listed=True)

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def reader(self: "Door", request: Request, **path: str) -> HttpResponseBase:
            values = parameters.read(operation.parameters, request.query_params)
            found: Page | One | HttpResponseBase = handler(self, values, **path)
            if isinstance(found, HttpResponseBase):
                return found
            if isinstance(found, Page):
                return Response(_page(operation, found))
            body = shapes.show(operation.answer, found.row, costs=found.costs)
            return Response(body, headers=dict(found.headers))

        reader.operation = operation  # type: ignore[attr-defined]
        return reader

    return decorate


def _page(operation: Operation, page: Page) -> dict[str, Any]:
    """The envelope of a list."""
    made = shapes.show(operation.beside, page.beside, costs=page.costs)
    made["results"] = [shapes.show(operation.answer, row, costs=page.costs) for row in page.rows]
    if operation.paged:
        made["next"] = page.next or None
    return made


def writes(operation: Operation, before: Handler | None = None) -> Callable[[Handler], Handler]:
    """Make ``handler(self, body, **path)``, which returns One and may raise DomainError, the operation.

    It runs in one transaction with the kept answer, so it must not open a durable one, and what must not
    be undone with it belongs into the outbox. ``before(self, body, **path)`` makes of the body what the
    handler is given, ahead of the transaction: work that would keep others waiting. The body of an upload
    is its parameters and the bytes as ``file``.
    """
    operation = replace(operation, write=True)

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def writer(self: "Door", request: Request, **path: str) -> Response:
            said = parameters.read(operation.parameters, request.query_params)
            key = idempotency.key_of(request.headers.get("Idempotency-Key"))
            body, asked = _body(operation, request, said)
            if before is not None:
                body = before(self, body, **path)

            def work() -> Answer:
                made: One = handler(self, body, **path)
                shown = shapes.show(operation.answer, made.row, costs=made.costs)
                return Answer(shown, operation.status, made.headers)

            kept = idempotency.once(request.user.pk, key, asked, work)
            headers = dict(kept.headers) | (
                {"Idempotency-Replayed": "true"} if kept.replayed else {}
            )
            return Response(kept.body, status=kept.status, headers=headers)

        writer.operation = operation  # type: ignore[attr-defined]
        return writer

    return decorate


def _body(operation: Operation, request: Request, said: dict[str, Any]) -> tuple[Any, str]:
    """What the request says, and a hash of all that makes it this request."""
    data, more = request.data, []
    if operation.upload:
        data = data if isinstance(data, bytes) else b""
        body: Any = said | {"file": data}
        data, more = sha256(data).hexdigest(), [said]
    else:
        body = shapes.read(operation.body or (), data or {})
    scopes = getattr(request.auth, "scopes", None)
    return body, idempotency.fingerprint(request.method, request.path, data, scopes, *more)


class Door(APIView):
    """An address of the API. Everybody is counted before anything is looked up for him."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    @property
    def operation(self) -> Operation | None:
        """What the method of this request does; None if it is not offered."""
        method = (self.request.method or "").lower()
        return operation_of(self, method)

    def get_parsers(self) -> list[BaseParser]:
        """A file comes as it is, everything else as JSON; whoever only describes the API has no request."""
        operation = self.operation if self.request is not None else None
        if operation is not None and operation.upload:
            return [RawFile(operation.upload)]
        found: list[BaseParser] = super().get_parsers()
        return found

    def initial(self, request: Request, *args: Any, **path: Any) -> None:
        """Agree on JSON (a file is what it is), ask who it is, count, then ask what he may do."""
        self.format_kwarg = None
        operation = self.operation
        force = operation is not None and bool(operation.hands_out)
        renderer, media_type = self.perform_content_negotiation(request, force=force)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type
        try:
            self.perform_authentication(request)
        except Exception as error:
            if as_domain_error(error) is not None:
                self.check_throttles(request)  # counts for the address: nobody guesses for free
            raise
        self.check_throttles(request)
        self.check_permissions(request)
        if any(isinstance(value, str) and not value.isprintable() for value in path.values()):
            raise Http404


def operation_of(view: object, method: str) -> Operation | None:
    """What a method (in small letters) of a view does."""
    name = "get" if method == "head" else method
    found: Operation | None = getattr(getattr(view, name, None), "operation", None)
    return found
