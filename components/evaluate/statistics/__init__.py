"""Intervals of figures, tests of differences between two models, and their correction for many benchmarks."""
