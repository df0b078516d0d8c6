"""Images for the tests that run the components in containers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = "localhost/small-korean-vlm-test/debian"
PREFIX = "small-korean-vlm-test"

# Settings under which containers run as root without systemd, cgroups of their own or a network of their own.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""

Podman = Callable[..., str]


@pytest.fixture(scope="session")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Podman:
    """Runs podman with its arguments and returns what it printed."""
    missing = [tool for tool in ("podman", "runc", "debootstrap") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"images cannot be built here: {', '.join(missing)} not installed")
    if os.geteuid() != 0:
        pytest.skip("images are built from a debootstrap base, which needs root")
    settings = tmp_path_factory.mktemp("containers") / "containers.conf"
    settings.write_text(CONTAINERS_CONF)
    os.environ["CONTAINERS_CONF"] = str(settings)

    def run(*arguments: str) -> str:
        result = subprocess.run(["podman", *arguments], capture_output=True, text=True)
        assert result.returncode == 0, f"podman {' '.join(arguments)}\n{result.stdout}{result.stderr}"
        return result.stdout

    return run


@pytest.fixture(scope="session")
def images(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Builds the base image and all components' images as build.sh does, and returns their prefix.

    Podman keeps its layers, so a second session builds only what changed.
    """
    folder = tmp_path_factory.mktemp("images")
    if subprocess.run(["podman", "image", "exists", DEBIAN]).returncode:
        _make_debian(podman, folder)
    command = [str(ROOT / "infra" / "images" / "build.sh"), "--builder", "podman", "--base", DEBIAN]
    command += ["--prefix", PREFIX, "--", "--isolation", "chroot", *_pip_access(folder)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert result.returncode == 0, result.stdout[-5000:]
    return f"localhost/{PREFIX}"


def _make_debian(podman: Podman, folder: Path) -> None:
    """A base image without a registry: Debian's packages unpacked into a folder."""
    root = folder / "debian"
    packages = "--include=ca-certificates,git,python3,python3-venv,wget"
    subprocess.run(
        ["debootstrap", "--variant=minbase", packages, "bookworm", str(root)], check=True, capture_output=True
    )
    archive = folder / "debian.tar"
    subprocess.run(["tar", "--directory", str(root), "--create", "--file", str(archive), "."], check=True)
    podman("import", "--quiet", str(archive), DEBIAN)
    shutil.rmtree(root)
    archive.unlink()


def _pip_access(folder: Path) -> list[str]:
    """Options that let pip in a build reach the indexes, folders and certificates that it has here."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'")
    places = {name: settings[name] for name in ("index-url", "extra-index-url", "find-links") if name in settings}
    options: list[str] = []
    for name, value in places.items():
        for place in value.split():
            path = Path(place.removeprefix("file://"))
            # An index's pages lead to files beside it.
            path = path if name == "find-links" else path.parent
            if path.is_absolute() and path.is_dir():
                options += ["--volume", f"{path}:{path}:ro"]
    configuration = folder / "pip.conf"
    configuration.write_text("\n".join(["[global]", *(f"{k} = {v}" for k, v in places.items())]) + "\n")
    options += ["--secret", f"id=pip_conf,src={configuration}"]
    if "cert" in settings:
        options += ["--secret", f"id=ca_certificates,src={settings['cert']}"]
    return options
