#!/usr/bin/env python
"""Run a management command of the application."""

import os
import sys


def main() -> None:
    """Run the command line given in ``sys.argv``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
