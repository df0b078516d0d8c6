"""What the language model and the image encoder are pretrained on."""

from __future__ import annotations

import hashlib
import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from components.backbones.pretraining import patches, pictures
from components.backbones.pretraining.corpus import IGNORED, Corpus, Sample
from components.backbones.pretraining.description import Describer, with_faults
from components.backbones.pretraining.patches import PATCHES, Patches
from components.backbones.pretraining.pictures import make_pictures
from components.backbones.pretraining.tokenizer import IMAGE
from components.prompts.choice import LETTERS
from components.scenes.sampling import sample_scene
from components.scenes.scene import Split
from components.scenes.vocabulary import CELL_INDEX, EMPTY, UNSEEN_WORDS
from tests.model.tiny import tokenizer


def answers_of(sample: Sample) -> list[str]:
    """The texts that carry loss, one a run of labels."""
    runs: list[list[int]] = [[]]
    for before, label in pairwise([IGNORED, *sample.labels]):
        if label != IGNORED:
            if before == IGNORED:
                runs.append([])
            runs[-1].append(label)
    return [str(tokenizer().decode(run)) for run in runs[1:]]


def test_labels_are_the_answers_with_their_ends() -> None:
    corpus = Corpus(tokenizer(), 3)
    for _ in range(100):
        sample = corpus.sample(4)
        assert all(label in (IGNORED, token) for token, label in zip(sample.ids, sample.labels, strict=True))
        text = str(tokenizer().decode(sample.ids))
        answers = answers_of(sample)
        if "<|im_start|>" in text:
            assert all(answer.endswith("<|im_end|><|endofturn|>") for answer in answers)
            asked = text.split("<|im_start|>assistant\n")[1:]
            assert answers == [part.split("<|endofturn|>")[0] + "<|endofturn|>" for part in asked]
        else:
            assert len(answers) == 1
            assert answers[0].endswith(".<|endofturn|>")
            assert text.endswith(answers[0])


def test_description_takes_as_many_tokens_as_a_picture() -> None:
    corpus = Corpus(tokenizer(), 4)
    image = tokenizer().convert_tokens_to_ids(IMAGE)
    for _ in range(60):
        sample = corpus.sample(4)
        assert sample.ids.count(image) == (36 if sample.patches else 0)


def test_description_is_the_mean_of_its_patches() -> None:
    """An image token that one thing covers whole holds twice its name; one without a thing holds none."""
    torch.manual_seed(1)
    embedding = torch.nn.Embedding(len(CELL_INDEX), 32)
    describer = Describer(embedding, range(len(CELL_INDEX)))
    empty = Patches(np.zeros(PATCHES**2, dtype=np.int64), np.zeros((PATCHES**2, 4), dtype=np.float32))
    named = Patches(np.where(np.arange(PATCHES**2) < 2 * PATCHES, 5, 0), empty.edges)
    with torch.no_grad():
        difference = (describer([named]) - describer([empty]))[0]
    assert torch.allclose(difference[:6], 2 * embedding.weight[5].expand(6, -1), atol=1e-5)
    assert difference[6:].abs().max() == 0


def test_faults_change_few_names() -> None:
    corpus = Corpus(tokenizer(), 12)
    samples = [corpus.lettered()[0] for _ in range(20)]
    names = np.stack([sample.patches.names for sample in samples if sample.patches])
    covered = names != CELL_INDEX[EMPTY]
    changed = (with_faults(np.random.default_rng(1), names) != names)[covered].mean()
    assert 0.02 < changed < 0.2
    assert (with_faults(np.random.default_rng(1), names) == names)[~covered].all()


def test_every_cell_is_one_token() -> None:
    assert all(len(tokenizer().encode(name, add_special_tokens=False)) == 1 for name in CELL_INDEX)


@pytest.mark.parametrize("options", [2, 3, 4])
def test_lettered_question_is_answered_by_the_letter_of_the_right_option(options: int) -> None:
    corpus = Corpus(tokenizer(), 5)
    for _ in range(40):
        sample, choice = corpus.lettered(options)
        (answer,) = answers_of(sample)
        letter = answer.removesuffix("<|im_end|><|endofturn|>")
        assert letter in LETTERS[:options]
        text = str(tokenizer().decode(sample.ids))
        assert f"{letter}: {choice.right}" in text or f"{letter}. {choice.right}" in text


def test_same_seed_same_samples() -> None:
    first, second, other = (Corpus(tokenizer(), seed) for seed in (6, 6, 7))
    texts = [first.sample(4).ids for _ in range(20)]
    assert texts == [second.sample(4).ids for _ in range(20)]
    assert texts != [other.sample(4).ids for _ in range(20)]


@pytest.mark.parametrize("split", ["train", "validation"])
def test_pictures_are_those_of_their_split(split: Split) -> None:
    """Their digest is that of scenes drawn again with the same seed, all of the split."""
    made = make_pictures(24, 8, split)
    rng, digest = random.Random(8), hashlib.sha256()
    for row in range(24):
        kind = rng.choices(list(pictures._KINDS), weights=list(pictures._KINDS.values()))[0]
        scene = sample_scene(rng, kind, split)
        assert scene.split == split
        digest.update(scene.digest.encode())
        names = [CELL_INDEX[name] for name in scene.grid(PATCHES, patches._LEAST_COVER)]
        assert made.names[row].tolist() == names
    assert made.digest == digest.hexdigest()


def test_train_corpus_never_reads_an_unseen_word_whole() -> None:
    corpus = Corpus(tokenizer(), 9)
    text = "\n".join(str(tokenizer().decode(corpus.sample(4).ids)) for _ in range(300))
    read = {word for word in UNSEEN_WORDS if f"'{word}'" in text}
    assert not read


def test_edges_lead_from_a_patch_to_the_box_around_it() -> None:
    made = make_pictures(12, 10, "train")
    covered = made.names != CELL_INDEX[EMPTY]
    assert covered.any(axis=1).all()
    assert (made.edges[~covered] == 0).all()
    width = made.edges[..., 0] + made.edges[..., 2]
    height = made.edges[..., 1] + made.edges[..., 3]
    assert (width[covered] > 0).all() and (height[covered] > 0).all()
    assert width.max() <= 1.02 and height.max() <= 1.02
    assert made.pixels.dtype == np.uint8
