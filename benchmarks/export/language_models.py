"""Language models in their runtimes: each reads a picture's tokens and a question, and answers greedily."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.export.setting import IMAGE_TOKENS, LEARNT_IDS, TEXT_TOKENS

_SEED = 17


class LanguageModel(Protocol):
    """Something loaded."""

    def tokens(self, new_tokens: int) -> Iterator[int]:
        """The answer to the prompt, from an empty state, of exactly so many tokens."""


class _Torch:
    def __init__(self, path: Path, kind: str, threads: int) -> None:
        import torch
        from transformers import AutoModelForCausalLM

        torch.set_num_threads(threads)
        self._model = AutoModelForCausalLM.from_pretrained(path, dtype=getattr(torch, kind)).eval()

    def tokens(self, new_tokens: int) -> Iterator[int]:
        import torch

        with torch.inference_mode():
            width = self._model.config.hidden_size
            read = torch.from_numpy(features(width)).to(self._model.dtype)
            embed = self._model.get_input_embeddings()
            embedded = torch.cat([read, embed(torch.tensor(question()))])[None]
            cache = None
            for _ in range(new_tokens):
                # The head on the last position alone, as generate does.
                output = self._model(inputs_embeds=embedded, past_key_values=cache, use_cache=True, logits_to_keep=1)
                cache, token = output.past_key_values, int(output.logits[0, -1].argmax())
                yield token
                embedded = embed(torch.tensor([[token]]))


class _OpenVino:
    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        import openvino as ov

        from components.bundles.openvino import names

        core, options = ov.Core(), {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        self._embeddings = core.compile_model(path / names.EMBEDDINGS, "CPU", options)
        self._model = core.compile_model(path / names.LANGUAGE_MODEL, "CPU", options).create_infer_request()

    def tokens(self, new_tokens: int) -> Iterator[int]:
        embedded = self._embed(question())
        embedded = np.concatenate([features(embedded.shape[-1])[None], embedded], axis=1)
        self._model.reset_state()
        length = 0
        for _ in range(new_tokens):
            start, length = length, length + embedded.shape[1]
            self._model.infer(
                {
                    "inputs_embeds": embedded,
                    "attention_mask": np.ones((1, length), dtype=np.int64),
                    "position_ids": np.arange(start, length, dtype=np.int64)[None],
                    "beam_idx": np.zeros(1, dtype=np.int32),
                }
            )
            token = int(self._model.get_tensor("logits").data[0, -1].argmax())
            yield token
            embedded = self._embed([token])

    def _embed(self, ids: list[int]) -> np.ndarray:
        return np.array(self._embeddings(np.array([ids], dtype=np.int64))[0])


class _GenAi:
    """It takes ids, so that ids stand in for the picture's tokens: as much to compute."""

    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        import onnxruntime_genai as genai

        config = genai.Config(str(path))
        config.overlay(f'{{"model": {{"decoder": {{"session_options": {{"intra_op_num_threads": {threads}}}}}}}}}')
        self._model = genai.Model(config)

    def tokens(self, new_tokens: int) -> Iterator[int]:
        import onnxruntime_genai as genai

        prompt = np.random.default_rng(_SEED).choice(LEARNT_IDS, IMAGE_TOKENS + TEXT_TOKENS).astype(np.int32)
        params = genai.GeneratorParams(self._model)
        length = len(prompt) + new_tokens
        params.set_search_options(do_sample=False, max_length=length, min_length=length, batch_size=1)
        generator = genai.Generator(self._model, params)
        generator.append_tokens(prompt[None])
        for _ in range(new_tokens):
            generator.generate_next_token()
            yield int(generator.get_next_tokens()[0])


class _LlamaCpp:
    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        from components.bundles.llama_cpp.language_model import LanguageModel as Loaded

        self._model = Loaded(path, threads)
        self._width = int(self._model.model.library.llama_model_n_embd(self._model.model.handle))

    def tokens(self, new_tokens: int) -> Iterator[int]:
        ids = [self._model.image_token_id] * IMAGE_TOKENS + question()
        yield from self._model.greedy(ids, features(self._width), new_tokens, stop=False)


OPENERS: Mapping[str, Callable[[Path, str, int], LanguageModel]] = {
    "torch": _Torch,
    "openvino": _OpenVino,
    "genai": _GenAi,
    "llama_cpp": _LlamaCpp,
}


class TooShort(RuntimeError):
    """A runtime ended an answer early, so that its times are not of what was asked for."""


def time_tokens(model: LanguageModel, new_tokens: int) -> dict[str, float]:
    """Seconds to the first token (``first``) and from there to the last (``decode``).

    Raises:
        TooShort: if there are fewer tokens than asked for.
    """
    start = time.perf_counter()
    times = [time.perf_counter() for _ in model.tokens(new_tokens)]
    if len(times) != new_tokens:
        raise TooShort(f"{len(times)} tokens instead of {new_tokens}")
    return {"first": times[0] - start, "decode": times[-1] - times[0]}


def features(width: int) -> np.ndarray:
    """What stands for a picture's tokens: (tokens, width), float32."""
    return np.random.default_rng(_SEED).normal(0, 0.1, (IMAGE_TOKENS, width)).astype(np.float32)


def question() -> list[int]:
    """Ids of the question."""
    return np.random.default_rng(_SEED + 1).choice(LEARNT_IDS, TEXT_TOKENS).tolist()
