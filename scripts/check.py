"""`make check`: every quick check as a named step; prints what failed and ends with status 1."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]

STEPS: list[tuple[str, list[str]]] = [
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("import contracts", [str(BIN / "lint-imports"), "--no-cache"]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
    ("system checks", [*MANAGE, "check"]),
    ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
    ("translations", [sys.executable, "scripts/messages.py", "--check"]),
    ("API reference", [sys.executable, "scripts/api_reference.py", "--check"]),
    ("templates", [sys.executable, "scripts/check_templates.py"]),
]


def _step(step: tuple[str, list[str]]) -> tuple[str, float, int, str]:
    name, command = step
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return name, time.perf_counter() - started, done.returncode, done.stdout + done.stderr


def main() -> int:
    """Run the steps, two at a time; 0 if all are well."""
    os.environ.setdefault("INVENTORY_VAR", str(ROOT / "var" / "check"))
    failed = 0
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        for name, seconds, status, output in pool.map(_step, STEPS):
            print(f"  {'ok  ' if not status else 'FAIL'} {name} ({seconds:.1f} s)", flush=True)
            if status:
                failed += 1
                print(output.rstrip()[-6000:])
    print(
        f"checks: {len(STEPS) - failed} ok, {failed} failed, {time.perf_counter() - started:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
