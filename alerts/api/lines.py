"""Door of the API to say of a warning on a line that it is right; warnings themselves come with the lines."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from alerts.anomaly import accepting
from core.api.operations import One, Operation, writes
from core.api.shapes import TEXT, Field
from people.api.doors import Door
from workflows.api import found
from workflows.api.shapes import UUID


class AcceptWarning(Door):
    """One warning."""

    @writes(
        Operation(
            "document_warning_accept",
            summary=_(
                "Say that what is unusual about a line is right; it is learned from, and not said again"
            ),
            path={"document": _("Key of the document"), "line": _("Key of the line")},
            body=(Field("code", TEXT, _("Code of the warning")),),
            answer=(
                Field("line", UUID, _("Key of the line")),
                Field("code", TEXT, _("Code of the warning")),
            ),
            group=_("Documents"),
            scope="documents.write",
            right="document.ask",
        )
    )
    def post(self, body: dict[str, Any], document: str, line: str) -> One:
        """The second time changes nothing."""
        about = found.find(self, document)
        user = found.user_of(self)
        accepting.accept(about, line, body["code"], actor=user, access=self.access)
        return One({"line": line, "code": body["code"]})
