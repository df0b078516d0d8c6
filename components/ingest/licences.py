"""What the data sets' licences allow; licences.yaml lists them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.ingest.records import SourceError
from components.params.schema import Section, Source

_FILE = Path(__file__).with_suffix(".yaml")
_Text = Annotated[str, Field(min_length=1)]


class Conditions(Section):
    """One or two sentences, for both kinds of readers."""

    ko: _Text
    en: _Text


class Licence(Section):
    """One licence."""

    title: _Text
    commercial: Literal["yes", "no", "ask"]
    """Whether a model trained on the data may be sold or used commercially; ``ask``: on conditions to be checked."""
    conditions: Conditions
    link: Annotated[str, Field(pattern=r"^https?://\S+$")]


_LICENCES = TypeAdapter(dict[str, Licence])


def read_licences(sources: Sequence[Source], path: Path = _FILE) -> dict[str, Licence]:
    """The licences that the sources name, in the order of their first use.

    Raises:
        SourceError: if a source names an unknown one, or the file cannot be used.
    """
    known = _read(path)
    for source in sources:
        if source.licence not in known:
            raise SourceError(
                f"source {source.name}: licence {source.licence!r} is unknown: use one of {', '.join(known)}, "
                f"or add it to {path}"
            )
    return {source.licence: known[source.licence] for source in sources}


def _read(path: Path) -> dict[str, Licence]:
    try:
        return _LICENCES.validate_python(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise SourceError(f"{path} cannot be used: {problems}") from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise SourceError(f"{path} cannot be read as YAML in UTF-8: {error}") from None
