"""Stage ingest: data sets and benchmarks in; shards, item tables, refusals and a data card out.

Reads params.yaml (section ingest) and artifacts/backbones/language_model; writes artifacts/ingest and
reports/ingest/metrics.json. Computes on this machine, or on the Ray cluster at RAY_ADDRESS.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from components.cluster.session import ray_session
from components.ingest.records import SourceError
from components.ingest.stage import run
from components.params.load import PARAMS_FILE, ParamsError, load_params


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m components.ingest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameter file (default: params.yaml)")
    arguments = parser.parse_args()
    try:
        params = load_params(arguments.params)
        with ray_session():
            run(params, Path())
    except (ParamsError, SourceError) as error:
        raise SystemExit(f"ingest: {error}") from None


if __name__ == "__main__":
    main()
