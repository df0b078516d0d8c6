"""params.yaml: its schema, reading it, and writing a profile into it."""
