"""Metrics as modules of Hugging Face's ``evaluate``, loaded by path, so that no network is needed."""
