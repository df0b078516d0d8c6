"""What decides a result: code, parameters, data and libraries, in one fingerprint. Nothing here imports torch."""
