"""What every page door of people shares: who may enter, and how a refusal is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from core.errors import NotAllowed
from people.access import access_for
from people.models import User

View = Callable[..., HttpResponseBase]


def signed_in(request: HttpRequest) -> User:
    """The user of a request that has passed ``login_required``."""
    return cast(User, request.user)


def needs(right: str, *others: str) -> Callable[[View], View]:
    """Let only signed-in users with the right (or one of the others) in: the rest get 403, strangers sign in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            access = access_for(request.user)
            try:
                if not any(access.may(other) for other in others):
                    access.require(right)
            except NotAllowed as error:
                raise PermissionDenied(str(error)) from error
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """The page after too many wrong passwords; the same whether the user exists or not."""
    return render(request, "people/locked_out.html", status=429)
