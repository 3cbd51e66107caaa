"""The Door that knows who asks: what he may is his rights, cut down to the scopes of his token."""

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request

from core.api import operations
from core.errors import NotAllowed
from people import tokens
from people.access import Access, access_for
from people.models import ApiToken


class Door(operations.Door):
    """Every address of the API is one of these: nobody passes without a right that its operation names."""

    @cached_property
    def access(self) -> Access:
        """What the caller may see and do."""
        if isinstance(self.request.auth, ApiToken):
            return tokens.narrowed(self.request.auth)
        return access_for(self.request.user)

    def check_permissions(self, request: Request | HttpRequest) -> None:
        """Raise NotAuthenticated or NotAllowed; an undeclared method is left to 405."""
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        operation = self.operation
        if operation is None:
            return
        token = getattr(request, "auth", None)
        if isinstance(token, ApiToken) and operation.scope not in token.scopes:
            raise NotAllowed(
                _("This token lacks the scope “%(scope)s”.") % {"scope": operation.scope},
                code="scope",
                scope=operation.scope,
            )
        if operation.right:
            self.access.require(operation.right)
