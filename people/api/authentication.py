"""Two ways to say who asks: a token in the header Authorization, or the session of a signed-in page."""

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from people import tokens
from people.models import ApiToken, User


class TokenAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer inv_…``; whatever is wrong with it, the answer is the same."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token and its user; None without the header. Raises AuthenticationFailed."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        word, _blank, text = header.partition(" ")
        token = tokens.find(text.strip()) if word.lower() == "bearer" else None
        if token is None:
            raise exceptions.AuthenticationFailed(
                _("This token is not known here, or no longer good.")
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'


class PageAuthentication(authentication.SessionAuthentication):
    """The session of a page; changes need its CSRF token as everywhere."""
