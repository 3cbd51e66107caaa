"""`make test` cannot look green when something failed or did not run."""

import pytest

from scripts.test import NO_TESTS, Lane, summary


def lane(*lines: str, status: int = 0, missing: str = "") -> Lane:
    """A lane whose pytest printed the lines and ended with the status."""
    made = Lane("SQLite", "not postgres")
    if missing:
        made.missing = missing
    else:
        made.judge([f"{line}\n" for line in lines], status)
    return made


PASSED = ("3 failed in a name", "5 passed in 1.00s")
SKIPPED = (
    "SKIPPED [1] tests/a.py:3: not run: the file is not here",
    "4 passed, 1 skipped in 1.00s",
)


@pytest.mark.parametrize(
    ("lanes", "in_ci", "last", "good"),
    [
        ([lane(*PASSED)], True, "5 passed, 0 failed", True),
        ([lane(*PASSED), lane(*PASSED)], True, "10 passed, 0 failed", True),
        ([lane("1 failed, 5 passed in 1s", status=1)], False, "5 passed, 1 failed", False),
        ([lane("5 passed, 2 errors in 1s", status=1)], False, "5 passed, 2 failed", False),
        ([lane("Segmentation fault", status=-11)], False, "0 passed, 1 failed", False),
        ([lane("5 passed in 1s", status=3)], False, "5 passed, 1 failed", False),
        ([lane("no tests ran in 0s", status=NO_TESTS)], False, "0 passed, 0 failed", False),
        ([lane(*PASSED), lane(missing="no Chromium")], False, "5 passed, 0 failed", True),
        ([lane(*PASSED), lane(missing="no Chromium")], True, "5 passed, 0 failed", False),
    ],
)
def test_the_summary_says_what_happened(
    lanes: list[Lane], in_ci: bool, last: str, good: bool
) -> None:
    lines, verdict = summary(lanes, in_ci=in_ci)
    assert lines[-1] == last
    assert verdict is good


def test_what_did_not_run_is_named_with_the_reason() -> None:
    lines, _good = summary([lane(*SKIPPED), lane(missing="no Chromium")], in_ci=False)
    text = "\n".join(lines)
    assert "tests/a.py:3: not run: the file is not here" in text
    assert "NOT RUN, no Chromium" in text
