"""What can be wrong with a cluster. Apart from the session, since importing that brings Ray."""

from __future__ import annotations

from components.stages.errors import UserError


class ClusterTooSmall(UserError):
    """More is asked for than the cluster has; without this check Ray would wait for ever."""


class WorkerLost(UserError):
    """A process that worked for a stage was killed."""
