"""Which plug-ins params.yaml names. A fingerprint counts these, so that a new one makes no result stale."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from components.fingerprints.code import ROOT, Chosen
from components.params.schema import Params, Source

CONNECTORS = "components.model.connectors"
LAYOUTS = "components.benchmarks.catalogue"
LOADERS = "components.evaluate.models.loading"
ORIGINS, DEMO = "components.ingest.origins", "components.ingest.origins.demo"
READERS, WORDINGS = "components.ingest.readers", "components.ingest.wording"
TEMPLATES = "components.evaluate.judge.template"
_DEMO = "demo:"


def plugins_of(params: Params, root: Path = ROOT) -> Chosen:
    """Of every module that knows plug-ins by name, those that a run with these parameters uses."""
    ingest, evaluate = params.ingest, params.evaluate
    layouts = {benchmark.layout for benchmark in ingest.benchmarks}
    origins = [place for source in ingest.sources for place in (source.origin, *source.images)]
    origins += [benchmark.origin for benchmark in ingest.benchmarks]
    named: dict[str, set[str]] = {
        CONNECTORS: {params.model.connector},
        LAYOUTS: layouts,
        LOADERS: {"own", *(baseline.layout for baseline in evaluate.baselines)},
        ORIGINS: {origin.partition(":")[0] for origin in origins},
        DEMO: {origin.removeprefix(_DEMO).partition("@")[0] for origin in origins if origin.startswith(_DEMO)},
        READERS: {source.reader for source in ingest.sources},
        WORDINGS: {name for source in ingest.sources for name in wordings_of(source, root)},
        TEMPLATES: _templates(layouts, root) if evaluate.judge else set(),
    }
    return {module: frozenset(names) for module, names in named.items()}


def wordings_of(source: Source, root: Path = ROOT) -> set[str]:
    """The wording that a source names; else those that its reader mentions."""
    if source.wording is not None:
        return {source.wording}
    return _mentioned([_plugin(root, "ingest/readers", source.reader)], root / "components/ingest/wordings")


def _templates(layouts: Iterable[str], root: Path) -> set[str]:
    files = [_plugin(root, "benchmarks/layouts", layout) for layout in layouts]
    return _mentioned(files, root / "components/evaluate/judge/templates")


def _plugin(root: Path, folder: str, name: str) -> Path:
    return root / "components" / folder / f"{name.replace('-', '_')}.py"


def _mentioned(files: Iterable[Path], folder: Path) -> set[str]:
    """Names of YAML files in a folder that stand as texts in some Python files."""
    known = {path.stem for path in folder.glob("*.yaml")}
    nodes = (node for file in files if file.is_file() for node in ast.walk(ast.parse(file.read_bytes())))
    return known & {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
