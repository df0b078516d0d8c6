# What all components share: Python, the packages of constraints.txt, and an ordinary user.
# BASE is any Debian or Ubuntu image; its own `python` is used, or Debian's python3 where it has none.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

# git is for DVC, wget for KubeRay's health checks.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git wget \
        $(command -v python >/dev/null || echo python3-venv) \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 ray \
    && $(command -v python || command -v python3) -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

# The packages are a layer of their own, which code does not touch. The two secrets are optional: a private index's
# settings and certificates are there while pip runs, and not in the image.
COPY pyproject.toml constraints.txt /tmp/requirements/
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca_certificates,target=/run/ca-certificates.crt \
    if [ -s /run/ca-certificates.crt ]; then export PIP_CERT=/run/ca-certificates.crt; fi \
    && cd /tmp/requirements \
    && python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
        > requirements.txt \
    && pip install -qq --no-cache-dir --no-compile --constraint constraints.txt --requirement requirements.txt \
    && rm -rf /tmp/requirements \
    # Compiled now, on all cores: the user below cannot keep what Python compiles. Files for other Pythons fail.
    && { python -m compileall -q -j 0 /opt/venv/lib >/dev/null 2>&1 || true; }

COPY infra/images/run-stage /usr/local/bin/

# An ordinary user, who may write results and not code.
WORKDIR /app
RUN chown ray:ray /app
USER ray
