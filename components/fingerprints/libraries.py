"""Versions of the libraries that compute. What only carries, shows or fetches decides no result."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

COMPUTING: dict[str, tuple[str, ...]] = {
    "PIL": ("pillow",),
    "bitsandbytes": ("bitsandbytes",),
    "deepspeed": ("deepspeed",),
    "evaluate": ("evaluate",),
    "ftfy": ("ftfy",),
    "gguf": ("gguf",),
    "imagehash": ("ImageHash",),
    "jinja2": ("Jinja2",),
    "jiwer": ("jiwer",),
    "jmespath": ("jmespath",),
    "koreanize_matplotlib": ("koreanize-matplotlib",),
    "llama_cpp": ("llama-cpp-python",),
    "matplotlib": ("matplotlib",),
    "mecab": ("python-mecab-ko", "python-mecab-ko-dic"),
    "nltk": ("nltk",),
    "nncf": ("nncf",),
    "numpy": ("numpy",),
    "openvino": ("openvino",),
    "openvino_genai": ("openvino-genai", "openvino-tokenizers"),
    "openvino_tokenizers": ("openvino-tokenizers",),
    "pandas": ("pandas",),
    "peft": ("peft",),
    "pyarrow": ("pyarrow",),
    "scipy": ("scipy",),
    "sentence_transformers": ("sentence-transformers",),
    "sklearn": ("scikit-learn",),
    "statsmodels": ("statsmodels",),
    "tokenizers": ("tokenizers",),
    "torch": ("torch",),
    "transformers": ("transformers", "tokenizers"),
}
"""By the name that an import has: packages, with those that it computes by."""
TABLES = ("pandas", "pyarrow")
"""Libraries that decide what is written into tables, and nothing that a model computes."""


def versions(imported: Iterable[str], without: Iterable[str] = ()) -> dict[str, str]:
    """Versions of the packages behind some imports; the device that a package was built for is none of it."""
    names = {package for name in {*imported} - {*without} for package in COMPUTING.get(name, ())}
    return {name: _version(name) for name in sorted(names, key=str.lower)}


def _version(package: str) -> str:
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return "not installed"
