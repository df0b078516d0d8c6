"""The bundle of the tests of export, for those that read bundles."""

from __future__ import annotations

from tests.export.conftest import bundle_folder, pair

__all__ = ["bundle_folder", "pair"]
