"""The demo company for the tests of boards."""

from tests.browser.conftest import demo, kept

__all__ = ["demo", "kept"]
