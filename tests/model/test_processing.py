"""What the processor makes of text and pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from PIL import Image

from components.scenes.shapes import Board, SingleShape
from components.scenes.words import Sign
from components.training.labels import IMAGE, Markup, Message, encode
from tests.model.conftest import Pair
from tests.model.samples import picture
from tests.model.tiny import SIDE, params


def clip_pixels(shown: Image.Image) -> np.ndarray:
    """CLIP's preprocessing written out, with the constants of openai/clip-vit-large-patch14-336's
    preprocessor_config.json: RGB, shorter side resized (bicubic), centre cropped, scaled to 0..1, normalised.
    """
    mean = np.array([0.48145466, 0.4578275, 0.40821073])
    deviation = np.array([0.26862954, 0.26130258, 0.27577711])
    scaled = shown.convert("RGB")
    width, height = (SIDE * edge // min(scaled.size) for edge in scaled.size)
    scaled = scaled.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    cropped = np.asarray(scaled.crop((left, top, left + SIDE, top + SIDE)))
    return ((cropped / 255 - mean) / deviation).transpose(2, 0, 1)


def test_pixels_are_clips(pair: Pair) -> None:
    _, processor = pair
    pictures = [
        picture(Board, 1),
        picture(Sign, 2).resize((300, 130)),
        picture(Sign, 4).resize((61, 207)),
        picture(SingleShape, 3).convert("L"),
    ]
    token = processor.image_token
    found = processor(text=[token] * 4, images=pictures, return_tensors="pt")["pixel_values"]
    assert found.shape == (4, 3, SIDE, SIDE)
    assert found.dtype == torch.float32
    for shown, pixels in zip(pictures, found, strict=True):
        assert np.abs(pixels.numpy() - clip_pixels(shown)).max() < 1e-5


def test_each_image_takes_as_many_tokens_as_the_connector_gives(pair: Pair) -> None:
    model, processor = pair
    token = processor.image_token
    texts = [f"{token}\n무엇인가요?", "안녕하세요.", f"{token}{token}\n같은가요?"]
    pictures = [picture(Board, seed) for seed in range(3)]
    ids = processor(text=texts, images=pictures, padding=True, return_tensors="pt")["input_ids"]
    assert (ids == params().model.tokens.image.id).sum(dim=1).tolist() == [36, 0, 72]
    assert model.config.image_seq_length == 36
    assert processor._get_num_multimodal_tokens([(96, 96), (500, 130)]).num_image_tokens == [36, 36]


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


def test_chat_template_puts_each_picture_where_it_stands_among_the_words(pair: Pair) -> None:
    _, processor = pair
    first, second = picture(Board, 1), picture(Sign, 2)
    talks: list[Any] = [
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "이것과 "},
                    {"type": "image", "image": first},
                    {"type": "text", "text": "이것은 "},
                    {"type": "image", "image": second},
                    {"type": "text", "text": "같은가요?"},
                ],
            }
        ],
        [{"role": "user", "content": [{"type": "text", "text": "안녕하세요."}]}],
    ]
    served = processor.apply_chat_template(
        talks, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt", padding=True
    )
    mark = processor.image_token
    texts = [
        f"<|im_start|>user\n이것과 {mark}\n이것은 {mark}\n같은가요?<|im_end|>\n<|im_start|>assistant\n",
        "<|im_start|>user\n안녕하세요.<|im_end|>\n<|im_start|>assistant\n",
    ]
    plain = processor(text=texts, images=[first, second], return_tensors="pt", padding=True)
    assert served.keys() == plain.keys()
    assert all(torch.equal(served[name], plain[name]) for name in plain)


def test_generation_prompt_ends_where_the_answer_begins(pair: Pair) -> None:
    _, processor = pair
    text = processor.apply_chat_template([{"role": "user", "content": "안녕하세요."}], add_generation_prompt=True)
    assert text == "<|im_start|>user\n안녕하세요.<|im_end|>\n<|im_start|>assistant\n"
