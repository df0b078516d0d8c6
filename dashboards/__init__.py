"""The dashboard: it reads DVC's records and the stages' artefacts, and computes nothing that a stage should have."""
