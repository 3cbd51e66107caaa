"""Figures over time: how unusual each point of a series is."""
