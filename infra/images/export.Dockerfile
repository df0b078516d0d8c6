ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/export components/export
CMD ["python", "-m", "components.export"]
