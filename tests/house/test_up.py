"""`manage.py up` as people run it: serves, brings a dead child back, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.house.test_supervisor import eventually, runs

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(root: int) -> dict[int, str]:
    """The process and all its descendants, with their command lines."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {root}
    while grown := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= grown
    return {pid: command(pid) for pid in found}


def command(pid: int) -> str:
    """Its command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def ready(port: int) -> bool:
    """Whether the site says that it is ready."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(json.load(answer)["ready"])
    except (URLError, OSError, HTTPException):  # killed in the middle of an answer, too
        return False


def test_one_command_runs_all_of_it_and_ctrl_c_ends_all_of_it(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "INVENTORY_VAR": str(tmp_path / "var"), "PORT": str(port)}
    for name in ("DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS"):
        environment.pop(name, None)
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-demo"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    everybody: dict[int, str] = {}
    try:
        assert eventually(lambda: ready(port), 360), (tmp_path / "log").read_text()
        assert eventually(
            lambda: all(
                any(word in line for line in family(process.pid).values())
                for word in ("valkey", "gunicorn", " worker ", " beat ")
            )
        )
        everybody = family(process.pid)
        second = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(free_port())],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert second.returncode == 1
        assert "It runs already" in second.stderr
        master = min(pid for pid, line in everybody.items() if "gunicorn" in line)
        os.kill(master, signal.SIGKILL)
        assert eventually(lambda: not runs(master))
        assert eventually(lambda: ready(port), 240), "the web process did not come back"
        everybody |= family(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        left = {pid: line for pid, line in everybody.items() if runs(pid)}
        assert left == {}
        said = (tmp_path / "log").read_text()
        assert f"Ready: http://localhost:{port}" in said
        assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600
    finally:
        for pid in [process.pid, *everybody]:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        log.close()


def test_a_port_in_use_is_said_before_anything_is_touched(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(taken.getsockname()[1])],
            cwd=ROOT,
            env={**os.environ, "INVENTORY_VAR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "is in use" in done.stderr
    assert not (tmp_path / "db.sqlite3").exists()
