"""Make a token of the API where nobody can sign in to make it: on the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from people import tokens
from people.models import User


class Command(BaseCommand):
    """`manage.py api_token USER`: make a token and print it, once."""

    help = "Makes a token for the REST API and prints it; it is not kept and cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For whom, what it may do, and how long."""
        parser.add_argument("user", help="name with which the user signs in")
        parser.add_argument(
            "--scopes", nargs="+", choices=tokens.SCOPE_CODES, default=["read"], metavar="SCOPE",
            help=f"what it may do at most: {', '.join(tokens.SCOPE_CODES)}",
        )  # fmt: skip
        parser.add_argument("--days", type=int, default=90, help="how long it is good, 1 to 365")
        parser.add_argument("--name", default="made on the server", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; the user is told."""
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user “{options['user']}” who may sign in.")
        try:
            _token, text = tokens.make(
                user, name=options["name"][:80], scopes=options["scopes"], days=options["days"]
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text)
