"""Apps lean on those below them only: in imports (contracts that bite) and in the database."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
APPS = ["core", "people", "stock", "finance", "workflows", "alerts", "intake", "boards"]
LEVEL = {app: level for level, app in enumerate(APPS)} | {"alerts": 5, "intake": 5, "boards": 6}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the copy in ``folder``."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source and its contracts, to be broken."""
    target = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", target)
    for app in [*APPS, "inventory_project"]:
        shutil.copytree(ROOT / app, target / app, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_the_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/errors.py", "import stock.models", "An app imports only apps below it"),
        ("stock/units.py", "import finance", "An app imports only apps below it"),
        ("intake/sheet.py", "import alerts", "An app imports only apps below it"),
        ("people/rights.py", "import inventory_project", "An app imports only apps below it"),
        ("finance/apps.py", "from stock import ledger", "Only posting doors reach the writer"),
        ("boards/homes/page.py", "import stock.ledger", "Only posting doors reach the writer"),
        ("stock/units.py", "from stock import book_sql", "writes SQL of the book"),
        ("stock/costing.py", "import django.db", "The arithmetic of cost knows nothing of Django"),
    ],
)
def test_a_broken_contract_is_named(copy: Path, module: str, line: str, contract: str) -> None:
    """Break it on purpose: a contract that cannot fail proves nothing."""
    path = copy / module
    original = path.read_text()
    path.write_text(f"{original}\n{line}\n")
    try:
        done = lint_imports(copy)
    finally:
        path.write_text(original)
    assert done.returncode == 1
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert len(broken) == 1
    assert contract in broken[0]


def upward(level: dict[str, int]) -> list[str]:
    """Relations that do not point to an app of a lower level."""
    return [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in level
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        for target in [field.related_model._meta.app_label]
        if target in level
        and target != model._meta.app_label
        and level[target] >= level[model._meta.app_label]
    ]


def test_foreign_keys_point_downwards() -> None:
    """No table refers to a table of an app above its own, nor of a sibling."""
    assert upward(LEVEL) == []
    assert "stock.Posting.company → people.Company" in upward({"stock": 0, "people": 1})
