"""Errors of training that a user can mend: shown without a traceback."""

from components.cluster.errors import ClusterTooSmall
from components.model.assembling import WrongToken
from components.model.connector import WrongConnector
from components.training.batches import TooFewSamples
from components.training.loop import TrainingStopped

EXPECTED: tuple[type[Exception], ...] = (
    ClusterTooSmall,
    WrongToken,
    WrongConnector,
    TooFewSamples,
    TrainingStopped,
)
