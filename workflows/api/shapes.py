"""What documents consist of in requests and answers; the keys are a contract."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from core.api.shapes import (
    DAY,
    INTEGER,
    MOMENT,
    OBJECT,
    QUANTITY,
    TEXT,
    VALUE,
    YES_NO,
    Field,
    Kind,
    Text,
)
from workflows.models import CustomField, Line, StepRun, Task

UUID = Kind({"type": "string", "format": "uuid"}, TEXT.read, str)


def given(key: str, kind: Kind, help: Text, *, longest: int = 200) -> Field:
    """A key that may be left out (stays as it is) or null (is emptied)."""
    return Field(key, kind, help, optional=True, nullable=True, longest=longest)


# Requests --------------------------------------------------------------------------------------------

HEADER = (
    given("warehouse", TEXT, _("Code of the warehouse")),
    given("target_warehouse", TEXT, _("Code of the warehouse it goes to")),
    given("partner", TEXT, _("Code of the supplier or customer")),
    given("department", TEXT, _("Code of the department")),
    given("reason", TEXT, _("Code of a reason")),
    given("cost_object", TEXT, _("Work order"), longest=60),
    given("reference", TEXT, _("Number of the paper or order it comes from"), longest=80),
    given("wanted_on", DAY, _("Day on which it is wanted")),
    given("effective_at", MOMENT, _("When it happened; without it the moment of posting")),
    given("currency", TEXT, _("Currency of the prices"), longest=3),
    given("rate", QUANTITY, _("Exchange rate: 1 of it in the company's currency")),
    given("note", TEXT, _("Note"), longest=4000),
    given("override", TEXT, _("Reason for going below zero"), longest=300),
    given("accept_expired", TEXT, _("Reason for issuing an expired lot"), longest=300),
    given("custom", OBJECT, _("Values of custom fields by their keys")),
)
LINE = (
    Field("item", TEXT, _("Code of the item, or a barcode"), optional=True, longest=80),
    given("unit", TEXT, _("Code of the unit; without it the base unit")),
    given("quantity", QUANTITY, _("How much, in that unit")),
    Field(
        "side",
        TEXT,
        _("Conversions: whether it goes in or comes out"),
        optional=True,
        choices=("", *Line.Side.values),
    ),
    given("source", TEXT, _("Code of the place it is taken from")),
    given("target", TEXT, _("Code of the place it goes to")),
    given("lot", TEXT, _("Number of the lot"), longest=80),
    given("manufactured_on", DAY, _("Day of manufacture of the lot")),
    given("expires_on", DAY, _("Day on which the lot expires")),
    given("target_lot", TEXT, _("Relabelling: number of the new lot"), longest=80),
    given("price", QUANTITY, _("Price of one unit, in the document's currency")),
    Field("price_with_tax", YES_NO, _("The price includes tax"), optional=True),
    given("tax_rate", QUANTITY, _("Tax in percent")),
    given("value", VALUE, _("Value of the whole line in the company's currency")),
    given("original", INTEGER, _("Number of the movement that it returns or adjusts")),
    given("reason", TEXT, _("Code of a reason")),
    given("note", TEXT, _("Note"), longest=300),
    given("position", INTEGER, _("Place of the line in the document, from 1")),
)
KEY = Field("key", UUID, _("Key of the line, a UUID of your own; without it we make one"))
NEW_LINE = (
    replace(KEY, optional=True),
    *(replace(one, optional=one.key != "item") for one in LINE),
)
NEW = (
    Field("type", TEXT, _("Type of document")),
    *HEADER,
    Field("lines", OBJECT, _("Lines"), optional=True, many=True, fields=NEW_LINE, longest=10_000),
)

# Answers ---------------------------------------------------------------------------------------------

_AMOUNT = Field("amount", VALUE, _("Estimated worth, in the company's currency"), cost=True)


def _maybe(key: str, kind: Kind, help: Text, *, cost: bool = False) -> Field:
    return Field(key, kind, help, nullable=True, cost=cost)


def _hideable(key: str, kind: Kind, help: Text, *, nullable: bool = True) -> Field:
    """A key that is left out for those from whom the step that waits for them hides it."""
    return Field(key, kind, help, nullable=nullable, hideable=True)


MOVED = (
    Field("document", UUID, _("Key of the document")),
    _maybe("number", TEXT, _("Number; null until it is submitted")),
    Field("type", TEXT, _("Type of document")),
    Field("state", TEXT, _("State")),
    Field("step", TEXT, _("Key of the step that is open; empty without one")),
    Field("version", INTEGER, _("Raised by every change; the ETag is made of it")),
)
SUMMARY = (
    *MOVED,
    _hideable("warehouse", TEXT, _("Code of the warehouse")),
    _hideable("target_warehouse", TEXT, _("Code of the warehouse it goes to")),
    _hideable("partner", TEXT, _("Code of the supplier or customer")),
    _hideable("department", TEXT, _("Code of the department")),
    _hideable("reason", TEXT, _("Code of a reason")),
    _hideable("cost_object", TEXT, nullable=False, help=_("Work order")),
    _hideable(
        "reference", TEXT, nullable=False, help=_("Number of the paper or order it comes from")
    ),
    _hideable("wanted_on", DAY, _("Day on which it is wanted")),
    _maybe("asker", TEXT, _("Who asked for it; null for a trusted import")),
    Field("created_at", MOMENT, _("When it was begun")),
    Field("changed_at", MOMENT, _("When it was last changed")),
    _maybe("submitted_at", MOMENT, _("When it was submitted")),
    _maybe("posted_at", MOMENT, _("When it was posted")),
    _AMOUNT,
    _maybe("posted_amount", VALUE, _("What its posting was worth"), cost=True),
)
LINE_SHOWN = (
    replace(KEY, help=_("Key of the line")),
    Field("position", INTEGER, _("Place of the line in the document, from 1")),
    Field("item", TEXT, _("Code of the item")),
    Field("name", TEXT, _("Name of the item")),
    Field("unit", TEXT, _("Code of the unit")),
    Field("quantity", QUANTITY, _("Requested, in that unit")),
    _maybe("confirmed", QUANTITY, _("Confirmed")),
    _maybe("actual", QUANTITY, _("What was really moved")),
    _maybe("rejected", QUANTITY, _("What of it was not accepted")),
    _maybe("rechecked", QUANTITY, _("Second check of the picked quantity")),
    Field("side", TEXT, _("Conversions: input or output")),
    _maybe("source", TEXT, _("Code of the place it is taken from")),
    _maybe("target", TEXT, _("Code of the place it goes to")),
    Field("lot", TEXT, _("Number of the lot")),
    _maybe("manufactured_on", DAY, _("Day of manufacture of the lot")),
    _maybe("expires_on", DAY, _("Day on which the lot expires")),
    Field("target_lot", TEXT, _("Relabelling: number of the new lot")),
    _maybe("price", QUANTITY, _("Price of one unit, in the document's currency"), cost=True),
    Field("price_with_tax", YES_NO, _("The price includes tax")),
    Field("tax_rate", QUANTITY, _("Tax in percent"), nullable=True, cost=True),
    _maybe("value", VALUE, _("Value of the whole line in the company's currency"), cost=True),
    _maybe("original", INTEGER, _("Number of the movement that it returns or adjusts")),
    _maybe("made_from", UUID, _("Key of the line it was made from")),
    _maybe("reason", TEXT, _("Code of a reason")),
    Field("note", TEXT, _("Note")),
)
WARNING = (
    Field("code", TEXT, _("What is said, as a code")),
    Field("text", TEXT, _("What is said, in a sentence")),
    Field("tone", TEXT, _("How bad it is"), choices=("err", "warn", "info")),
    _maybe("field", TEXT, _("Key of the line that may be meant otherwise")),
    _maybe("instead", TEXT, _("What may have been meant")),
    Field("acceptable", YES_NO, _("Somebody may say that it is right; it is not said again then")),
)
LINE_SET = (
    *LINE_SHOWN,
    Field("warnings", OBJECT, _("What is said of it while it is typed"), many=True, fields=WARNING),
)
LINE_WARNED = (
    replace(KEY, help=_("Key of the line")),
    Field("position", INTEGER, _("Place of the line in the document, from 1")),
    Field("warnings", OBJECT, _("What is said of it"), many=True, fields=WARNING),
)
ASKED = (
    Field("user", TEXT, _("Who is asked")),
    _maybe("on_behalf_of", TEXT, _("For whom he stands in")),
    Field("state", TEXT, _("State of the task"), choices=tuple(Task.State.values)),
    Field("verdict", TEXT, _("approved, refused, returned, done; empty before")),
    Field("why", TEXT, _("Why he is asked: role, user, manager, fallback, stand_in, …")),
    Field("comment", TEXT, _("What he said")),
    Field("asked_at", MOMENT, _("When he was asked")),
    _maybe("due_at", MOMENT, _("When it is due")),
    _maybe("decided_at", MOMENT, _("When he decided")),
)
STEP = (
    Field("step", TEXT, _("Key of the step")),
    Field("name", TEXT, _("Name of the step")),
    Field("kind", TEXT, _("approve, confirm, inspect, execute, post, finance")),
)
STEP_RUN = (
    *STEP,
    Field("entered_at", MOMENT, _("When the document came to it")),
    _maybe("left_at", MOMENT, _("When it left; null while it is open")),
    Field(
        "outcome", TEXT, _("How it left; empty while open"), choices=tuple(StepRun.Outcome.values)
    ),
    Field("touch_seconds", INTEGER, _("How long people worked on it, in seconds")),
    Field("counts", YES_NO, _("false once the document was returned to it or before it")),
    Field("people", OBJECT, _("Whom it asked"), many=True, fields=ASKED),
    Field("trace", OBJECT, _("Which rules were asked, with which values"), many=True, cost=True),
)
LINK = (
    Field(
        "how",
        TEXT,
        _("What the other one is: what this was made from, made of it, …"),
        choices=("source", "made", "rest_of", "rest", "replaces", "replacement"),
    ),
    Field("document", UUID, _("Key of the document")),
    _maybe("number", TEXT, _("Number; null until it is submitted")),
    Field("type", TEXT, _("Type of document")),
    Field("state", TEXT, _("State")),
)
FILE = (
    Field("file", UUID, _("Key of the file")),
    Field("name", TEXT, _("Name of the file")),
    Field("content_type", TEXT, _("What its content is")),
    Field("size", INTEGER, _("Bytes")),
    Field("sha256", TEXT, _("SHA-256 of its content")),
    _maybe("line", UUID, _("Key of the line it belongs to")),
    Field("field", TEXT, _("Key of the custom field that it fills")),
    Field("user", TEXT, _("Who added it")),
    Field("added_at", MOMENT, _("When it was added")),
)
WHOLE = (
    *SUMMARY,
    _maybe("effective_at", MOMENT, _("When it happened; without it the moment of posting")),
    _hideable("currency", TEXT, nullable=False, help=_("Currency of the prices")),
    _hideable(
        "rate", QUANTITY, nullable=False, help=_("Exchange rate: 1 of it in the company's currency")
    ),
    _hideable("note", TEXT, nullable=False, help=_("Note")),
    Field("override", TEXT, _("Reason for going below zero")),
    Field("accept_expired", TEXT, _("Reason for issuing an expired lot")),
    Field("custom", OBJECT, _("Values of custom fields by their keys")),
    _maybe("posting", INTEGER, _("Number of its posting in the book")),
    _maybe("process_version", INTEGER, _("Version of the process it travels by")),
    _maybe("synced_at", MOMENT, _("When finance was done with it")),
    Field("lines", OBJECT, _("Lines"), many=True, fields=LINE_SHOWN),
    Field(
        "steps", OBJECT, _("Steps it went through, with their times"), many=True, fields=STEP_RUN
    ),
    Field("editable", YES_NO, _("You may write its content now")),
    Field("possible", TEXT, _("What you may do with it now"), many=True),
    Field("links", OBJECT, _("Other documents of the same story"), many=True, fields=LINK),
    Field("files", OBJECT, _("Photos and files"), many=True, fields=FILE),
)
DONE = (
    *MOVED,
    Field("repeated", YES_NO, _("The same key had done it before")),
    _maybe("posting", INTEGER, _("Number of its posting in the book")),
    _maybe("rest", UUID, _("Key of the document of what was not carried out")),
    _maybe("replacement", UUID, _("Key of the draft that corrects it")),
)
EVENT = (
    Field("event", INTEGER, _("Number of the entry")),
    Field("at", MOMENT, _("When")),
    _maybe("user", TEXT, _("Who; null for the system")),
    _maybe("on_behalf_of", TEXT, _("For whom he stands in")),
    Field("verb", TEXT, _("What was done")),
    Field("old_state", TEXT, _("State before")),
    Field("new_state", TEXT, _("State after")),
    Field("content_version", INTEGER, _("Which version of the content it was about")),
    Field("step", TEXT, _("Key of the step")),
    Field("reason", TEXT, _("Code of a reason")),
    Field("text", TEXT, _("In own words")),
    Field("data", OBJECT, _("Details: what changed from what to what")),
    Field("door", TEXT, _("Where it came in: form, api, import, …")),
)
CUSTOM = (
    Field("key", TEXT, _("Key")),
    Field("kind", TEXT, _("What it holds"), choices=tuple(CustomField.Kind.values)),
    Field("name", TEXT, _("Name")),
    Field("choices", TEXT, _("What may be chosen"), many=True),
    Field("required", YES_NO, _("Needed when submitting")),
)
