#!/usr/bin/env python
"""Run a management command of the application."""

import os
import sys


def main() -> None:
    """Run the command line given in ``sys.argv``; what its user can mend is said in a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, OperationalError

    if "--traceback" in sys.argv:
        execute_from_command_line(sys.argv)
        return
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings cannot be used: {error}")
    except DatabaseError as error:
        said = str(error).strip()
        if "not a database" in said or "malformed" in said:
            sys.exit(
                f"The database file is damaged or is not a database ({said}). Put it aside and bring "
                "back a backup with manage.py restore."
            )
        if "no such table" in said or ("relation" in said and "does not exist" in said):
            sys.exit(f"The database is not set up yet: run manage.py migrate ({said}).")
        if not isinstance(error, OperationalError):
            raise
        sys.exit(f"The database cannot be used: {said}")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
