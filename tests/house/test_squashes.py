"""The squashed migrations lead where the chains lead that they stand for, and every older database finds its way."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

from core.one_state import InOneState

SQUASHED = ("stock", "workflows", "alerts", "finance", "intake")


@pytest.fixture(autouse=True)
def with_migrations(settings: Any) -> None:
    """Also in a lane whose test database is made without them."""
    settings.MIGRATION_MODULES = {}


def squash_of(loader: MigrationLoader, app: str) -> Any:
    squashes = (one for one in loader.disk_migrations.values() if one.replaces)
    (found,) = (one for one in squashes if one.app_label == app)
    return found


def written(part: Any) -> str:
    """As a migration writes it."""
    return str(MigrationWriter.serialize(part)[0])


def described(state: ModelState) -> tuple[Any, ...]:
    """All that makes the table and its model, but not the order of what stands side by side."""
    options = {name: value for name, value in state.options.items() if value not in ([], (), set())}
    for name in ("constraints", "indexes"):
        options[name] = sorted(written(one) for one in state.options.get(name, []))
    fields = {name: written(field) for name, field in state.fields.items()}
    return state.name, fields, options, state.bases, [name for name, _made in state.managers]


def test_a_squash_leads_where_its_chain_leads() -> None:
    chain = MigrationLoader(None, replace_migrations=False)
    short = MigrationLoader(None)
    for app in SQUASHED:
        squash = squash_of(short, app)
        last = max(squash.replaces)
        old = chain.project_state(last)
        new = short.project_state((app, squash.name))
        names = {key for key in old.models if key[0] == app}
        assert names == {key for key in new.models if key[0] == app}
        for key in names:
            assert described(new.models[key]) == described(old.models[key]), key


def test_a_squash_draws_the_models_once() -> None:
    """Else a fresh start takes most of a minute again."""
    loader = MigrationLoader(None)
    for app in SQUASHED:
        squash = squash_of(loader, app)
        state = loader.project_state(squash.dependencies[0])
        assert state.apps.is_installed("people")
        together = squash.operations[0]
        assert isinstance(together, InOneState)
        together.state_forwards(app, state)
        assert "apps" not in state.__dict__


def test_a_database_of_any_release_finds_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each step of the old chains: what is left can be planned, holds no step twice, and ends at the newest."""
    chain = MigrationLoader(None, replace_migrations=False)
    steps: list[tuple[str, str]] = []
    for leaf in sorted(chain.graph.leaf_nodes()):
        steps += [key for key in chain.graph.forwards_plan(leaf) if key not in steps]
    old = [key for key in steps if not chain.disk_migrations[key].replaces]
    assert {app for app, _name in old} >= set(SQUASHED)
    for many in range(len(old) + 1):
        done = {key: chain.disk_migrations[key] for key in old[:many]}
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _self, d=done: dict(d))
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        plan = [one for one, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        planned = [key for one in plan for key in one.replaces or [(one.app_label, one.name)]]
        assert sorted([*planned, *done]) == sorted(old), old[many - 1]
