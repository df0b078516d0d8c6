"""Ray: the session in which a stage computes."""
