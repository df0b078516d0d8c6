"""What a judge is told: files in templates/, or a user's own in their place."""

from __future__ import annotations

import hashlib
import json
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.evaluate.judge.errors import JudgeError, TemplateError
from components.params.section import Section

Rating = Literal["pair", "verdict"]
"""``pair``: two numbers from 1 to 10 on the reply's first line, the first answer's and the second's. ``verdict``: 1 if
an answer means what the reference means, else 0."""
Messages = list[dict[str, str]]
"""As chat completions take them: ``role`` and ``content`` each."""

_FOLDER = Path(__file__).parent / "templates"
_PLACEHOLDERS: dict[Rating, frozenset[str]] = {
    "pair": frozenset({"caption", "question", "first", "second"}),
    "verdict": frozenset({"question", "reference", "answer"}),
}
_FIELDS: dict[Rating, tuple[str, ...]] = {
    "pair": ("caption", "question", "reference", "answer"),
    "verdict": ("question", "reference", "answer"),
}


class _File(Section):
    """A template file."""

    rating: Rating
    system: str | None
    """null: no system message, for models that take none."""
    user: str


@dataclass(frozen=True)
class Template:
    """A wording for a judge, checked."""

    name: str
    rating: Rating
    system: str | None
    user: str

    @property
    def digest(self) -> str:
        """SHA-256 of what a judge is told; a file's comments do not count."""
        said = json.dumps([self.rating, self.system, self.user], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def messages(self, fields: Mapping[str, str], is_swapped: bool) -> Messages:
        """The request for one case.

        Args:
            fields: of the case.
            is_swapped: the model's answer stands first, the reference second. Only for pairs.

        Raises:
            JudgeError: naming a field that the case lacks.
        """
        words = {name: unicodedata.normalize("NFC", self._field(fields, name)) for name in _FIELDS[self.rating]}
        if self.rating == "pair":
            pair = (words["reference"], words["answer"])
            words["first"], words["second"] = reversed(pair) if is_swapped else pair
        system = [] if self.system is None else [{"role": "system", "content": self.system.format(**words)}]
        return [*system, {"role": "user", "content": self.user.format(**words)}]

    def _field(self, fields: Mapping[str, str], name: str) -> str:
        if name not in fields:
            raise JudgeError(f"template {self.name} needs the field {name}, and a case has only {', '.join(fields)}")
        return fields[name]


def load_template(name: str, replacements: Mapping[Any, str]) -> Template:
    """A template by its name.

    Args:
        name: of a file in templates/, without its ending.
        replacements: ``evaluate.judge.templates``: paths of users' files, by the name of the one they replace.

    Raises:
        TemplateError: naming the file and the field that cannot be used.
    """
    shipped = _read(_FOLDER / f"{name}.yaml", name)
    if name not in replacements:
        return shipped
    path = Path(replacements[name])
    own = _read(path, name)
    if own.rating != shipped.rating:
        raise TemplateError(f"{path}: rating: found {own.rating}, but what {name} rates is scored as {shipped.rating}")
    return own


def _read(path: Path, name: str) -> Template:
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        file = _File.model_validate(content)
    except OSError as error:
        raise TemplateError(f"{path}: {error.strerror}; see evaluate.judge.templates in params.yaml") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path} is not YAML in UTF-8: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "(whole file)"
        raise TemplateError(f"{path}: {field}: {first['msg']}; it has rating, system and user") from None
    _check_placeholders(path, file)
    system, user = (None if text is None else unicodedata.normalize("NFC", text) for text in (file.system, file.user))
    return Template(name, file.rating, system, user or "")


def _check_placeholders(path: Path, file: _File) -> None:
    wanted = _PLACEHOLDERS[file.rating]
    used: set[str] = set()
    for field, text in (("system", file.system or ""), ("user", file.user)):
        found = _placeholders(path, field, text)
        if unknown := sorted(found - wanted):
            raise TemplateError(f"{path}: {field}: {{{unknown[0]}}} is unknown; allowed: {_braced(wanted)}")
        used |= found
    if missing := wanted - used:
        raise TemplateError(f"{path}: user: {_braced(missing)} missing; a {file.rating} needs {_braced(wanted)}")


def _placeholders(path: Path, field: str, text: str) -> set[str]:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise TemplateError(f"{path}: {field}: {error}; write {{{{ and }}}} for braces that are meant") from None
    for _, name, form, conversion in parts:
        if name is not None and (form or conversion):
            raise TemplateError(f"{path}: {field}: {{{name}}} takes nothing after its name")
    return {name for _, name, _, _ in parts if name is not None}


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
