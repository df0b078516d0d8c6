"""Where a source's unfinished and finished work lies, named by all that decides its outcome."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from components.archives.files import Files
from components.fingerprints.code import ROOT
from components.fingerprints.fingerprint import Fingerprint, of_code
from components.fingerprints.plugins import READERS, WORDINGS, wordings_of
from components.fingerprints.values import flatten
from components.ingest.checks.rules import Rules
from components.ingest.chunks.store import ChunkStore
from components.params.schema import Source

_STARTS = ("components.ingest.chunks.work", "components.ingest.shards.write")
_WITHOUT = (
    "components.cluster",
    "components.ingest.chunks.pipeline",
    "components.ingest.chunks.progress",
    "components.ingest.selection",
)
"""How chunks are spread over processes, and which samples are taken in the end, changes none of them."""
_AFTERWARDS = {"name", "max_rejected", "weight", "count", "cap", "origin", "images"}
"""What does not change a source's samples (of the origins, their files count)."""
_TOKENIZER_FILES = ("tokenizer*", "special_tokens_map.json", "chat_template*", "vocab*", "merges*")


@dataclass(frozen=True)
class Workplace:
    """A folder for one source, ``<source>-<key>``."""

    folder: Path

    @property
    def store(self) -> ChunkStore:
        """Its chunks."""
        return ChunkStore(self.folder / "chunks")

    @property
    def shards(self) -> Path:
        """The folder of its shards, which are named by their content."""
        return self.folder / "shards"

    def tidy(self, wanted: Sequence[Path]) -> None:
        """Keep the notes and the wanted shards; remove the rest, and what earlier settings of the source left."""
        self.store.drop_samples()
        for path in set(self.shards.glob("*")) - set(wanted):
            path.unlink()
        source = self.folder.name.rpartition("-")[0]
        for path in self.folder.parent.iterdir():
            if path.name.rpartition("-")[0] == source and path != self.folder:
                shutil.rmtree(path)


def workplace(scratch: Path, source: Source, files: Files, rules: Rules, seed: int, root: Path = ROOT) -> Workplace:
    """The source's folder; another one for other data, settings, code or libraries.

    Args:
        scratch: folder for all sources.
        source: as params.yaml declares it.
        files: its data.
        rules: that its samples must keep.
        seed: of what is drawn.
        root: the folder in which the package ``components`` lies.
    """
    plugins = {READERS: frozenset({source.reader}), WORDINGS: frozenset(wordings_of(source, root))}
    code = of_code(*_STARTS, chosen=plugins, without=_WITHOUT, root=root)
    settings = {
        "source": source.model_dump(mode="json", exclude=_AFTERWARDS),
        "rules": asdict(replace(rules, tokenizer="")),
        "seed": seed,
    }
    data = {"files": files.fingerprint, "tokenizer": _tokenizer_digest(Path(rules.tokenizer))}
    made_from = Fingerprint(code.code, code.libraries, flatten(settings), data)
    return Workplace(scratch / f"{source.name}-{made_from.digest[:16]}")


def _tokenizer_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _TOKENIZER_FILES:
        for file in sorted(folder.glob(pattern)):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
