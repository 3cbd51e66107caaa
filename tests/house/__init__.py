"""Tests of the house: settings, supervisor, checks, lanes."""
