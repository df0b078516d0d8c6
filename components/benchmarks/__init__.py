"""Benchmarks: how each is read, asked and scored. One file of layouts/ is one kind of benchmark."""
