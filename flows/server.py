"""The Prefect server that this project's commands talk to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
    temporary_settings,
)

EPHEMERAL_STARTUP_SECONDS = 120
"""Prefect's own limit of 20 s is too short for a busy small machine, where a start takes 13 s at rest."""

PROBE_SECONDS = 15
"""How long a server may take to answer; a refused connection shows at once."""


def server_folder(root: Path) -> Path:
    """Return the git-ignored folder in which the project's own server keeps its database and logs."""
    folder = root.resolve() / "scratch" / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def server_version(api_url: str) -> str | None:
    """Return the version of the healthy Prefect server at `api_url`, or None where there is none."""
    try:
        healthy = httpx.get(f"{api_url}/health", timeout=PROBE_SECONDS).json()
        version = httpx.get(f"{api_url}/admin/version", timeout=PROBE_SECONDS).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return version if healthy is True and isinstance(version, str) else None


@contextmanager
def server_or_none(root: Path) -> Iterator[None]:
    """Use the configured server if it answers; otherwise let Prefect start a temporary one."""
    api_url = PREFECT_API_URL.value()
    if api_url and server_version(api_url):
        yield
        return
    if api_url:
        print(f"No Prefect server answers at {api_url}: running with a temporary one.")
    # Its own database: two servers on one SQLite file lock each other out.
    database = server_folder(root) / "temporary.db"
    with temporary_settings(
        updates={
            PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: True,
            PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: EPHEMERAL_STARTUP_SECONDS,
            PREFECT_SERVER_DATABASE_CONNECTION_URL: f"sqlite+aiosqlite:///{database}",
            PREFECT_SERVER_ANALYTICS_ENABLED: False,
        },
        restore_defaults={PREFECT_API_URL},
    ):
        yield
