"""Errors of training that a user can mend: shown without a traceback."""

from components.cluster.session import ClusterTooSmall
from components.model.assembling import WrongToken
from components.training.loop import TrainingStopped

EXPECTED: tuple[type[Exception], ...] = (ClusterTooSmall, WrongToken, TrainingStopped)
