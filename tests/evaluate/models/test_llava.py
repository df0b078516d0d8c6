"""A checkpoint in LLaVA's original layout computes what its parts compute by hand."""

from __future__ import annotations

import copy
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file
from transformers import LlamaTokenizer

from components.evaluate.models.llava.conversation import read_tokenizer
from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import load, prepare
from tests.evaluate.models.parts import BEGINNING, PATCHES, TURN_END, Parts, picture, pixels, spec

SYSTEM = (
    "당신은 유용한 언어 및 시각 도우미입니다. 사용자가 제공하는 시각적 콘텐츠를 이해할 수 있으며, "
    "자연어를 사용하여 사용자에게 다양한 작업을 지원합니다."
)
QUESTIONS = ["그림에 무엇이 있나요?", "漢字 café 🙂\n둘째 줄", " 앞뒤 공백 ", "무엇?"]


def rendered(question: str, has_image: bool, system: str = SYSTEM) -> str:
    """The text that KoLLaVA's Conversation.get_prompt gives, by its rules: system, " ", role, ": ", message, " ", role,
    ":"."""
    said = "<image>\n" + question if has_image else question
    return system + " " + "<|im_start|>user\n" + ": " + said + " " + "<|im_start|>assistant\n" + ":"


def take(loaded: Loaded, question: str, image: Image.Image | None) -> dict[str, torch.Tensor]:
    """The model's inputs."""
    prompt = loaded.chat(question, image is not None)
    return loaded.processor(images=[[image]] if image else None, text=[prompt], padding=True, return_tensors="pt")


@pytest.mark.parametrize("has_image", [True, False])
@pytest.mark.parametrize("question", QUESTIONS)
def test_prompt_is_kollavas_byte_for_byte(original: Loaded, question: str, has_image: bool) -> None:
    assert original.chat(question, has_image).encode() == rendered(question, has_image).encode()


def test_another_system_prompt_takes_the_place_of_kollavas(checkpoint: Path, scratch: Path) -> None:
    loaded = load(spec(checkpoint, "llava", system="짧게 답하세요."), scratch)
    assert loaded.chat("무엇?", True) == rendered("무엇?", True, "짧게 답하세요.")


def test_a_turn_with_its_answer_ends_as_kollavas(original: Loaded) -> None:
    said = [("user", "첫째"), ("assistant", "답"), ("user", "둘째")]
    turns = [{"role": role, "content": text} for role, text in said]
    text = original.processor.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    ask, answer = "<|im_start|>user\n: ", "<|im_start|>assistant\n:"
    assert text == f"{SYSTEM} {ask}첫째 {answer} 답<|im_end|>{ask}둘째 {answer}"


def test_a_placeholder_in_the_question_is_no_second_image(original: Loaded) -> None:
    assert original.chat("<image>\n무엇?", True) == rendered("무엇?", True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_tokens_are_those_of_the_original(original: Loaded, parts: Parts, question: str) -> None:
    ids = take(original, question, picture(40, 30))["input_ids"][0].tolist()
    before, after = rendered(question, True).split("<image>")
    mark = original.model.config.image_token_index
    assert original.processor.image_token_id == mark
    assert ids == parts.ids(before) + [mark] * PATCHES + parts.ids(after)[1:]
    assert ids.count(BEGINNING) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(min_size=1, max_size=40).filter(lambda text: "<" not in text))
def test_tokens_of_any_question_are_those_of_the_original(original: Loaded, parts: Parts, question: str) -> None:
    prompt = original.chat(question, False)
    assert original.processor(text=[prompt])["input_ids"][0] == parts.ids(rendered(question, False))


def test_a_tokenizer_in_the_form_of_transformers_4_gives_the_same_tokens(parts: Parts, tmp_path: Path) -> None:
    read = LlamaTokenizer.from_pretrained(parts.tokenizer_folder, legacy=True)
    form = json.loads(read.backend_tokenizer.to_str())
    spaces = [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]
    form |= {"normalizer": {"type": "Sequence", "normalizers": spaces}, "pre_tokenizer": None}
    form["added_tokens"] = [token | {"normalized": False} for token in form["added_tokens"]]
    for name in ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"):
        (tmp_path / name).write_bytes((parts.tokenizer_folder / name).read_bytes())
    (tmp_path / "tokenizer.json").write_text(json.dumps(form), encoding="utf-8")
    assert read_tokenizer(tmp_path)(rendered("무엇?", False)).input_ids == parts.ids(rendered("무엇?", False))


def test_a_tokenizer_that_says_so_begins_no_word_behind_a_special_token(parts: Parts, tmp_path: Path) -> None:
    for file in parts.tokenizer_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "tokenizer_config.json").read_text()) | {"legacy": False}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    pieces = [read_tokenizer(folder).tokenize("<|im_start|>바다") for folder in (tmp_path, parts.tokenizer_folder)]
    assert ["".join(found) for found in pieces] == ["<|im_start|>바다", "<|im_start|>▁바다"]


@pytest.mark.parametrize("size", [(40, 30), (21, 67), (32, 32), (200, 7)])
def test_pictures_are_padded_to_a_square(original: Loaded, size: tuple[int, int]) -> None:
    got = take(original, "무엇?", picture(*size))["pixel_values"]
    torch.testing.assert_close(got, pixels(picture(*size)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("image", [picture(40, 30), None], ids=["image", "text"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_logits_are_those_of_the_parts(
    original: Loaded, parts: Parts, question: str, image: Image.Image | None
) -> None:
    with torch.no_grad():
        got = original.model(**take(original, question, image)).logits[0]
    expected = parts.logits(rendered(question, image is not None), image)
    assert got.shape[0] == expected.shape[0]
    torch.testing.assert_close(got[:, : expected.shape[1]], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("image", [picture(40, 30), None], ids=["image", "text"])
def test_answers_are_those_of_the_parts(original: Loaded, parts: Parts, image: Image.Image | None) -> None:
    got = original.generate(take(original, "무엇?", image), max_new_tokens=12)[0].tolist()
    assert got == parts.greedy(rendered("무엇?", image is not None), image, 12)


@pytest.fixture
def own_copy(original: Loaded) -> Loaded:
    """One that a test may change."""
    return dataclasses.replace(original, model=copy.deepcopy(original.model))


def test_an_answer_ends_with_the_turn(own_copy: Loaded, parts: Parts) -> None:
    """The weights that give the fourth token are given to ``<|im_end|>``, and some more: it comes first then."""
    tokens = parts.greedy(rendered("무엇?", False), None, 6)
    head = own_copy.model.lm_head.weight.data
    head[TURN_END] = head[tokens[3]] * 1.01
    got = own_copy.generate(take(own_copy, "무엇?", None), max_new_tokens=12)[0].tolist()
    assert got == [*tokens[: tokens.index(tokens[3])], TURN_END]


def test_an_answer_ends_with_kollavas_mark(own_copy: Loaded) -> None:
    assert own_copy.model.generation_config.stop_strings == ["###"]
    tokenizer = own_copy.processor.tokenizer
    ids = tokenizer("흰 개입니다.\n### <|im_start|>", add_special_tokens=False).input_ids
    assert own_copy.texts(torch.tensor([ids])) == ["흰 개입니다."]
    inputs = take(own_copy, "무엇?", picture(40, 30))
    pieces = tokenizer.convert_ids_to_tokens(own_copy.generate(inputs, max_new_tokens=12)[0].tolist())
    last = next(i for i in range(1, len(pieces)) if (pieces[i - 1] + pieces[i]).isalpha())
    own_copy.model.generation_config.stop_strings = [pieces[last - 1] + pieces[last]]
    assert own_copy.generate(inputs, max_new_tokens=12).shape[1] == last + 1


def test_the_placeholder_is_never_an_answer(own_copy: Loaded) -> None:
    head, mark = own_copy.model.lm_head, own_copy.model.config.image_token_index
    assert mark == head.weight.shape[0] - 1
    head.bias = torch.nn.Parameter(torch.zeros(mark + 1).index_fill(0, torch.tensor([mark]), 1e4))
    assert mark not in own_copy.generate(take(own_copy, "무엇?", None), max_new_tokens=4)[0].tolist()


def test_encoder_from_elsewhere_gives_the_same_model(original: Loaded, parts: Parts, tmp_path: Path) -> None:
    folder = parts.write(tmp_path / "without", holds_encoder=False, shards=2)
    loaded = load(spec(folder, "llava"), tmp_path / "scratch")
    weights, expected = loaded.model.state_dict(), original.model.state_dict()
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[name], expected[name]) for name in weights)
    assert loaded.digest != original.digest


def test_encoder_can_be_named_apart(parts: Parts, original: Loaded, tmp_path: Path) -> None:
    folder = parts.write(tmp_path / "checkpoint", holds_encoder=False)
    config = folder / "config.json"
    config.write_text(config.read_text(encoding="utf-8").replace(str(parts.encoder_folder), "/nowhere/encoder"))
    loaded = load(spec(folder, "llava", encoder=f"folder:{parts.encoder_folder}"), tmp_path / "scratch")
    name = "model.vision_tower.embeddings.patch_embedding.weight"
    assert torch.equal(loaded.model.state_dict()[name], original.model.state_dict()[name])


def test_conversion_is_done_once(checkpoint: Path, tmp_path: Path) -> None:
    first = prepare(spec(checkpoint, "llava"), tmp_path)
    written = {file.name: file.stat().st_mtime_ns for file in first.folder.iterdir()}
    assert prepare(spec(checkpoint, "llava", precision="bf16"), tmp_path) == first
    assert {file.name: file.stat().st_mtime_ns for file in first.folder.iterdir()} == written
    (checkpoint / "LICENSE").write_text("changed")
    try:
        assert prepare(spec(checkpoint, "llava"), tmp_path).folder != first.folder
    finally:
        (checkpoint / "LICENSE").unlink()


def test_conversions_at_the_same_time_do_not_meet(checkpoint: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(lambda _: prepare(spec(checkpoint, "llava"), tmp_path), range(4)))
    assert len(places) == 1
    assert load(spec(checkpoint, "llava"), tmp_path).model.num_parameters()


def test_weights_keep_their_number_format(parts: Parts, tmp_path: Path) -> None:
    halved = dataclasses.replace(parts, language_model=copy.deepcopy(parts.language_model).to(torch.bfloat16))
    place = prepare(spec(halved.write(tmp_path / "bf16"), "llava"), tmp_path / "scratch")
    weights = load_file(place.folder / "model.safetensors")
    found = {
        name: weights[name].dtype for name in ("language_model.lm_head.weight", "multi_modal_projector.linear_1.bias")
    }
    assert list(found.values()) == [torch.bfloat16, torch.float32]
    loaded = load(spec(tmp_path / "bf16", "llava", precision="bf16"), tmp_path / "scratch")
    assert {value.dtype for value in loaded.model.parameters()} == {torch.bfloat16} == {loaded.dtype}
