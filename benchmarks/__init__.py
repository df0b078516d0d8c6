"""Measurements of the project itself, side by side with how others do the same."""
