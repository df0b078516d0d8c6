"""Speed of evaluation."""
