"""The long work, in pieces: some hundred rows of a source at a time, each finished once and for all."""
