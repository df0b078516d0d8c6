"""Following imports through a tree of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.fingerprints.code import ROOT, read_code
from components.fingerprints.opened import OPENED
from components.fingerprints.plugins import LAYOUTS, READERS, TEMPLATES, WORDINGS

FILES = {
    "components/__init__.py": "",
    "components/start/__init__.py": '"""A package."""',
    "components/start/main.py": "from components.near import helper\nimport numpy\n",
    "components/near/__init__.py": "from components.near.far import FAR\nSIDE = 'effect'\n",
    "components/near/helper.py": "def late():\n    import components.near.deep.inner as inner\n    import torch\n",
    "components/near/far.py": "FAR = 1\n",
    "components/near/deep/inner.py": "x = 1\n",
    "components/alone.py": "x = 1\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree of a few files."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_imported_counts_with_the_packages_around_it(small: Path) -> None:
    code = read_code("components.start.main", root=small)
    assert set(code.files) == {
        "components/start/main.py",
        "components/near/__init__.py",
        "components/near/helper.py",
        "components/near/deep/inner.py",
    }
    assert code.libraries == {"numpy", "torch"}


def test_what_a_package_imports_counts_where_it_is_taken_from_it(small: Path) -> None:
    (small / "components/start/main.py").write_text("from components.near import FAR\n", encoding="utf-8")
    assert "components/near/far.py" in read_code("components.start.main", root=small).files


def test_what_is_left_out_is_not_followed(small: Path) -> None:
    code = read_code("components.start.main", without=["components.near.deep"], root=small)
    assert "components/near/helper.py" in code.files
    assert "components/near/deep/inner.py" not in code.files
    assert set(read_code("components.start.main", without=["components.near"], root=small).files) == {
        "components/start/main.py"
    }


def test_a_module_that_is_not_there_is_named(small: Path) -> None:
    with pytest.raises(LookupError, match=r"no module components\.start\.gone"):
        read_code("components.start.gone", root=small)


def test_plugins_and_data_that_no_import_names() -> None:
    chosen = {
        LAYOUTS: frozenset({"k-seed"}),
        READERS: frozenset({"llava"}),
        TEMPLATES: frozenset({"llava-w"}),
        WORDINGS: frozenset({"ocr", "labels"}),
    }
    modules = ("components.benchmarks.catalogue", "components.ingest.readers", "components.ingest.wording")
    found = read_code(*modules, "components.evaluate.judge.template", chosen=chosen).files
    assert [name for name in found if "/layouts/" in name] == ["components/benchmarks/layouts/k_seed.py"]
    assert [name for name in found if name.endswith(".yaml")] == [
        "components/evaluate/judge/templates/llava-w.yaml",
        "components/ingest/wordings/labels.yaml",
        "components/ingest/wordings/ocr.yaml",
    ]
    readers = {name for name in found if "/readers/" in name}
    assert "components/ingest/readers/llava.py" in readers
    assert not any("aihub" in name or "mapping" in name for name in readers)


def test_data_count_by_their_bytes(tree: Path) -> None:
    file = tree / "components/ingest/wordings/ocr.yaml"
    before = read_code("components.ingest.wording", root=tree)
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\n", encoding="utf-8")
    after = read_code("components.ingest.wording", root=tree)
    file.write_text(text, encoding="utf-8")
    assert [name for name in before.files if before.files[name] != after.files[name]] == [
        "components/ingest/wordings/ocr.yaml"
    ]


def test_every_module_that_looks_beside_itself_says_what_it_opens() -> None:
    """So that neither a data file nor a plug-in can be forgotten."""
    looking = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "components").rglob("*.py")
        if "Path(__file__)" in path.read_text(encoding="utf-8")
    }
    assert looking - {"components.fingerprints.code", "components.stages.orphans"} == set(OPENED)


def test_every_data_file_is_opened_by_one_module() -> None:
    opened = [path for module, patterns in OPENED.items() for one in patterns for path in _folder(module).glob(one)]
    there = {path for path in (ROOT / "components").rglob("*") if path.is_file()}
    data = {path for path in there if path.suffix not in {".py", ".pyc", ".md"}}
    assert {path.relative_to(ROOT) for path in data - set(opened)} == set()
    assert len([path for path in opened if path in data]) == len(data)


def _folder(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")[:-1])
