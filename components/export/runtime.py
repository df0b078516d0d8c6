"""Runs a bundle with OpenVINO and a tokenizer: no torch, no transformers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from PIL import Image
from tokenizers import Tokenizer

from components.export import layout
from components.export.preprocess import Preprocessing


class BundleError(RuntimeError):
    """A bundle is missing, incomplete or damaged."""


class Bundle:
    """A loaded bundle. One conversation at a time: the language model's state is reset for each prompt."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        check_manifest(folder)
        settings: dict[str, Any] = json.loads((folder / layout.SETTINGS).read_text(encoding="utf-8"))
        core = ov.Core()
        options = {"INFERENCE_NUM_THREADS": threads} if threads else {}
        self._image_encoder = core.compile_model(folder / layout.IMAGE_ENCODER, "CPU", options)
        self._embeddings = core.compile_model(folder / layout.EMBEDDINGS, "CPU", options)
        self._language_model = core.compile_model(folder / layout.LANGUAGE_MODEL, "CPU", options).create_infer_request()
        self._tokenizer = Tokenizer.from_file(str(folder / layout.TOKENIZER))
        self._preprocess = Preprocessing(settings["image_side"], tuple(settings["mean"]), tuple(settings["std"]))
        self._image_token_id: int = settings["image_token_id"]
        self._image_text: str = settings["image_token"] * settings["image_tokens"] + "\n"
        self._ends: frozenset[int] = frozenset(settings["end_ids"])

    @classmethod
    def load(cls, folder: Path, threads: int | None = None) -> Bundle:
        """Check every file's hash, then load.

        Raises:
            BundleError: naming what is missing or damaged.
        """
        return cls(folder, threads)

    def stream(self, question: str, image: Image.Image | None = None, max_new_tokens: int = 64) -> Iterator[str]:
        """The answer, piece by piece."""
        ids: list[int] = []
        shown = ""
        for token in self.tokens(self.prompt_ids(question, image is not None), image, max_new_tokens):
            ids.append(token)
            text = self._tokenizer.decode(ids)
            if not text.endswith("\ufffd"):  # half a syllable: its bytes are not all there yet
                yield text[len(shown) :]
                shown = text

    def answer(self, question: str, image: Image.Image | None = None, max_new_tokens: int = 64) -> str:
        """The whole answer."""
        return "".join(self.stream(question, image, max_new_tokens))

    def tokens(self, prompt: list[int], image: Image.Image | None, count: int, stop: bool = True) -> Iterator[int]:
        """At most ``count`` new ids, greedily; ``stop`` ends at the end of the turn."""
        logits = self.logits(prompt, image)
        for step in range(count):
            token = int(logits[0, -1].argmax())
            if stop and token in self._ends:
                return
            yield token
            if step + 1 < count:
                logits = self._forward(self._embed([token]), past=len(prompt) + step)

    def logits(self, ids: list[int], image: Image.Image | None) -> np.ndarray:
        """Logits (1, length, vocabulary) of a whole text, from an empty state."""
        embedded = self._embed(ids)
        if image is not None:
            features = self._image_encoder(self._preprocess(image))[0]
            embedded[0, np.array(ids) == self._image_token_id] = features[0]
        self._language_model.reset_state()
        return self._forward(embedded, past=0)

    def prompt_ids(self, question: str, with_image: bool) -> list[int]:
        """The question in the chat template, up to where the answer begins."""
        content = (self._image_text if with_image else "") + question
        text = f"<|im_start|>user\n{content}<|im_end|>\n<|im_start|>assistant\n"
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        """Text of ids, without special tokens."""
        return str(self._tokenizer.decode(ids))

    def _embed(self, ids: list[int]) -> np.ndarray:
        return np.array(self._embeddings(np.array([ids], dtype=np.int64))[0])

    def _forward(self, embedded: np.ndarray, past: int) -> np.ndarray:
        length = embedded.shape[1]
        self._language_model.infer(
            {
                "inputs_embeds": embedded,
                "attention_mask": np.ones((1, past + length), dtype=np.int64),
                "position_ids": np.arange(past, past + length, dtype=np.int64)[None],
                "beam_idx": np.zeros(1, dtype=np.int32),
            }
        )
        return np.array(self._language_model.get_tensor("logits").data)


def check_manifest(folder: Path) -> None:
    """Compare every file of a bundle with the hash in its manifest.

    Raises:
        BundleError: naming the file and what to do.
    """
    manifest = folder / layout.MANIFEST
    if not manifest.is_file():
        raise BundleError(f"no bundle in {folder}: run `dvc repro export`")
    try:
        files: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{manifest} is damaged ({error}): run `dvc repro --force export`") from None
    for name, noted in files.items():
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{path} is missing: run `dvc checkout {folder}` or `dvc repro --force export`")
        if hashlib.sha256(path.read_bytes()).hexdigest() != noted["sha256"]:
            raise BundleError(f"{path} is damaged: run `dvc checkout {folder}` or `dvc repro --force export`")
