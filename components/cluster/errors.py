"""What can be wrong with a cluster. Apart from the session, since importing that brings Ray."""


class ClusterTooSmall(RuntimeError):
    """More is asked for than the cluster has; without this check Ray would wait for ever."""
