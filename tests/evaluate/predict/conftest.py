"""A bundle to be evaluated."""

from tests.export.conftest import bundle_folder, pair

__all__ = ["bundle_folder", "pair"]
