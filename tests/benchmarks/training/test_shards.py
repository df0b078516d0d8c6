"""Shards of given lengths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from benchmarks.training.mix import LABELLED, Lengths
from benchmarks.training.setting import changed
from benchmarks.training.shards import write_shards
from components.model.assembling import assemble
from components.training.labels import Markup
from components.training.samples import Samples
from tests.model.tiny import params, save_backbones


def test_samples_are_as_long_as_asked_for_and_half_of_their_text_is_learnt(tmp_path: Path) -> None:
    _, processor = assemble(save_backbones(tmp_path), params().model, 17, torch.float32)
    tokens = params().model.tokens
    markup = Markup(tokens.image.text, processor.image_seq_length, tokens.turn_end.text, tokens.end.text)
    lengths = Lengths(np.array([24, 100, 60]), np.array([1, 1, 0]))
    write_shards(tmp_path / "shards", lengths, processor, markup, 17)
    section = changed(params().finetune, pack_length=1024, max_length=512)
    batch = Samples(tmp_path / "shards", "train", "chat", processor, markup, section).batch([0, 1, 2])
    text = np.array(batch.lengths) - processor.image_seq_length * lengths.images
    assert np.abs(text - lengths.text).max() <= 2
    assert batch.images == 2
    assert abs(batch.labelled - LABELLED * lengths.text.sum()) <= 3 * len(lengths)
