"""Reading params.yaml, with errors that name the key, what was found and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.params.schema import Params
from components.stages.errors import UserError

PARAMS_FILE = Path("params.yaml")


class ParamsError(UserError):
    """params.yaml is missing, cannot be read or holds what it may not."""


def load_params(path: Path = PARAMS_FILE) -> Params:
    """Read and check the whole file.

    Raises:
        ParamsError: listing every wrong key with what was found and what is allowed.
    """
    return check_params(read_yaml(path, YAML(typ="safe")), str(path))


def read_yaml(path: Path, yaml: YAML) -> Any:
    """What a file of parameters holds.

    Raises:
        ParamsError: if it is not there, cannot be read, or is not YAML in UTF-8.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"))  # some editors begin UTF-8 with a mark
    except FileNotFoundError:
        raise ParamsError(f"{path} not found: run in the project's folder, or `make profile P=demo`") from None
    except OSError as error:
        raise ParamsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path} is not UTF-8 (at byte {error.start}): save it as UTF-8 in your editor") from None
    except YAMLError as error:
        raise ParamsError(f"{path} is not valid YAML: {error}") from None


def check_params(values: Any, name: str) -> Params:
    """Check values that were read from a file called ``name``."""
    if not isinstance(values, dict):
        raise ParamsError(f"{name}: found {type(values).__name__}, expected sections such as profile, seed, model")
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        problems = "\n".join(f"  {_explain(detail)}" for detail in error.errors())
        raise ParamsError(f"{name} cannot be used:\n{problems}") from None


def _explain(detail: ErrorDetails) -> str:
    key = ".".join(str(part) for part in detail["loc"]) or "(whole file)"
    if detail["type"] == "extra_forbidden":
        known = _known_keys(detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        return f"{key}: unknown key; {hint}allowed: {', '.join(known) or 'see components/params/schema.py'}"
    if detail["type"] == "missing":
        return f"{key}: missing; it has no default"
    return f"{key}: found {detail['input']!r}; {detail['msg']}"


def _known_keys(location: Iterable[int | str]) -> list[str]:
    """The keys that the section at a location has."""
    section: Any = Params
    for part in location:
        if isinstance(part, int):
            continue
        field = section.model_fields.get(part) if _is_section(section) else None
        if field is None:
            return []
        section = next((t for t in _types_within(field.annotation) if _is_section(t)), None)
    return sorted(section.model_fields) if _is_section(section) else []


def _types_within(annotation: Any) -> Iterable[Any]:
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _types_within(inner)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
