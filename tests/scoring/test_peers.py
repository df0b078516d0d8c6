"""CIDEr-D against pycocoevalcap and METEOR against nltk, on the same tokens."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nltk.translate.meteor_score import meteor_score

from components.scoring.metrics.load import load_metric

PEER = "pycocoevalcap==1.2"
WORDS = [*"가나다라마바사아자차카타파하", "원", "네모", "빨간", "파란", "있", "습니다", "이", "에"]
TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def peer_cider(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """pycocoevalcap's ``Cider``. The package weighs 100 MB and wants Java for what is not used here, so it is not among
    the project's dependencies."""
    folder = tmp_path_factory.mktemp("peer")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), PEER]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{PEER} cannot be installed: {done.stderr.strip()[-200:]}")
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("pycocoevalcap.cider.cider").Cider()
    finally:
        sys.path.remove(str(folder))


def texts(rng: random.Random, count: int) -> list[str]:
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 14))) for _ in range(count)]


def captions(seed: int, items: int = 120) -> tuple[list[str], list[list[str]]]:
    """Answers that share words, order and whole sentences with their references, and some that share nothing."""
    rng = random.Random(seed)
    references = [texts(rng, rng.randint(1, 5)) for _ in range(items)]
    answers = []
    for own in references:
        words = rng.choice(own).split()
        rng.shuffle(words) if rng.random() < 0.3 else None
        answers.append(" ".join(words[: rng.randint(1, len(words))]) if rng.random() < 0.8 else texts(rng, 1)[0])
    return answers, references


@pytest.mark.parametrize("seed", range(5))
def test_cider_d_is_pycocoevalcaps(peer_cider: Any, seed: int) -> None:
    answers, references = captions(seed)
    ours = load_metric("cider_d").compute(
        predictions=[answer.split() for answer in answers],
        references=[[text.split() for text in own] for own in references],
    )
    mean, scores = peer_cider.compute_score(dict(enumerate(references)), {i: [a] for i, a in enumerate(answers)})
    assert ours["scores"] == pytest.approx(list(scores), abs=TOLERANCE)
    assert ours["cider_d"] == pytest.approx(mean, abs=TOLERANCE)
    assert 0.5 < mean < 9.5


@pytest.mark.parametrize("seed", range(5))
def test_meteor_is_nltks(seed: int) -> None:
    class NoSynonyms:
        def synsets(self, word: str) -> list[str]:
            return []

    answers, references = captions(seed)
    tokens = [[text.split() for text in own] for own in references]
    ours = load_metric("meteor").compute(predictions=[answer.split() for answer in answers], references=tokens)
    theirs = [meteor_score(own, a.split(), wordnet=NoSynonyms()) for own, a in zip(tokens, answers, strict=True)]
    assert ours["scores"] == pytest.approx(theirs, abs=TOLERANCE)
    assert 0.1 < ours["meteor"] < 0.95


def test_both_load_without_the_hub(tmp_path: Path) -> None:
    """In a fresh cache, with the hub declared unreachable."""
    code = (
        "from components.scoring.metrics.load import load_metric\n"
        "tables = {'predictions': [['가']], 'references': [[['가']]]}\n"
        "print(load_metric('cider_d').compute(**tables)['scores'], load_metric('meteor').compute(**tables)['scores'])\n"
    )
    environment = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0.0] [0.5]"
