"""The data card: what is in shards and benchmarks, how much of it training sees, what was left out and why."""
