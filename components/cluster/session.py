"""A Ray session for one stage: the cluster at RAY_ADDRESS where there is one, else this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Ray lowers the priority of its workers; on a busy machine they would then miss their own deadlines.
os.environ.setdefault("RAY_worker_niceness", "0")
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
# Ray would otherwise hide this machine's GPUs from a driver that asks for none, with a warning each time.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray

from components.cluster.errors import ClusterTooSmall
from components.cluster.machine import cores
from components.files.owned import owned_folder
from components.stages.home import require_home

_OBJECT_STORE_BYTES = 512 * 1024**2


@contextmanager
def ray_session(show_workers: bool = True) -> Iterator[None]:
    """Open Ray for the time of a stage, and close what was opened.

    With ``show_workers``, what workers print appears here; without, it is in Ray's logs alone.

    A local session keeps its files in a short folder under the system's temporary one, as socket paths longer than
    107 bytes fail. What sessions that were killed left there is removed.
    """
    require_home()
    address = os.environ.get("RAY_ADDRESS")
    with ExitStack() as opened:
        if address:
            ray.init(address=address, log_to_driver=show_workers)
        else:
            ray.init(
                num_cpus=cores(),
                include_dashboard=False,
                log_to_driver=show_workers,
                runtime_env={"worker_process_setup_hook": _quiet_worker},
                logging_level="ERROR",
                object_store_memory=_OBJECT_STORE_BYTES,
                _temp_dir=str(opened.enter_context(owned_folder())),
            )
        opened.callback(ray.shutdown)
        yield


def _quiet_worker() -> None:
    """Ray Train's clean-up actor asks a dashboard that a local session does not have, and warns each second; its
    request to an autoscaler that is not there times out with a traceback while actors start."""
    internal = "ray.train.v2._internal.execution"
    logging.getLogger(f"{internal}.controller.placement_group_cleaner").setLevel(logging.ERROR)
    logging.getLogger(f"{internal}.scaling_policy.autoscaling_coordinator_client").setLevel(logging.ERROR)


def require_resources(cpus: float, gpus: float, what: str) -> None:
    """Refuse at once what the cluster cannot give.

    Raises:
        ClusterTooSmall: naming what was asked for, what there is, and the key to change.
    """
    has = ray.cluster_resources()
    for name, wanted in (("CPU", cpus), ("GPU", gpus)):
        if wanted > has.get(name, 0):
            raise ClusterTooSmall(
                f"{what} asks for {wanted:g} {name}, the cluster has {has.get(name, 0):g}: "
                f"lower the workers or actors in params.yaml, or set RAY_ADDRESS to a larger cluster"
            )
