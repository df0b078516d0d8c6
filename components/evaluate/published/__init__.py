"""What others have published of the benchmarks, and which of them have no figure here."""
