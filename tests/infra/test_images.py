"""Each component's image holds what the component imports, no more, and runs it."""

import ast
import re
from pathlib import Path

import pytest

from tests.infra.conftest import Podman

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "infra" / "images"
COMPONENTS = ["backbones", "ingest", "pretrain", "finetune", "evaluate", "export"]

# Imports every module that is in the image, so that one that was left out shows.
IMPORT_ALL = """
import importlib, pkgutil, components
for module in pkgutil.walk_packages(components.__path__, "components."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def imported_folders(component: str) -> set[str]:
    """The folders of components/ that the component needs: its own, and those that needed ones import."""
    needed: set[str] = set()
    todo = {component}
    while todo:
        folder = todo.pop()
        needed.add(folder)
        for path in (ROOT / "components" / folder).rglob("*.py"):
            todo |= {name.split(".")[1] for name in _imports(path)} - needed
    return needed


def _imports(path: Path) -> list[str]:
    """Absolute names of what the file imports from below components."""
    package = path.relative_to(ROOT).parent.parts
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*package[: len(package) - node.level + 1], node.module or ""]).strip(".")
            base = base if node.level else node.module or ""
            # `from components import model` names the folder last.
            names += [f"{base}.{alias.name}" for alias in node.names]
    return [name for name in names if name.startswith("components.")]


def test_there_is_one_image_for_each_component() -> None:
    names = {path.name.removesuffix(".Dockerfile") for path in IMAGES.glob("*.Dockerfile")}
    assert names == {"base", *COMPONENTS}


@pytest.mark.parametrize("component", COMPONENTS)
def test_an_image_gets_the_folders_that_its_component_imports(component: str) -> None:
    dockerfile = (IMAGES / f"{component}.Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY components/(\w+) components/\1$", dockerfile, re.MULTILINE)
    assert (ROOT / "components" / component / "__main__.py").exists(), f"components.{component} cannot be run"
    needed = imported_folders(component)
    wanted = "\n".join(f"COPY components/{name} components/{name}" for name in sorted(needed))
    assert set(copied) == needed, f"infra/images/{component}.Dockerfile must say\n{wanted}"
    assert f'CMD ["python", "-m", "components.{component}"]' in dockerfile


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_the_base_image_is_what_ray_and_dvc_need(podman: Podman, images: str) -> None:
    script = "id --user; ray --version; dvc --version; git --version; wget --version; command -v python run-stage"
    output = podman("run", "--rm", f"{images}/base", "bash", "-euc", script)
    assert output.startswith("1000\n")
    assert "/opt/venv/bin/python\n/usr/local/bin/run-stage\n" in output


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_runs_in_its_image(podman: Podman, images: str, component: str) -> None:
    image = f"{images}/{component}"
    script = f"python -m components.{component} --help && python -c '{IMPORT_ALL}'"
    assert f"components.{component}" in podman("run", "--rm", image, "bash", "-euc", script)
