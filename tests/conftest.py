"""What every test may lean on: tables that can be emptied although the book is append-only."""

import os
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from alerts import guards as alerts_guards
from core import triggers
from finance import guards as finance_guards
from intake import guards as intake_guards
from scripts import compile_messages
from stock import bootstrap
from workflows import guards

pytest_plugins = ["tests.support.browser", "tests.support.effort"]

settings.register_profile(
    "default",
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "proof", settings.get_profile("default"), max_examples=500, stateful_step_count=60
)
settings.load_profile("proof" if os.environ.get("PROOF") else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations once, before any worker of a parallel run starts."""
    if not hasattr(config, "workerinput"):
        compile_messages.main()
    if connection.vendor == "sqlite":
        _keep_database(config)


def _keep_database(config: pytest.Config) -> None:
    """Use the test database of the last run in this folder again while its schema is the same.

    After a run that was killed, `--create-db` makes a clean one.
    """
    root = Path(__file__).resolve().parent.parent
    sources = [*root.glob("*/migrations/*.py"), *root.glob("*/*guards.py")]
    sources += [*root.glob("*/*triggers.py"), *root.glob("*/bootstrap.py")]
    sources += [root / "stock/search_index.py"]
    digest = sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()[:12]
    test = connection.settings_dict["TEST"]
    if test.get("NAME"):
        path = Path(test["NAME"])
        test["NAME"] = str(path.with_name(f"{path.stem}-{digest}{path.suffix}"))
        config.option.reuse_db = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, by name and with the reason, what needs a server that this run has not got.

    `make test` runs each lane with its servers, so that there nothing is skipped for this reason.
    """
    missing = {
        "postgres": "" if connection.vendor == "postgresql" else "DATABASE_URL is no PostgreSQL",
        "worker": "" if os.environ.get("REDIS_URL") else "REDIS_URL is not set",
        "browser": "" if Path(os.environ.get("CHROMIUM", "/nowhere")).exists() else "no CHROMIUM",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"not run: {reason}; see make test"))


@pytest.fixture(autouse=True, scope="session")
def _time_to_undo() -> None:
    """A verdict can be taken back for longer than in life: on a busy machine ten seconds pass between two acts."""
    from workflows import deciding

    deciding.UNDO = timedelta(minutes=2)


@pytest.fixture(autouse=True, scope="session")
def _emptied_in_spite_of_triggers() -> None:
    """Take the triggers off while a test's tables are flushed; post_migrate puts them back."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        for name in self._databases_names(include_mirrors=False):
            triggers.drop(
                connections[name],
                [
                    *bootstrap.all_triggers(),
                    *finance_guards.TRIGGERS,
                    *guards.TRIGGERS,
                    *intake_guards.TRIGGERS,
                    *alerts_guards.TRIGGERS,
                ],
            )
        flush(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]
