#!/bin/sh
# Speed of both stages at full size on this machine's GPU; options are those of `python -m benchmarks.training.gpu`.
set -eu
cd "$(dirname "$0")/../.."
exec .venv/bin/python -m benchmarks.training.gpu "$@"
