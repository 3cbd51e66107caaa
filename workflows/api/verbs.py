"""Doors of the API to the verbs: one address for each row of workflows.verbs, all through the one door."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, writes
from core.api.shapes import DAY, OBJECT, QUANTITY, TEXT, YES_NO, Field
from people.api.doors import Door
from workflows import door
from workflows.api import found, rows
from workflows.api.documents import GROUP, PATH
from workflows.api.shapes import DONE, KEY, given
from workflows.door import Outcome
from workflows.errors import DocumentRefused
from workflows.models import Document
from workflows.verbs import VERBS, Verb

DECIDE = frozenset({"approve", "refuse", "return", "forward", "add", "assign", "undo", "reverse"})
"""Verbs that a token for deciding allows; one for writing allows the others, carrying out among them."""
_REASON = Field("reason", TEXT, _("Code of a reason"), optional=True)
_TEXT = Field("text", TEXT, _("In own words"), optional=True, longest=4000)
_KEY = replace(KEY, help=_("Key of the line"))
_USER = Field("user", TEXT, _("Who: the name with which he signs in"))
_USERS = Field("users", TEXT, _("Who: names with which they sign in"), many=True, longest=50)


def _lines(*fields: Field, help: Any) -> Field:
    made = (_KEY, *fields)
    return Field("lines", OBJECT, help, optional=True, many=True, fields=made, longest=10_000)


_ENTERED = _lines(
    given("actual", QUANTITY, _("What was really moved")),
    given("rejected", QUANTITY, _("What of it was not accepted")),
    given("rechecked", QUANTITY, _("Second check of the picked quantity")),
    given("lot", TEXT, _("Number of the lot"), longest=80),
    given("expires_on", DAY, _("Day on which the lot expires")),
    given("source", TEXT, _("Code of the place it is taken from")),
    given("target", TEXT, _("Code of the place it goes to")),
    help=_("What was entered, line by line"),
)
_FIELDS = Field(
    "fields",
    OBJECT,
    _("Values of the fields that the step asks for: note, reference, wanted_on, custom:KEY"),
    optional=True,
)
_DATA: Mapping[str, tuple[Field, ...]] = {
    "approve": (
        _lines(
            Field("confirmed", QUANTITY, _("How much is confirmed")),
            help=_("A confirmation: quantities other than requested"),
        ),
        _FIELDS,
    ),
    "return": (
        Field("to", TEXT, _("Key of an earlier step; without it to the asker"), optional=True),
        Field(
            "lines",
            TEXT,
            _("Stocktakes: keys of count lines that somebody else counts again"),
            optional=True,
            many=True,
            longest=10_000,
        ),
    ),
    "forward": (_USER,),
    "assign": (_USER,),
    "add": (
        _USER,
        Field(
            "where",
            TEXT,
            _("When he is asked: before you, after you, beside you"),
            optional=True,
            choices=("before", "after", "beside"),
        ),
    ),
    "record": (replace(_ENTERED, optional=False),),
    "complete": (
        _ENTERED,
        _FIELDS,
        Field("leave", YES_NO, _("Stocktakes: what nobody counted stays as it is"), optional=True),
    ),
    "post": (
        Field("stamp", TEXT, _("Stamp of a preview: refuse if figures have moved"), optional=True),
        Field("settle", YES_NO, _("Transfers: book out what did not arrive"), optional=True),
        Field("close_rest", YES_NO, _("Leave no document of the rest"), optional=True),
        _FIELDS,
    ),
    "reverse": (
        Field(
            "lines",
            TEXT,
            _("Keys of lines; without it all of it"),
            optional=True,
            many=True,
            longest=10_000,
        ),
        Field("replace", YES_NO, _("Make a draft that corrects it"), optional=True),
        Field("override", TEXT, _("Reason for going below zero"), optional=True, longest=300),
    ),
    "close": (
        _lines(
            given("quantity", QUANTITY, _("How much of what is open; without it all of it")),
            help=_("Only these lines; without it all of the order"),
        ),
    ),
    "comment": (
        Field(
            "mentions",
            TEXT,
            _("Whom to tell: names with which they sign in"),
            optional=True,
            many=True,
            longest=50,
        ),
    ),
    "copy": (_USERS,),
}

_HELP: Mapping[str, Any] = {
    "amend": _(
        "Orders: takes back what nobody has begun; the order can be edited and submitted again."
    ),
    "close": _("Orders: what is open will not be delivered any more."),
    "reserve": _("Orders: promises what has come since and was short."),
    "approve": _("Takes effect at once. Agrees, or confirms, in the step that asks you."),
    "submit": _("Binds the content and sends it on its way."),
    "record": _("Keeps what was entered; complete finishes the step."),
    "complete": _("Finishes your step; where nothing else was said, as much as was planned."),
    "post": _("Only where the process has it posted by hand; else it is posted by itself."),
    "copy": _("They see the document from then on and decide nothing."),
    "undo": _("Takes your last verdict back, until the next step has begun."),
}


def body_of(verb: Verb) -> tuple[Field, ...]:
    """What a request for the verb may say."""
    said: tuple[Field, ...] = (_REASON, _TEXT)
    if verb.reason:
        said = (replace(_REASON, optional=False), replace(_TEXT, optional=False))
    elif verb.code == "comment":
        said = (replace(_TEXT, optional=False),)
    return (*said, *_DATA.get(verb.code, ()))


def act(self: Door, verb: Verb, body: dict[str, Any], document: str) -> One:
    """Do the verb on the version that If-Match names; a verdict takes effect at once."""
    pk, version = found.match(self, document)
    key = found.event_key(self)
    try:
        data = _data(verb, body)
    except DocumentRefused:
        found.find(self, document)  # what may not be seen is unknown first of all
        raise
    with found.on_version():
        done = door.act(
            pk,
            verb.code,
            actor=found.user_of(self),
            access=self.access,
            reason=body.get("reason", ""),
            text=body.get("text", ""),
            data=data | ({"request": key} if verb.code == "reverse" else {}),
            version=version,
            key=key,
            door="api",
        )
    return One(_row(done), headers=found.tagged(done.document.version))


def _data(verb: Verb, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the door wants it: people by their ids."""
    data = {one.key: body[one.key] for one in _DATA.get(verb.code, ()) if one.key in body}
    if "user" in data:
        data["user"] = found.person(data["user"])
    if "users" in data:
        data["users"] = [found.person(name) for name in data["users"]]
    return data


def _row(done: Outcome) -> dict[str, Any]:
    rest = done.result.get("rest")
    key = Document.objects.values_list("key", flat=True).get(pk=rest) if rest else None
    return rows.moved(done.document) | {
        "repeated": done.repeated,
        "posting": done.document.posting_id,
        "rest": key,
        "replacement": done.result.get("replacement"),
    }


def _door(verb: Verb) -> type[Door]:
    """The address of one verb."""

    class Doing(Door):
        """One verb."""

        @writes(
            Operation(
                f"document_{verb.code}",
                group=GROUP,
                summary=verb.label,
                help=_HELP.get(verb.code, ""),
                scope="documents.decide" if verb.code in DECIDE else "documents.write",
                right="stock.view" if verb.code == "void" else verb.right or "stock.view",
                path=PATH,
                body=body_of(verb),
                answer=DONE,
                versioned=True,
            )
        )
        def post(self, body: dict[str, Any], document: str) -> One:
            """Do it."""
            return act(self, verb, body, document)

    Doing.__name__ = Doing.__qualname__ = f"Doing{verb.code.title()}"
    return Doing


DOORS: dict[str, type[Door]] = {verb.code: _door(verb) for verb in VERBS}
