"""The same story on SQLite and PostgreSQL leaves the same ledger, byte for byte."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection

from stock import verify
from tests.laws import story

ROOT = Path(__file__).resolve().parents[2]
STEPS = 1_000 if os.environ.get("PROOF") else 300
SEEDS = range(7, 12) if os.environ.get("PROOF") else (7,)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_a_long_story_keeps_every_law(seed: int) -> None:
    actor = story.run(STEPS, seed)
    assert actor.done >= 0.8 * actor.tried
    assert len(actor.pks) > STEPS // 2
    assert [finding.as_dict() for finding in verify.verify().findings if finding.wrong] == []


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_write_the_same_ledger(seed: int, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'story.sqlite3'}",
        "INVENTORY_VAR": str(tmp_path),
    }
    command = [sys.executable, "-m", "tests.laws.story", str(STEPS), str(seed)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = json.loads(done.stdout.splitlines()[-1])
    assert connection.vendor == "postgresql"
    actor = story.run(STEPS, seed)
    ours = sha256(story.export().encode()).hexdigest()
    assert (theirs["movements"], theirs["sha256"]) == (len(actor.pks), ours)
    assert theirs["movements"] > STEPS // 2
