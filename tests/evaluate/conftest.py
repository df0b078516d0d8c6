"""A model that really reads the demo's pictures, and questions about some."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import load
from components.evaluate.models.shipped.stand_in import write_shipped_stand_in
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.questions import Question
from components.prompts.choice import k_mmbench
from components.scenes.sampling import SAMPLERS

BACKBONES = Path(__file__).parents[2] / "components/backbones/pretrained"


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The demo's stand-in: small, but trained."""
    scratch = tmp_path_factory.mktemp("scratch")
    folder = write_shipped_stand_in(BACKBONES, scratch)
    return load(ModelSpec("stand-in", f"folder:{folder}", "llava", "fp32", "cpu"), scratch)


@pytest.fixture(scope="session")
def questions() -> list[Question]:
    """Four rotations of a question on each of some pictures, an open question on each, and some without a picture."""
    rng, found = random.Random(17), []
    for number, kind in enumerate(["sign", "digits", "board", "bars", "table"] * 2):
        scene = SAMPLERS[kind](rng)
        image, key = scene.draw(), f"picture {number}"
        found.append(Question(scene.turns(rng)[0].question, image, key))
        choices = scene.choices(rng)
        if choices:
            options = choices[0].options(0)
            prompts = [k_mmbench(choices[0].question, options[i:] + options[:i]) for i in range(4)]
            found += [Question(prompt, image, key, is_letter=True) for prompt in prompts]
    return [*found, Question("여름 다음 계절은 무엇인가요?", None), Question("3 더하기 4는 얼마인가요?", None)]
