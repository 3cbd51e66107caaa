"""`make test`: the checks, then every test in lanes; says what ran and what could not.

Lanes: SQLite (most tests, two at a time), PostgreSQL (tests marked postgres), worker (a real Valkey and
Celery worker) and browser (a real Chromium). Nothing is skipped in silence: a lane that cannot run here
is named, and fails the run where CI=true. The last line counts the tests.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import servers

ROOT = Path(__file__).resolve().parent.parent
COUNT = re.compile(r"(\d+) (passed|failed|skipped|error|errors|xfailed|xpassed)")
NO_TESTS = 5


class Lane:
    """One run of pytest and what it counted."""

    def __init__(self, name: str, marker: str, *, parallel: int = 0) -> None:
        self.name = name
        self.marker = marker
        self.parallel = parallel
        self.counts: dict[str, int] = {}
        self.missing = ""
        self.seconds = 0.0

    def run(self, environment: dict[str, str], arguments: list[str]) -> None:
        """Run pytest with this lane's marker."""
        started = time.perf_counter()
        command = [sys.executable, "-m", "pytest", "-q", "-m", self.marker, *arguments]
        if self.parallel:
            command += ["-n", str(self.parallel), "--dist", "loadfile"]
        print(f"\n== {self.name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="inv-") as var:
            env = {**os.environ, "INVENTORY_VAR": var, **environment}
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            tail = ""
            for line in process.stdout or ():
                sys.stdout.write(line)
                sys.stdout.flush()
                tail = line if COUNT.search(line) else tail
            status = process.wait()
        self.seconds = time.perf_counter() - started
        for count, word in COUNT.findall(tail):
            key = {"error": "failed", "errors": "failed"}.get(word, word)
            self.counts[key] = self.counts.get(key, 0) + int(count)
        if status not in {0, 1, NO_TESTS}:
            self.counts["failed"] = self.counts.get("failed", 0) + 1
        if not self.counts.get("passed") and not self.counts.get("failed"):
            self.missing = "no test ran"


def _base_environment() -> dict[str, str]:
    """Lanes decide about servers themselves; what the caller has set for the product is left out."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    return {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}


def run_lanes(arguments: list[str], only: str = "") -> list[Lane]:
    """Run every lane that this machine can have."""
    base = _base_environment()
    lanes = [
        Lane("SQLite", "not postgres and not worker and not browser", parallel=2),
        Lane("PostgreSQL", "postgres and not worker and not browser"),
        Lane("worker", "worker"),
        Lane("browser", "browser"),
    ]
    lanes = [lane for lane in lanes if not only or lane.name.lower() == only.lower()]
    for lane in lanes:
        with contextlib.ExitStack() as stack:
            environment = dict(base)
            try:
                if lane.name in {"PostgreSQL", "worker"}:
                    environment["DATABASE_URL"] = stack.enter_context(servers.postgres())
                if lane.name == "worker":
                    environment["REDIS_URL"] = stack.enter_context(servers.valkey())
                if lane.name == "browser":
                    environment["CHROMIUM"] = servers.chromium()
            except servers.Unavailable as reason:
                lane.missing = str(reason)
                continue
            lane.run(environment, arguments)
    return lanes


def bench(arguments: list[str]) -> int:
    """Run the benchmarks on a durable private PostgreSQL (or the one of DATABASE_URL)."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("BENCH_DATABASE_URL") or stack.enter_context(
            servers.postgres(durable=True)
        )
        with tempfile.TemporaryDirectory(prefix="inv-") as var:
            environment = {**os.environ, "DATABASE_URL": url, "INVENTORY_VAR": var}
            command = [sys.executable, "-m", "scripts.bench", *arguments]
            return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Checks, lanes, summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--lane", default="", help="only this lane")
    parser.add_argument("--no-check", action="store_true")
    options, rest = parser.parse_known_args()
    if options.bench:
        return bench(rest)
    started = time.perf_counter()
    checks = 0
    if not options.no_check and not options.lane:
        checks = subprocess.run(
            [sys.executable, "scripts/check.py"], cwd=ROOT, check=False
        ).returncode
    lanes = run_lanes(rest, options.lane)
    print(f"\n== Summary ({time.perf_counter() - started:.0f} s)")
    print(f"checks: {'FAILED' if checks else 'ok' if not options.lane else 'not asked for'}")
    for lane in lanes:
        counted = ", ".join(f"{count} {word}" for word, count in sorted(lane.counts.items()))
        print(f"{lane.name}: {counted or 'NOT RUN'} {lane.missing}({lane.seconds:.0f} s)")
    total = {
        word: sum(lane.counts.get(word, 0) for lane in lanes)
        for word in ("passed", "failed", "skipped")
    }
    not_run = [lane.name for lane in lanes if lane.missing]
    bad = bool(total["failed"] or checks or (not_run and os.environ.get("CI") == "true"))
    if not_run:
        print(f"not run: {', '.join(not_run)}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if bad or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
