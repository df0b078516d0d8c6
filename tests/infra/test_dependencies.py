"""What the code imports is declared, and what is declared is pinned."""

import ast
import importlib.metadata
import re
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"components", "flows", "dashboards", "infra", "benchmarks", "tests"}
# Parts of a declared package that have a name of their own.
COMES_WITH = {
    "dvc_data": "dvc",
    "llama_cpp": "llama-cpp-python",
    "packaging": "pytest",
    "psutil": "dvc",
    "pydantic_core": "pydantic",
    "zc": "dvc",
}


def requirements(extra: bool) -> list[Requirement]:
    optional = PROJECT["optional-dependencies"]
    # What is imported only where it is needed, with a message that says how to install it, is declared in gguf.
    declared = PROJECT["dependencies"] + optional["gguf"]
    if extra:
        declared += optional["dev"] + optional["peers"]
    return [Requirement(text) for text in declared]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(re.fullmatch(r"(\S+)==(\S+)", line).groups() for line in lines if not line.startswith("#"))  # type: ignore[union-attr, misc]


def imported_packages(folder: str) -> dict[str, Path]:
    """The top-level packages that the folder's files import, each with one file that does."""
    found: dict[str, Path] = {}
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update({alias.name.split(".")[0]: path for alias in node.names})
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module.split(".")[0]] = path
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | OWN}


@pytest.mark.parametrize("folder", sorted(OWN))
def test_imports_are_declared(folder: str) -> None:
    declared = {canonicalize_name(r.name) for r in requirements(extra=folder in {"tests", "benchmarks"})}
    distributions = importlib.metadata.packages_distributions()
    for name, path in imported_packages(folder).items():
        names = {canonicalize_name(d) for d in [*distributions.get(name, []), COMES_WITH.get(name, name)]}
        assert names & declared, f"{path.relative_to(ROOT)} imports {name}: add its package to pyproject.toml"


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    pinned = {canonicalize_name(name): version for name, version in pins().items()}
    for requirement in requirements(extra=True):
        assert canonicalize_name(requirement.name) in pinned, f"constraints.txt: {requirement.name} is missing"
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])


def test_constraints_are_exact_and_free_of_places() -> None:
    assert len(pins()) > 200
    assert not [version for version in pins().values() if "+" in version]


def test_this_environment_is_the_pinned_one() -> None:
    # setuptools puts its own copies of packages on sys.path: only what stands in site-packages counts.
    found = importlib.metadata.distributions(path=[sysconfig.get_path("purelib")])
    installed = {canonicalize_name(d.name): d.version.split("+")[0] for d in found}
    assert "torch" in installed
    wrong = [
        f"{name} is {installed[canonicalize_name(name)]}, pinned {version}"
        for name, version in pins().items()
        if installed.get(canonicalize_name(name), version) != version
    ]
    assert not wrong, f"{wrong}: run make setup"
