"""One fingerprint of what decides a result, in parts that can be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from components.files.atomic import write_json
from components.fingerprints.code import ROOT, Chosen, read_code
from components.fingerprints.libraries import versions
from components.stages.errors import UserError

WHERE_AND_HOW = (
    "components.cluster",
    "components.files",
    "components.fingerprints",
    "components.params",
    "components.stages",
)
"""Code that decides no result: where work runs, how files get onto the disk, what a command line takes. (Parameters
count by their values.)"""


class NoFingerprint(UserError):
    """A file that a run left holds something else."""


@dataclass(frozen=True)
class Fingerprint:
    """What a result is known by."""

    code: Mapping[str, str]
    """Digest by file."""
    libraries: Mapping[str, str]
    """Version by package."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Value by key, as params.yaml has them (``finetune.lora.rank``)."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Digest by place."""

    @property
    def digest(self) -> str:
        """SHA-256 over all parts."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def changes_since(self, before: Fingerprint) -> list[str]:
        """What is different, in words; empty if nothing is."""
        return [
            *_files(before.code, self.code),
            *_values(before.params, self.params),
            *_values(before.libraries, self.libraries),
            *_files(before.data, self.data),
        ]

    def write(self, file: Path) -> None:
        """Write it whole or not at all."""
        write_json(file, asdict(self))

    @classmethod
    def read(cls, file: Path) -> Fingerprint:
        """What ``write`` wrote.

        Raises:
            NoFingerprint: if the file holds something else.
        """
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except (TypeError, ValueError):
            raise NoFingerprint(f"{file} is no fingerprint: `dvc checkout {file}`, or run its stage again") from None


def of_code(
    *starts: str,
    chosen: Chosen | None = None,
    without: Sequence[str] = (),
    libraries_without: Sequence[str] = (),
    root: Path = ROOT,
) -> Fingerprint:
    """Fingerprint of what some modules compute, with the libraries that they compute with.

    Args:
        starts: dotted names of the modules.
        chosen: see read_code.
        without: modules and packages that do not count, beside those that never do.
        libraries_without: libraries that do not count, by the name of their import.
        root: the folder in which the package ``components`` lies.
    """
    code = read_code(*starts, chosen=chosen, without=(*WHERE_AND_HOW, *without), root=root)
    return Fingerprint(code.files, versions(code.libraries, libraries_without))


def _files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield f"{name} is new"
        elif name not in after:
            yield f"{name} no longer counts"
        elif before[name] != after[name]:
            yield f"{name} changed"


def _values(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = _shown(before, name), _shown(after, name)
        if old != new:
            yield f"{name} {old} -> {new}"


def _shown(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "(not there)"
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False).removesuffix(".0")
