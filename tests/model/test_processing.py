"""What the processor makes of text and pictures."""

from __future__ import annotations

import torch
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.scenes.shapes import Board, SingleShape
from components.scenes.words import Sign
from components.training.labels import IMAGE, Markup, Message, encode
from tests.model.conftest import Pair
from tests.model.samples import picture
from tests.model.tiny import SIDE, params


def test_pixels_are_clips(pair: Pair) -> None:
    _, processor = pair
    pictures = [picture(Board, 1), picture(Sign, 2).resize((300, 130)), picture(SingleShape, 3).convert("L")]
    clip = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    expected = clip(pictures, return_tensors="pt")["pixel_values"]
    token = processor.image_token
    found = processor(text=[token] * 3, images=pictures, return_tensors="pt")["pixel_values"]
    assert found.shape == (3, 3, SIDE, SIDE)
    assert torch.equal(found, expected)


def test_each_image_takes_as_many_tokens_as_the_connector_gives(pair: Pair) -> None:
    model, processor = pair
    token = processor.image_token
    texts = [f"{token}\n무엇인가요?", "안녕하세요.", f"{token}{token}\n같은가요?"]
    pictures = [picture(Board, seed) for seed in range(3)]
    ids = processor(text=texts, images=pictures, padding=True, return_tensors="pt")["input_ids"]
    assert (ids == params().model.tokens.image.id).sum(dim=1).tolist() == [36, 0, 72]
    assert model.config.image_seq_length == 36


def test_chat_template_is_what_training_reads(pair: Pair) -> None:
    _, processor = pair
    shown = picture(Sign, 5)
    turns = [("그림에 쓰인 글자를 읽어 주세요.", "출구"), ("글자는 모두 몇 자인가요?", "2")]
    talk: list[dict] = []
    trained: list[Message] = []
    for number, (question, answer) in enumerate(turns):
        image = [{"type": "image"}] if number == 0 else []
        talk.append({"role": "user", "content": [*image, {"type": "text", "text": question}]})
        talk.append({"role": "assistant", "content": answer})
        trained.append({"role": "user", "content": (f"{IMAGE}\n" if number == 0 else "") + question})
        trained.append({"role": "assistant", "content": answer})
    text = processor.apply_chat_template(talk)
    served = processor(text=[text], images=[shown])["input_ids"][0]
    tokens = params().model.tokens
    markup = Markup(processor.image_token, processor.image_seq_length, tokens.turn_end.text, tokens.end.text)
    encoded = encode(trained, "chat", processor.tokenizer, markup, 320)
    # Nothing is learnt from the line break behind the last answer, so training leaves it out.
    assert processor.tokenizer.decode(encoded.ids) + "\n" == processor.tokenizer.decode(served)
    assert [*encoded.ids, processor.tokenizer.convert_tokens_to_ids("\n")] == list(served)


def test_generation_prompt_ends_where_the_answer_begins(pair: Pair) -> None:
    _, processor = pair
    text = processor.apply_chat_template([{"role": "user", "content": "안녕하세요."}], add_generation_prompt=True)
    assert text == "<|im_start|>user\n안녕하세요.<|im_end|>\n<|im_start|>assistant\n"
