"""What a caller may ask about himself."""

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from core.api.operations import One, Operation, reads
from core.api.shapes import MOMENT, TEXT, Field
from people import rights
from people.api.doors import Door
from people.models import ApiToken, User

ME = (
    Field("user", TEXT, _("Name with which one signs in")),
    Field("name", TEXT, _("Name")),
    Field("rights", TEXT, _("What you may do with this token or session, somewhere"), many=True),
    Field(
        "scopes", TEXT, _("What the token allows; null without a token"), many=True, nullable=True
    ),
    Field("expires_at", MOMENT, _("Until when the token is good"), nullable=True),
)


class Me(Door):
    """The caller himself."""

    @reads(
        Operation(
            "me",
            group=_("Who asks"),
            summary=_("Who am I, and what may I do?"),
            scope="read",
            right="",
            answer=ME,
        )
    )
    def get(self, values: dict[str, Any]) -> One:
        """User, rights, scopes."""
        user = cast(User, self.request.user)
        token = self.request.auth if isinstance(self.request.auth, ApiToken) else None
        return One(
            {
                "user": user.username,
                "name": str(user),
                "rights": [right.code for right in rights.RIGHTS if self.access.may(right.code)],
                "scopes": token.scopes if token else None,
                "expires_at": token.expires_at if token else None,
            }
        )
