"""Versions of what computes."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from components.fingerprints.code import ROOT, read_code
from components.fingerprints.libraries import COMPUTING, TABLES, versions

CARRYING = {
    "datasets",
    "fastapi",
    "filelock",
    "fsspec",
    "httpx",
    "huggingface_hub",
    "openai",
    "psutil",
    "pydantic",
    "pydantic_core",
    "ray",
    "rich",
    "ruamel",
    "safetensors",
    "tenacity",
    "uvicorn",
}
"""What carries, checks, shows or fetches."""


def test_every_library_is_known_to_compute_or_not_to() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "components").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    imported = read_code(*modules).libraries - sys.stdlib_module_names
    assert imported - CARRYING - set(COMPUTING) == set(), "give it a line in libraries.py if it computes, else here"
    assert CARRYING.isdisjoint(COMPUTING)


def test_versions_without_what_a_package_was_built_for() -> None:
    found = versions(["torch", "transformers", "json", "rich"])
    assert found == {
        "tokenizers": version("tokenizers"),
        "torch": version("torch").partition("+")[0],
        "transformers": version("transformers"),
    }


def test_a_library_that_is_not_installed_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPUTING, "abacus", ("an-abacus-nobody-has",))
    assert versions(["abacus"]) == {"an-abacus-nobody-has": "not installed"}


def test_libraries_can_be_left_out() -> None:
    assert versions(["numpy", *TABLES], without=TABLES) == {"numpy": version("numpy")}
