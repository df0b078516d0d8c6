"""Bundles, the files that stage export writes, as models to be evaluated."""

from __future__ import annotations

from components.bundles.manifest import BundleError, read_manifest
from components.evaluate.models.places import Place
from components.evaluate.models.spec import FolderOrigin, ModelError, Origin


def locate_bundle(origin: Origin) -> Place:
    """A bundle's folder, and the digest of its files as its manifest lists them.

    Whether the files are what the manifest says is found out where the bundle is opened.

    Raises:
        ModelError: if the origin is no folder with a readable manifest.
    """
    if not isinstance(origin, FolderOrigin):
        raise ModelError(
            f"layout bundle: {origin} is not on this machine; write folder:<path> of a bundle, such as "
            "folder:artifacts/export/bundles/int8"
        )
    try:
        manifest = read_manifest(origin.path)
    except BundleError as error:
        raise ModelError(f"origin folder:{origin.path}, layout bundle: {error}") from None
    return Place(origin.path.resolve(), manifest.digest)
