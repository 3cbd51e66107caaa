"""A company with one warehouse, and files to load into it."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from people.models import Company
from stock import catalog
from stock.models import Warehouse


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language a test before chose, and none is left to the next one."""
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(code="T", name="Test", time_zone="Asia/Shanghai")


@pytest.fixture
def warehouse(company: Company) -> Warehouse:
    return catalog.create_warehouse(company=company, code="W1", name="First")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str, name: str = "sheet.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def load() -> Callable[..., dict[str, Any]]:
    """Run the command; returns its JSON with the exit status and what it said beside it."""

    def load(path: Path, **options: Any) -> dict[str, Any]:
        out, err = StringIO(), StringIO()
        for name, value in options.items():
            if isinstance(value, dict):
                options[name] = ",".join(f"{key}={its}" for key, its in value.items())
        status = 0
        try:
            call_command(
                "load_movements",
                str(path),
                stdout=out,
                stderr=err,
                **{"warehouse": "W1", **options},
            )
        except SystemExit as stop:
            status = int(stop.code or 0)
        return {**json.loads(out.getvalue()), "status": status, "said": err.getvalue()}

    return load
