"""A bundle for llama.cpp: language model, projector and chat template in one folder."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.bundles.conversation import TEMPLATE
from components.bundles.llama_cpp import names
from components.bundles.llama_cpp.library import NotInstalled
from components.export.gguf import refusals
from components.export.gguf.importance import measure_importance
from components.export.gguf.language_model import PLAIN_TYPES, write_language_model
from components.export.gguf.projector import write_projector
from components.export.gguf.quantise import quantise
from components.export.gguf.tokenizer_check import tokenizer_differences
from components.export.gguf.vocabulary import Vocabulary, read_vocabulary
from components.export.samples import Sample
from components.files.atomic import write_text
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor

_INDIFFERENT = (*PLAIN_TYPES, "Q8_0")
"""Types for which it makes no difference which weights matter."""
_log = logging.getLogger(__name__)


def write_gguf(
    folder: Path,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
    language_type: str = "Q8_0",
    projector_type: str = "F16",
    samples: Sequence[Sample] | None = None,
) -> None:
    """Write all files but the manifest into an empty folder.

    Args:
        folder: must exist.
        model: in fp32, on the CPU.
        processor: the model's.
        language_type: of the language model: F32, F16, BF16, or a type of llama.cpp's quantiser such as Q8_0, Q4_K_M.
        projector_type: F32, F16 or Q8_0.
        samples: tell the quantiser which weights matter, where the type profits; None: it is not told.

    Raises:
        NotForLlamaCpp: if llama.cpp cannot run the model, or reads text differently.
        NotInstalled: if the type asks for llama.cpp's quantiser and llama-cpp-python is not there.
    """
    vocabulary = check_model(model, processor)
    path = folder / names.language_model_name(language_type)
    if language_type in PLAIN_TYPES:
        write_language_model(path, model, vocabulary, language_type)
    else:
        importance = None
        if samples and language_type not in _INDIFFERENT:
            importance = measure_importance(model, processor, samples)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            plain = Path(scratch) / "plain.gguf"
            write_language_model(plain, model, vocabulary, "F32")
            quantise(plain, path, language_type, importance)
    _check_tokenizer(path, processor, samples or [])
    write_projector(folder / names.projector_name(projector_type), model, processor, projector_type)
    write_text(folder / TEMPLATE, vocabulary.chat_template)


def check_model(model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> Vocabulary:
    """Look for all that can be refused without a file and without llama.cpp.

    Returns:
        The vocabulary to write.

    Raises:
        NotForLlamaCpp: if llama.cpp cannot run the model.
    """
    refusals.projector_type(model.config)
    refusals.check_language_model(model.config)
    return read_vocabulary(model, processor)


def _check_tokenizer(path: Path, processor: KoreanVlmProcessor, samples: Sequence[Sample]) -> None:
    try:
        found = tokenizer_differences(path, processor.tokenizer, _texts(processor, samples), most=1)
    except NotInstalled as error:
        _log.warning("whether llama.cpp reads text as the tokenizer does was not tried: %s", error)
        return
    if found:
        raise refusals.NotForLlamaCpp(f"llama.cpp does not read text as the tokenizer does. {found[0]}")


def _texts(processor: KoreanVlmProcessor, samples: Sequence[Sample]) -> Iterator[str]:
    """Every token alone, beside its neighbours, and the samples' conversations."""
    tokenizer = processor.tokenizer
    rows = range(len(tokenizer))
    yield from (tokenizer.decode([row]) for row in rows)
    yield from (tokenizer.decode(list(rows[row : row + 16])) for row in rows[::16])
    yield from (tokenizer.decode(sample.ids) for sample in samples)
