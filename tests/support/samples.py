"""The sample files beside the checkout: ``../shared/data``, or the folder that SAMPLE_DATA names.

A test whose file is not there is counted as skipped, with the name of the file.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings


def sample(name: str) -> Path:
    """The file, or the test is skipped."""
    folder = Path(os.environ.get("SAMPLE_DATA", settings.BASE_DIR.parent / "shared" / "data"))
    if not (folder / name).is_file():
        pytest.skip(f"not run: the sample file {name} is not beside the checkout")
    return folder / name


def truth(path: Path) -> dict[str, Any]:
    """What is known to be right of a sample file."""
    known: dict[str, Any] = json.loads(path.with_suffix(".ground_truth.json").read_text())
    return known
