"""The OpenAPI description of the API, made from the declared operations; nothing of it is written by hand."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from core.api.errors import SHAPE
from core.api.operations import Operation, operation_of
from core.api.parameters import Parameter
from core.api.shapes import Schema, Text, schema_of

COMPONENTS = {
    "schemas": {"Refusal": SHAPE},
    "securitySchemes": {
        "token": {"type": "http", "scheme": "bearer"},
    },
}
"""What every operation refers to."""

REFUSALS: dict[int, Text] = {
    400: _("The request has not the shape it must have."),
    401: _("Nobody is signed in, or the token is not (or no longer) good."),
    403: _("The token's scope or the user's rights do not allow this."),
    404: _("There is nothing here that you may see."),
    405: _("This method is not offered here."),
    406: _("Answers are application/json only."),
    409: _("Somebody else was faster; nothing was changed."),
    412: _("The record has been changed since you read it."),
    413: _("The body is too large."),
    415: _("The body has another content type than is read here."),
    422: _("What is asked for cannot be done; the lines say why."),
    428: _("Say which version you change: If-Match is missing."),
    429: _("Too many requests; Retry-After says how long to wait."),
    503: _("The database is busy; nothing was changed, try again."),
}
_ALWAYS = (400, 401, 403, 405, 406, 429, 503)
_WRITES = (409, 413, 415, 422)


class DeclaredSchema(AutoSchema):  # type: ignore[misc]
    """Describes a view by its Operation alone."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema | None:
        """The operation object; None for what is not declared."""
        operation = operation_of(self.view, method.lower())
        return None if operation is None else describe(operation)


def describe(operation: Operation) -> Schema:
    """One operation as OpenAPI has it."""
    made: Schema = {
        "operationId": operation.id,
        "summary": str(operation.summary),
        "tags": [str(operation.group)],
        "parameters": [*_path(operation), *_headers(operation), *_query(operation)],
        "security": [{"token": []}],
        "responses": {str(operation.status): _success(operation)}
        | {str(status): _refusal(status) for status in refusals_of(operation)},
        "x-scope": operation.scope,
    }
    if operation.help:
        made["description"] = str(operation.help)
    if operation.right:
        made["x-right"] = operation.right
    if operation.upload:
        made["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    if operation.body is not None:
        body = schema_of(operation.body, request=True)
        made["requestBody"] = {
            "required": bool(body.get("required")),
            "content": {"application/json": {"schema": body}},
        }
    return made


def refusals_of(operation: Operation) -> list[int]:
    """Every status with which the operation may refuse, in order."""
    found = {*_ALWAYS, *operation.refusals}
    if operation.hands_out:
        found.remove(406)
    if operation.path:
        found.add(404)
    if operation.write:
        found |= set(_WRITES)
        if operation.versioned:
            found |= {412, 428}
    return sorted(found)


def _path(operation: Operation) -> list[Schema]:
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": {"type": "string", "minLength": 1},
            "description": str(text),
        }
        for name, text in operation.path.items()
    ]


def _headers(operation: Operation) -> list[Schema]:
    names: list[tuple[str, Text, str]] = []
    if operation.write:
        text = _(
            "A text of your own, new for each change: the same key again has no second effect."
        )
        names.append(("Idempotency-Key", text, r"^[!-~]{1,200}$"))
        if operation.versioned:
            text = _("The ETag of the version that you change.")
            names.append(("If-Match", text, r'^"[!-~]{1,80}"$'))
    return [
        {
            "in": "header",
            "name": name,
            "required": True,
            "schema": {"type": "string", "pattern": pattern},
            "description": str(text),
        }
        for name, text, pattern in names
    ]


def _query(operation: Operation) -> list[Schema]:
    return [_parameter(one) for one in operation.parameters]


def _parameter(one: Parameter) -> Schema:
    schema: Schema = dict(one.schema)
    if one.many:
        schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": 50}
    if one.default is not None:
        schema["default"] = one.default
    made: Schema = {
        "in": "query",
        "name": one.name,
        "schema": schema,
        "description": str(one.help),
    }
    if one.required:
        made["required"] = True
    return made


def _success(operation: Operation) -> Schema:
    row = schema_of(operation.answer)
    if operation.listed:
        body = schema_of(operation.beside)
        body["properties"]["results"] = {"type": "array", "items": row}
        body.setdefault("required", []).append("results")
        if operation.paged:
            body["properties"]["next"] = {
                "type": ["string", "null"],
                "description": str(_("The cursor of the next page; null on the last.")),
            }
            body["required"].append("next")
    else:
        body = row
    content: Schema = {"application/json": {"schema": body}}
    if operation.hands_out:
        content = {kind: {} for kind in operation.hands_out}
    made: Schema = {
        "description": str(_("Done.") if operation.write else _("Found.")),
        "content": content,
    }
    if operation.versioned or operation.tagged:
        made["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return made


def _refusal(status: int) -> Schema:
    made: Schema = {
        "description": str(REFUSALS[status]),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
    }
    if status in {409, 429, 503}:
        made["headers"] = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
    return made


@lru_cache(maxsize=8)
def _made(_language: str) -> Schema:
    """Once per language: the operations do not change while a process lives."""
    found: Schema = SchemaGenerator().get_schema(request=None, public=True)
    return found | {"components": COMPONENTS}


def openapi() -> Schema:
    """The whole description, in the language active now."""
    return _made(get_language() or "")


@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    """The description for machines; open to everybody, since it holds no data."""
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})
