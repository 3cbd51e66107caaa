"""Tests of the questions about stock."""
