"""Bundles, the files that a device runs: their manifest, and the runtimes that open them. No torch, no transformers."""
