"""The stages and their order, as dvc.yaml declares them."""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any


class PipelineError(RuntimeError):
    """The pipeline cannot be read, or did not get to its end."""


@dataclass(frozen=True)
class Stage:
    """One stage: its name for `dvc repro`, and the stages whose outputs it reads."""

    name: str
    needs: tuple[str, ...]


def check_root(root: Path) -> None:
    """Raise PipelineError unless `root` is the root folder of a DVC project with a pipeline."""
    for needed, fix in ((".dvc", "dvc init"), ("dvc.yaml", "dvc stage add")):
        if not (root / needed).exists():
            raise PipelineError(
                f"{root}: no {needed}; run this in the root folder of a DVC project, or make it with `{fix}`"
            )


def read_stages(root: Path) -> list[Stage]:
    """Return the stages of the DVC project at `root`, each after the stages that it needs."""
    # DVC takes two seconds to import, and serving the flow does not need it.
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    check_root(root)
    try:
        with Repo(str(root)) as repo:
            graph = repo.index.graph
            # Files tracked by `dvc add` are nodes too, but have no command to run.
            commands = [node for node in repo.index.stages if node.cmd]
            needs = {
                _target(node): tuple(_target(other) for other in graph.successors(node) if other.cmd)
                for node in commands
            }
    except DvcException as error:
        raise PipelineError(f"cannot read the pipeline at {root}: {error}") from error
    if not needs:
        raise PipelineError(f"{root / 'dvc.yaml'}: no stage with a command; declare one under `stages:`")
    return [Stage(name, needs[name]) for name in TopologicalSorter(needs).static_order()]


def _target(node: Any) -> str:
    """Return how `dvc repro` names the stage when it runs in the project's root folder."""
    return node.name if node.path_in_repo == "dvc.yaml" else f"{node.path_in_repo}:{node.name}"
