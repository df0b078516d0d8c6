"""The stage evaluate: models answer benchmarks, answers are stored, scores are computed from them."""
