"""When and where the stages of dvc.yaml run: Prefect flows and what serves them. No tensor is seen here."""
