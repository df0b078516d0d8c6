ARG BASE=small-korean-vlm/base
FROM ${BASE}
COPY components/__init__.py components/
COPY components/archives components/archives
COPY components/benchmarks components/benchmarks
COPY components/cluster components/cluster
COPY components/files components/files
COPY components/fingerprints components/fingerprints
COPY components/ingest components/ingest
COPY components/korean components/korean
COPY components/params components/params
COPY components/prompts components/prompts
COPY components/scenes components/scenes
COPY components/scoring components/scoring
COPY components/stages components/stages
CMD ["python", "-m", "components.ingest"]
