"""Prefect plugin: `prefect deployment run full-pipeline` means `full-pipeline/full-pipeline`.

Prefect wants FLOW/DEPLOYMENT and refuses a bare name. Prefect loads this through the entry point group
`prefect.plugins` while it is being imported, if `[tool.prefect.plugins] enabled = true` stands in the
pyproject.toml of the current folder. That its command line uses the wrapped method is no promise
of Prefect's: where the method is gone, a warning says so and the full name works as before.
"""

import sys
from functools import wraps
from typing import Any

from prefect.plugins import HookContext, register_hook

METHOD = "read_deployment_by_name"


@register_hook
def setup_environment(*, ctx: HookContext) -> None:
    """Accept bare names in this process, if it is `prefect deployment ...`."""
    # Only there: the client is slow to import, and no other command takes a name from a person.
    if "deployment" in sys.argv:
        from prefect.client.orchestration import PrefectClient

        if not accept_bare_names(PrefectClient):
            ctx.logger_factory("flows.bare_names").warning(
                "Prefect %s has no PrefectClient.%s: write the full name, as in full-pipeline/full-pipeline",
                ctx.prefect_version,
                METHOD,
            )


def accept_bare_names(client: type[Any]) -> bool:
    """Wrap `client`'s look-up of deployments so that it reads `X` as `X/X`; return False if it has none."""
    look_up = getattr(client, METHOD, None)
    if not callable(look_up):
        return False
    if hasattr(look_up, "__wrapped__"):
        return True

    @wraps(look_up)
    async def look_up_bare(self: Any, name: str) -> Any:
        return await look_up(self, full_name(name))

    setattr(client, METHOD, look_up_bare)
    return True


def full_name(name: str) -> str:
    """Return FLOW/DEPLOYMENT for a bare name, and any other name as it is."""
    return name if "/" in name else f"{name}/{name}"
