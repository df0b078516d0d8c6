"""Which samples are kept, and in which split: decided from the notes of all sources together, without the images."""
