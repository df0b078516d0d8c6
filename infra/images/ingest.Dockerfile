ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/scenes components/scenes
CMD ["python", "-m", "components.ingest"]
