"""The dashboard: it reads DVC's records and the stages' artefacts, computing nothing of its own."""
