"""The files in wordings/: templates for questions and answers, which a user can edit."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.ingest.records import SourceError, is_text, nfc
from components.korean.nouns import Noun

_FOLDER = Path(__file__).parent / "wordings"


class Wording:
    """Templates by task."""

    def __init__(self, templates: Mapping[str, list[str]]) -> None:
        self._templates = templates

    def say(self, rng: random.Random, task: str, **words: str) -> str:
        """One of the task's templates, drawn, with its words filled in; each with the particle that follows it."""
        template = rng.choice(self._templates[task])
        return template.format(**{name: Noun(word) for name, word in words.items()})

    def __getitem__(self, task: str) -> list[str]:
        return self._templates[task]


def load_wording(name: str, tasks: Mapping[str, set[str]]) -> Wording:
    """A file of wordings.

    Args:
        name: of the file, without its ending.
        tasks: that it must have, each with the words that its templates may use.

    Raises:
        SourceError: naming the file, the task and the template that cannot be used.
    """
    path = _FOLDER / f"{name}.yaml"
    known = sorted(file.stem for file in _FOLDER.glob("*.yaml"))
    if name not in known:
        raise SourceError(f"wording {name!r} in params.yaml is unknown: {_FOLDER} has {', '.join(known)}")
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not YAML in UTF-8: {error}") from None
    if not isinstance(content, dict) or not content.keys() <= tasks.keys():
        raise SourceError(f"{path} must hold tasks ({', '.join(tasks)}) and no others, each with a list of templates")
    return Wording({task: _check(path, task, content.get(task), words) for task, words in tasks.items()})


def _check(path: Path, task: str, templates: object, words: set[str]) -> list[str]:
    if not isinstance(templates, list) or not templates or not all(is_text(one) and one.strip() for one in templates):
        raise SourceError(f"{path}: {task} must be a list of at least one text")
    for template in templates:
        try:
            used = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
            unknown = used - words
            if unknown:
                allowed = ", ".join(f"{{{word}}}" for word in sorted(words)) or "none"
                raise ValueError(f"{{{min(unknown)}}} is unknown: allowed here: {allowed}")
            template.format(**dict.fromkeys(words, Noun("것")))
        except (ValueError, IndexError, KeyError) as error:
            raise SourceError(f"{path}: {task}: {template!r}: {error}") from None
    return [nfc(template) for template in templates]
