"""The small model of training's tests, as a plan is compared with it."""

from tests.training.conftest import fresh, start

__all__ = ["fresh", "start"]
