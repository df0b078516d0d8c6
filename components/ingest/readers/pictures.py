"""Images of a data set, loose or in zip archives, found by the names that its rows use."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from components.ingest.records import SourceError, nfc

SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
_UTF8_FLAG = 0x800


class PictureError(ValueError):
    """An image that cannot be had; the text is the reason."""


@dataclass(frozen=True)
class _Place:
    """Where an image lies: a member of an archive, or a file of the folder."""

    name: str
    archive: Path | None
    member: str


class Pictures:
    """All images under a folder. Names are compared in composed form, without the archive's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, zipfile.ZipFile] = {}

    def names(self) -> Iterator[str]:
        """The names of all images, sorted."""
        yield from sorted(place.name for places in self._by_file_name.values() for place in places)

    def read(self, name: str) -> bytes:
        """The bytes of the image that a row calls ``name``: its path, or the end of its path.

        Raises:
            PictureError: if there is none, more than one, or it cannot be read.
        """
        place = self._find(nfc(name))
        try:
            if place.archive is None:
                return (self._folder / place.member).read_bytes()
            return self._archive(place.archive).read(place.member)
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise PictureError(f"image unreadable: {type(error).__name__} in {name}") from None

    def _find(self, name: str) -> _Place:
        candidates = self._by_file_name.get(PurePosixPath(name).name, [])
        exact = [place for place in candidates if place.name == name]
        found = exact or [place for place in candidates if place.name.endswith(f"/{name}")]
        if not found:
            raise PictureError(f"image missing: {name}")
        if len(found) > 1:
            raise PictureError(f"image ambiguous: {name} is in {len(found)} places")
        return found[0]

    @cached_property
    def _by_file_name(self) -> dict[str, list[_Place]]:
        index: dict[str, list[_Place]] = {}
        for path in sorted(self._folder.rglob("*")):
            for place in self._places(path):
                index.setdefault(PurePosixPath(place.name).name, []).append(place)
        return index

    def _places(self, path: Path) -> Iterator[_Place]:
        if path.suffix.lower() == ".zip":
            for info in self._archive(path).infolist():
                name = nfc(_member_name(info))
                if PurePosixPath(name).suffix.lower() in SUFFIXES:
                    yield _Place(name, path, info.filename)
        elif path.suffix.lower() in SUFFIXES:
            member = path.relative_to(self._folder).as_posix()
            yield _Place(nfc(member), None, member)

    def _archive(self, path: Path) -> zipfile.ZipFile:
        if path not in self._open:
            try:
                self._open[path] = zipfile.ZipFile(path)
            except zipfile.BadZipFile:
                raise SourceError(f"{path} is not a whole zip archive: fetch it again, or join its parts") from None
        return self._open[path]


def _member_name(info: zipfile.ZipInfo) -> str:
    """A member's name. Korean Windows writes CP949 without saying so, which zipfile reads as CP437."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
