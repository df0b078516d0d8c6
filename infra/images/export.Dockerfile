ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/archives components/archives
COPY components/benchmarks components/benchmarks
COPY components/bundles components/bundles
COPY components/cluster components/cluster
COPY components/evaluate components/evaluate
COPY components/export components/export
COPY components/files components/files
COPY components/fingerprints components/fingerprints
COPY components/korean components/korean
COPY components/model components/model
COPY components/params components/params
COPY components/prompts components/prompts
COPY components/scenes components/scenes
COPY components/scoring components/scoring
COPY components/stages components/stages
COPY components/training components/training
CMD ["python", "-m", "components.export"]
