"""Readers of what the pipeline wrote: pure functions from a run's files to typed values. No page code."""
