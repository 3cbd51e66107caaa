"""`make test`: the checks, then every test in lanes; says what ran and what could not.

Lanes: SQLite (most tests, two at a time), PostgreSQL (tests marked postgres), worker (a real Valkey and
Celery worker) and browser (a real Chromium). Nothing is skipped in silence: a lane that cannot run here
is named, and fails the run where CI=true; a skipped test is listed with its reason. The last line counts.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import processes, servers

ROOT = Path(__file__).resolve().parent.parent
COUNT = re.compile(r"(\d+) (passed|failed|skipped|error|errors|xfailed|xpassed)")
NO_TESTS = 5
LIMIT = 30 * 60
"""Seconds a lane may take. One test may take what pytest.ini says.

A lane that does not migrate makes the tables of its test database from the models, which takes a tenth of the time.
The checks say that models and migrations agree; the other lanes and tests/house/test_up.py migrate, on either engine.
"""
_PROOF = bool(os.environ.get("PROOF"))


class Lane:
    """One run of pytest and what it counted."""

    def __init__(
        self, name: str, marker: str, *, parallel: int = 0, migrates: bool = False
    ) -> None:
        self.name = name
        self.marker = marker
        self.parallel = parallel
        self.migrates = migrates
        self.counts: dict[str, int] = {}
        self.missing = ""
        self.skipped: list[str] = []
        self.notes: list[str] = []
        self.seconds = 0.0

    def run(self, environment: dict[str, str], arguments: list[str]) -> None:
        """Run pytest with this lane's marker; a run that does not end is ended, and has failed."""
        started = time.perf_counter()
        command = [sys.executable, "-m", "pytest", "-q", "-m", self.marker, *arguments]
        if not self.migrates:
            command += ["--nomigrations"]
        if self.parallel:
            command += ["-n", str(self.parallel), "--dist", "loadfile"]
        if _PROOF:
            command += ["-o", "timeout=7200"]
        print(f"\n== {self.name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="inv-", ignore_cleanup_errors=True) as var:
            env = {**os.environ, "INVENTORY_VAR": var, **environment}
            outcome = processes.run(command, cwd=ROOT, env=env, limit=None if _PROOF else LIMIT)
        self.seconds = time.perf_counter() - started
        self.judge(outcome.lines, outcome.status)
        if outcome.timed_out:
            self.notes.append(f"it did not end within {LIMIT} s and was ended")
            self.counts["failed"] = max(self.counts.get("failed", 0), 1)
        self.notes += [f"left behind and killed: {line}" for line in outcome.left]

    def judge(self, lines: list[str], status: int) -> None:
        """Take counts and skipped tests from pytest's lines; a broken run counts as a failure."""
        counted = [line for line in lines if COUNT.search(line)]
        for count, word in COUNT.findall(counted[-1] if counted else ""):
            key = {"error": "failed", "errors": "failed"}.get(word, word)
            self.counts[key] = self.counts.get(key, 0) + int(count)
        if status not in {0, NO_TESTS} and not self.counts.get("failed"):
            self.counts["failed"] = 1
        if not self.counts.get("passed") and not self.counts.get("failed"):
            self.missing = "no test ran"
        self.skipped = [line.strip() for line in lines if line.startswith("SKIPPED")]


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
        Lane("PostgreSQL", "postgres and not worker and not browser", migrates=True),
        Lane("worker", "worker", migrates=True),
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
    """Run the benchmarks on a durable private PostgreSQL (or the one of BENCH_DATABASE_URL).

    The nudges of posting go to a private Valkey, as they would in use.
    """
    with contextlib.ExitStack() as stack:
        environment = {
            **os.environ,
            "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL")
            or stack.enter_context(servers.postgres(durable=True)),
            "REDIS_URL": stack.enter_context(servers.valkey()),
            "INVENTORY_VAR": stack.enter_context(tempfile.TemporaryDirectory(prefix="inv-")),
        }
        command = [sys.executable, "-m", "scripts.bench", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _stop(number: int, frame: FrameType | None) -> None:
    """Being told to end counts as Ctrl-C, so that servers and lanes are ended on the way out."""
    raise KeyboardInterrupt


def main() -> int:
    """Checks, lanes, summary."""
    signal.signal(signal.SIGTERM, _stop)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", action="store_true")
    parser.add_argument("--lane", default="", help="only this lane")
    parser.add_argument("--no-check", action="store_true")
    options, rest = parser.parse_known_args()
    if options.bench:
        return bench(rest)
    started = time.perf_counter()
    checks = 0
    skip_checks = options.no_check or bool(options.lane)
    if not skip_checks:
        checks = subprocess.run(
            [sys.executable, "scripts/check.py"], cwd=ROOT, check=False
        ).returncode
    lanes = run_lanes(rest, options.lane)
    print(f"\n== Summary ({time.perf_counter() - started:.0f} s)")
    print(f"checks: {'FAILED' if checks else 'not asked for' if skip_checks else 'ok'}")
    lines, good = summary(lanes, in_ci=os.environ.get("CI") == "true")
    print("\n".join(lines))
    return 0 if good and not checks else 1


def summary(lanes: list[Lane], *, in_ci: bool) -> tuple[list[str], bool]:
    """What ran, what was skipped and what could not run; and whether that is good enough."""
    lines = []
    for lane in lanes:
        counted = ", ".join(f"{count} {word}" for word, count in sorted(lane.counts.items()))
        if lane.missing:
            lines.append(f"{lane.name}: NOT RUN, {lane.missing}")
        else:
            lines.append(f"{lane.name}: {counted} ({lane.seconds:.0f} s)")
        lines += [f"  {text}" for text in [*lane.skipped, *lane.notes]]
    passed, failed = (
        sum(lane.counts.get(word, 0) for lane in lanes) for word in ("passed", "failed")
    )
    not_run = [lane.name for lane in lanes if lane.missing]
    if not_run:
        lines.append(f"not run: {', '.join(not_run)}")
    lines.append(f"{passed} passed, {failed} failed")
    return lines, bool(passed) and not failed and not (not_run and in_ci)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped.")
