"""Run every benchmark on the PostgreSQL server of DATABASE_URL and print one table of ratios.

Databases of its own are made there and dropped again. What is compared is measured in turns in one run, so
the ratios hold on a busy machine too; "others" is the share of the processors that other programs took.
"""

import argparse
import os
import platform
import sys
import time

import django


def main() -> int:
    """Parse the command line, build the databases and print the tables; 1 if the book is wrong or a limit was missed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 movements, fewer rounds")
    parser.add_argument("--smoke", action="store_true", help="tiny: shows only that all of it runs")
    parser.add_argument(
        "--only",
        choices=(
            *("posting", "journal", "history", "reads", "reports", "document", "documents"),
            "counting",
        ),
        help="one section",
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()

    from django.db import connection

    from scripts.bench import databases, sections

    if connection.vendor != "postgresql":
        sys.exit("The benchmarks need PostgreSQL: set DATABASE_URL.")
    size = databases.FULL
    if options.quick or options.smoke:
        size = databases.SMOKE if options.smoke else databases.QUICK
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0].partition(" ")[0]
    print(
        f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}, "
        f"PostgreSQL {version}; load {os.getloadavg()[0]:.1f}"
    )
    with databases.prepared(size) as here:
        missed, proved = sections.run(here, size, options.only)
    print(
        f"\n{time.perf_counter() - started:.0f} s; load {os.getloadavg()[0]:.1f}; "
        + (f"MISSED: {', '.join(missed)}" if missed else "every limit was kept")
    )
    return 0 if proved and (options.smoke or not missed) else 1


if __name__ == "__main__":
    sys.exit(main())
