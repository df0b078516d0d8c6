"""How a benchmark words its questions: shared by the readers that build items and by training data in the same format."""
