"""Write a profile into params.yaml: ``python -m components.params.profile aiku``.

A profile is a file of overrides; it is laid over params.yaml, so that what ran is always what params.yaml says.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.params.load import PARAMS_FILE, ParamsError, check_params, read_yaml
from components.stages.command import make_parser, run_command

PROFILES = Path("profiles")


def write_profile(name: str, target: Path = PARAMS_FILE, profiles: Path = PROFILES) -> None:
    """Lay the profile's overrides over params.yaml as it stands, keeping its comments, and check the result.

    Raises:
        ParamsError: if there is no such profile, or the outcome breaks the schema (params.yaml is then left alone).
    """
    chosen = profiles / f"{name}.yaml"
    if not chosen.is_file():
        known = ", ".join(sorted(p.stem for p in profiles.glob("*.yaml")))
        raise ParamsError(f"no profile {name!r}: {profiles} has {known}")
    yaml = YAML()
    yaml.width = 10_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    values, overrides = read_yaml(target, yaml), read_yaml(chosen, yaml)
    for path, read in ((target, values), (chosen, overrides)):
        if not isinstance(read, MutableMapping):
            raise ParamsError(f"{path} holds no keys: restore it with git")
    _lay_over(values, overrides)
    check_params(YAML(typ="safe").load(_dump(yaml, values)), f"{chosen} over {target}")
    part = target.with_suffix(".part")
    part.write_text(_dump(yaml, values), encoding="utf-8")
    os.replace(part, target)


def _lay_over(values: MutableMapping[str, Any], overrides: MutableMapping[str, Any]) -> None:
    """Mappings are merged; anything else, lists too, is replaced. A backbone's mapping is replaced whole."""
    for key, value in overrides.items():
        if isinstance(value, MutableMapping) and isinstance(values.get(key), MutableMapping) and "origin" not in value:
            _lay_over(values[key], value)
        else:
            values[key] = value


def _dump(yaml: YAML, values: Any) -> str:
    stream = StringIO()
    yaml.dump(values, stream)
    return stream.getvalue()


def main() -> None:
    """Command line."""
    parser = make_parser("components.params.profile", __doc__)
    parser.add_argument("name", help="a file of profiles/, without .yaml")
    arguments = parser.parse_args()
    run_command(lambda: write_profile(arguments.name))
    print(f"{PARAMS_FILE} now holds the profile {arguments.name!r}")


if __name__ == "__main__":
    main()
