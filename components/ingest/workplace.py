"""Where a source's unfinished and finished work lies, named by all that decides its outcome."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from components.archives.files import Files
from components.ingest.checks.rules import Rules
from components.ingest.chunks.store import ChunkStore
from components.params.schema import Source

_CODE = ("readers", "wordings", "checks", "chunks", "records.py", "wording.py", "shards")
_LIBRARIES = ("ftfy", "imagehash", "numpy", "pillow", "pyarrow", "tokenizers", "transformers")
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


def workplace(scratch: Path, source: Source, files: Files, rules: Rules, seed: int) -> Workplace:
    """The source's folder; another one for other data, settings or code."""
    ingest = Path(__file__).parent
    settings = {
        "source": source.model_dump(exclude=_AFTERWARDS),
        "files": files.fingerprint,
        "rules": {**asdict(rules), "tokenizer": _tokenizer_digest(Path(rules.tokenizer))},
        "seed": seed,
        "code": [_digest(path) for path in (*(ingest / name for name in _CODE), ingest.parent / "korean")],
        "libraries": [version(name) for name in _LIBRARIES],
    }
    text = json.dumps(settings, sort_keys=True, ensure_ascii=False)
    return Workplace(scratch / f"{source.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}")


def _digest(path: Path) -> str:
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.suffix in (".py", ".yaml")):
        digest.update(str(file.relative_to(path)).encode() + file.read_bytes())
    return digest.hexdigest()


def _tokenizer_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _TOKENIZER_FILES:
        for file in sorted(folder.glob(pattern)):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()
