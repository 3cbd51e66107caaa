"""Run every benchmark on the PostgreSQL of DATABASE_URL and print one table of ratios.

Use a database of its own: it is filled with a million movements. ``--quick`` uses 100,000.
"""

import argparse
import os
import platform
import sys

import django


def main() -> None:
    """Parse the command line, build the world and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="100,000 movements instead of 1,000,000"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inventory_project.settings")
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from scripts.bench import posting, reads, world

    if connection.vendor != "postgresql":
        sys.exit("The benchmarks need PostgreSQL: set DATABASE_URL.")
    call_command("migrate", verbosity=0)
    big = 100_000 if options.quick else 1_000_000
    print(
        f"machine: {os.cpu_count()} cores, {platform.processor() or platform.machine()}; "
        f"PostgreSQL {connection.pg_version // 10_000}"
    )
    here = world.build()
    world.add_history(here, 1_000)
    print("\nposting: documents per second, and the ledger's time as a multiple of raw SQL's")
    print(
        f"{'lines':>6} {'clients':>8} {'items':>8} {'raw/s':>9} {'ledger/s':>9} {'ratio':>7}  limit"
    )
    for lines, limit in ((1, 4.0), (10, 2.5), (100, 2.0)):
        _row(lines, 1, "spread", posting.compare(here, lines), limit)
        four = posting.compare_together(here, here.items, lines, 4)
        _row(lines, 4, "spread", four, limit)
    hot = posting.compare_together(here, here.items[:5], 5, 16)
    _row(5, 16, "5 hot", hot, 2.0)
    print(f"       failed documents at 16 clients on 5 hot items: {hot['errors']:.0f}")
    document = posting.big_document(here)
    print(
        f"\n10,000-line document: {document['large_ms']:.3f} ms a line, "
        f"100-line document: {document['small_ms']:.3f} ms a line, ratio {document['ratio']:.2f} (limit 1)"
    )
    small_rates = posting.alone(here)
    small_reads = reads.measure(here)
    seconds = world.add_history(here, big)
    print(f"\nhistory of {big:,} movements made in {seconds:.0f} s")
    print(f"{'what':<46} {'1,000':>10} {f'{big:,}':>10} {'ratio':>7}  limit")
    for lines, before in small_rates.items():
        after = posting.alone(here)[lines]
        print(
            f"{f'posting {lines} lines, ms':<46} {before:>10.2f} {after:>10.2f} "
            f"{after / before:>7.2f}  1.2"
        )
    for name, before in small_reads.items():
        after = reads.measure(here)[name]
        print(f"{name + ', ms':<46} {before:>10.2f} {after:>10.2f} {after / before:>7.2f}  1.3")
    print(f"\n{'against hand-written SQL':<46} {'sql ms':>10} {'ours ms':>10} {'ratio':>7}  limit")
    for name, (raw, own) in reads.against_sql(here).items():
        print(f"{name:<46} {raw:>10.1f} {own:>10.1f} {own / raw:>7.2f}  1.5")


def _row(lines: int, clients: int, items: str, result: dict[str, float], limit: float) -> None:
    print(
        f"{lines:>6} {clients:>8} {items:>8} {result['raw']:>9.0f} {result['ledger']:>9.0f} "
        f"{result['ratio']:>7.2f}  {limit}"
    )


if __name__ == "__main__":
    main()
