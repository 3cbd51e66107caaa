"""A dead child is started again; when the end comes, nothing is left, grandchildren included."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TREE = """
import sys
from core import supervisor
supervisor.GRACE = 1.5

PARENT = '''
import os, signal, subprocess, sys, time
grandchild = subprocess.Popen(["sleep", "300"])
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {grandchild.pid}\\\\n")
if len(sys.argv) > 2:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(300)
'''
log, stubborn = sys.argv[1], sys.argv[2:]
children = [
    supervisor.Child("first", [sys.executable, "-c", PARENT, log + ".first", *stubborn]),
    supervisor.Child("second", [sys.executable, "-c", PARENT, log + ".second"]),
]
supervisor.Supervisor(children, say=lambda text: print(text, flush=True)).run(
    lambda: print("ready", flush=True)
)
"""


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def runs(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Tree:
    """A supervisor of two children that have one child each."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-c", TREE, str(log), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def pids(self, name: str) -> list[list[int]]:
        """[child, grandchild] of each start."""
        path = Path(f"{self.log}.{name}")
        lines = path.read_text().splitlines() if path.exists() else []
        return [[int(pid) for pid in line.split()] for line in lines]

    def everybody(self) -> list[int]:
        """Every process it ever started."""
        return [pid for name in ("first", "second") for pair in self.pids(name) for pid in pair]

    def started(self) -> bool:
        """Whether both children have been started."""
        return bool(self.pids("first") and self.pids("second"))


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    """Start trees; whatever is left of them is killed at the end."""
    trees: list[Tree] = []

    def start(*arguments: str) -> Tree:
        trees.append(Tree(tmp_path / f"log{len(trees)}", *arguments))
        assert eventually(trees[-1].started)
        return trees[-1]

    yield start
    for one in trees:
        for pid in [one.process.pid, *one.everybody()]:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)
        one.process.wait()


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_a_dead_child_is_started_again_without_its_old_children(
    tree: Callable[..., Tree],
) -> None:
    one = tree()
    [[child, grandchild]] = one.pids("first")
    os.kill(child, signal.SIGKILL)
    assert eventually(lambda: len(one.pids("first")) == 2)
    assert not runs(grandchild)
    assert all(runs(pid) for pid in [*one.pids("first")[1], *one.pids("second")[0]])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(tree: Callable[..., Tree], number: int) -> None:
    one = tree()
    one.process.send_signal(number)
    assert one.process.wait(20) == 0
    assert [pid for pid in one.everybody() if runs(pid)] == []


def test_who_does_not_listen_is_killed(tree: Callable[..., Tree]) -> None:
    one = tree("stubborn")
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(20) == 0
    assert [pid for pid in one.everybody() if runs(pid)] == []


def test_children_end_when_the_supervisor_is_killed(tree: Callable[..., Tree]) -> None:
    one = tree()
    os.kill(one.process.pid, signal.SIGKILL)
    children = [one.pids(name)[0][0] for name in ("first", "second")]
    assert eventually(lambda: not any(runs(pid) for pid in children))


def test_a_child_that_keeps_dying_holds_nobody_up(tmp_path: Path) -> None:
    """It comes back later each time, while the others are tended as ever."""
    code = """
import sys
from core.supervisor import Child, Supervisor
children = [
    Child("broken", [sys.executable, "-c", "raise SystemExit(1)"]),
    Child("steady", ["sleep", "0.7"]),
]
Supervisor(children, say=lambda text: print(text, flush=True)).run()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    time.sleep(6)
    process.terminate()
    said = process.communicate(timeout=20)[0].splitlines()
    broken = [line.rpartition(" in ")[2] for line in said if line.startswith("broken")]
    assert broken[:2] == ["1 s", "2 s"]
    assert len(broken) <= 4
    assert any(line.startswith("steady") for line in said)
