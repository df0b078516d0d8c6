ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/cluster components/cluster
COPY components/evaluate components/evaluate
COPY components/files components/files
COPY components/model components/model
COPY components/params components/params
COPY components/prompts components/prompts
COPY components/stages components/stages
CMD ["python", "-m", "components.evaluate"]
