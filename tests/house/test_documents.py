"""What the documents say is so: every setting, every decision, every link and every target exists."""

import re
from pathlib import Path

import pytest

from core import checks

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "docs" / "operator.md"
READ = re.compile(r"\benv(?:\.\w+)?\(\s*\"([A-Z_]+)\"|\benviron(?:\.get\(|\[)\"([A-Z_]+)\"")
SOURCES = (
    "inventory_project/settings.py",
    "inventory_project/gunicorn_conf.py",
    "core/management/commands/up.py",
)


def variables() -> set[str]:
    """What the product reads of its environment."""
    found = (READ.findall((ROOT / name).read_text()) for name in SOURCES)
    return {one or other for names in found for one, other in names}


def documented() -> set[str]:
    """What the table of the operator's guide explains."""
    rows = re.findall(r"^\| (`[^|]+`) \|", GUIDE.read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_setting_is_explained_and_every_explained_one_exists() -> None:
    assert documented() == variables()


def test_every_refusal_of_an_unsafe_setting_is_explained() -> None:
    codes = set(re.findall(r"inventory\.([EW]\d+)", Path(checks.__file__).read_text()))
    assert codes == set(re.findall(r"`([EW]\d{3})`", GUIDE.read_text()))


def test_containers_pass_on_only_settings_that_exist() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    block = text.partition("environment: &environment")[2].partition("volumes:")[0]
    assert set(re.findall(r"^ +([A-Z_]+):", block, re.MULTILINE)) <= variables()


def test_the_image_gets_every_app() -> None:
    kept = set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps | {"inventory_project", "templates", "static"} <= kept


def test_every_decision_is_in_the_index_under_its_own_number() -> None:
    folder = ROOT / "docs" / "adr"
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert all(path.read_text().startswith(f"# {path.name[:4]} ") for path in pages)
    assert len({path.name[:4] for path in pages}) == len(pages)
    lines = (folder / "README.md").read_text()
    index = re.findall(r"^- \[(\d{4})\]\((.+?)\) ", lines, re.MULTILINE)
    assert sorted(index) == [(path.name[:4], path.name) for path in pages]


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_targets_run_scripts_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    scripts = set(re.findall(r"scripts/\w+\.py", makefile))
    assert [name for name in sorted(scripts) if not (ROOT / name).exists()] == []
