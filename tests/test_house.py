"""The few rules of style that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["core", "people", "stock", "finance", "workflows", "alerts", "intake", "boards"]
BOOK = {"Movement", "Balance", "CostPool", "CostLayer", "MonthBalance", "SealedPosting"}
"""Tables that only queries may read: there every question is limited to what the asker may see."""


def modules(*folders: str) -> Iterator[Path]:
    """Every module of ours in the folders, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def undocumented(path: Path) -> Iterator[str]:
    """Names of the public things in a module that say nothing about themselves."""
    tree = ast.parse(path.read_text())
    if tree.body and not ast.get_docstring(tree):
        yield f"{path.relative_to(ROOT)}"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        inner = node.body if isinstance(node, ast.ClassDef) else []
        inner = [part for part in inner if isinstance(part, ast.FunctionDef)]
        for part in [node, *(part for part in inner if not part.name.startswith("_"))]:
            if not ast.get_docstring(part):
                yield f"{path.relative_to(ROOT)}:{part.lineno} {part.name}"


def test_every_module_and_public_function_says_what_it_promises() -> None:
    found = [
        name
        for path in modules(*APPS, "inventory_project", "scripts")
        for name in undocumented(path)
    ]
    assert found == []


def test_a_missing_docstring_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_house.ROOT", tmp_path)
    (tmp_path / "bare.py").write_text("def bare(): ...\n")
    assert list(undocumented(tmp_path / "bare.py")) == ["bare.py", "bare.py:1 bare"]


def test_views_read_the_book_through_queries_only() -> None:
    """A view that asked the tables itself could forget the asker's warehouses."""
    pattern = re.compile(rf"\b({'|'.join(sorted(BOOK))})\.objects\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in modules(*APPS)
        if "views" in path.stem or "views" in path.parts
        for match in pattern.finditer(path.read_text())
    ]
    assert found == []


def test_no_text_is_marked_safe_by_hand() -> None:
    """format_html escapes; mark_safe does not."""
    found = [
        f"{path.relative_to(ROOT)}" for path in modules(*APPS) if "mark_safe" in path.read_text()
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_is_whole_and_names_no_machine(name: str) -> None:
    """Every direct requirement is pinned with hashes; no index, folder or file of a machine."""
    lock = (ROOT / f"{name}.txt").read_text()
    assert not re.search(r"^\s*--(?!hash)|://|file:|find-links", lock, re.MULTILINE)
    pins = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==\S+.*\\\n\s+--hash=", lock, re.MULTILINE)
    pinned = {pin.lower().replace("_", "-") for pin in pins}
    wanted = re.findall(
        r"^([A-Za-z0-9_.-]+)", (ROOT / f"{name}.in").read_text(), flags=re.MULTILINE
    )
    wanted = [one for one in wanted if not one.startswith("-")]
    assert {one.lower().replace("_", "-") for one in wanted} <= pinned


def test_every_app_is_type_checked_and_in_the_contracts() -> None:
    """A new app cannot stay outside."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    found = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert found == set(APPS)
    assert found < set(tools["mypy"]["packages"])
    assert found < set(tools["importlinter"]["root_packages"])
