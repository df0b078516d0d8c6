"""How a benchmark words its questions: for the readers that build items, and for training data in the same format."""
