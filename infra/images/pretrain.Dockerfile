ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/cluster components/cluster
COPY components/files components/files
COPY components/fingerprints components/fingerprints
COPY components/model components/model
COPY components/params components/params
COPY components/planning components/planning
COPY components/pretrain components/pretrain
COPY components/stages components/stages
COPY components/training components/training
CMD ["python", "-m", "components.pretrain"]
