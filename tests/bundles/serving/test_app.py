"""The endpoint, asked over a real connection by OpenAI's own client."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from PIL import Image

from components.bundles.conversation import Turn
from components.bundles.endpoint import as_data_url
from components.bundles.openvino.pipeline import Pipeline
from components.bundles.runtime import answer
from components.scenes.shapes import Board
from tests.bundles.said import Said
from tests.waiting import wait_until

Serve = Callable[[Said], str]
ASKED: list[Any] = [{"role": "user", "content": "뭐야?"}]


def client(address: str) -> openai.OpenAI:
    """Of OpenAI's package, which gives up at once."""
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def board(seed: int) -> Image.Image:
    """A picture with shapes."""
    return Board.sample(random.Random(seed)).draw()


def about(picture: Image.Image, words: str) -> list[Any]:
    """A question about a picture."""
    shown = {"type": "image_url", "image_url": {"url": as_data_url(picture)}}
    return [{"role": "user", "content": [{"type": "text", "text": words}, shown]}]


def test_models_are_listed(serve_said: Serve) -> None:
    address = serve_said(Said([]))
    (model,) = client(address).models.list().data
    assert (model.id, model.object) == ("said", "model")
    assert httpx.get(f"{address}/health").json() == {"status": "ok"}


def test_an_answer_comes_whole(serve_said: Serve) -> None:
    said = Said([" 고양", "이", "입니다. "])
    told = client(serve_said(said)).chat.completions.create(model="said", messages=ASKED)
    assert told.choices[0].message.content == "고양이입니다."
    assert told.choices[0].finish_reason == "stop"
    assert told.usage is not None
    assert (told.usage.prompt_tokens, told.usage.completion_tokens, told.usage.total_tokens) == (7, 6, 13)
    assert said.asked == [([Turn("user", "뭐야?")], 40)]


def test_an_answer_comes_in_pieces(serve_said: Serve) -> None:
    chunks = list(
        client(serve_said(Said(["고양", "이"]))).chat.completions.create(
            model="said", messages=ASKED, max_tokens=4, stream=True, stream_options={"include_usage": True}
        )
    )
    assert [choice.delta.content for chunk in chunks for choice in chunk.choices] == ["", "고양", "이", None]
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 4
    assert len({chunk.id for chunk in chunks}) == 1


def test_tokens_are_counted_only_for_who_asks(serve_said: Serve) -> None:
    chunks = client(serve_said(Said(["네"]))).chat.completions.create(model="said", messages=ASKED, stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_a_conversation_is_handed_on(serve_said: Serve) -> None:
    said = Said(["네"])
    nfd = "\u1100\u1161"  # 가, as file names of some systems have it
    messages: list[Any] = [
        {"role": "developer", "content": "짧게"},
        {"role": "user", "content": [{"type": "text", "text": "하나"}, {"type": "text", "text": nfd}]},
        {"role": "assistant", "content": "네"},
        {"role": "user", "content": "둘"},
    ]
    client(serve_said(said)).chat.completions.create(
        model="said", messages=messages, max_completion_tokens=9, max_tokens=5, temperature=0.7, n=1
    )
    turns = [Turn("system", "짧게"), Turn("user", "하나\n가"), Turn("assistant", "네"), Turn("user", "둘")]
    assert said.asked == [(turns, 9)]
    assert said.pictures == [None]


def test_a_real_bundle_answers_as_in_process(bundle_server: str, bundle_folder: Path) -> None:
    runtime = Pipeline(bundle_folder, 1)
    for seed in (1, 2):
        told = client(bundle_server).chat.completions.create(
            model="fp16", messages=about(board(seed), "뭐야?"), max_tokens=12
        )
        assert told.choices[0].message.content == answer(runtime, "뭐야?", board(seed), 12) != ""


def test_pictures_are_loaded_from_their_address(tmp_path: Path, serve_said: Serve) -> None:
    board(3).save(tmp_path / "board.png")
    said = Said(["네"])
    address = serve_said(said)
    files = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    threading.Thread(target=files.serve_forever, daemon=True).start()
    content = [{"type": "image_url", "image_url": {"url": f"http://127.0.0.1:{files.server_port}/board.png"}}]
    messages: list[Any] = [{"role": "user", "content": content}]
    client(address).chat.completions.create(model="said", messages=messages)
    assert said.pictures[0] is not None
    assert said.pictures[0].tobytes() == board(3).tobytes()
    content[0]["image_url"]["url"] += ".gone"  # type: ignore[index]
    with pytest.raises(openai.BadRequestError, match=r"board.png.gone could not be loaded .*404"):
        client(address).chat.completions.create(model="said", messages=messages)
    files.shutdown()


PICTURE = {"type": "image_url", "image_url": {"url": as_data_url(Image.new("RGB", (4, 4)))}}


def shown(url: str) -> dict[str, Any]:
    """A request about what is at an address."""
    return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"model": "gpt"}, 404, "model: 'gpt' is not here; 'said' is"),
        ({"messages": []}, 400, "messages: List should have at least 1 item"),
        ({"messages": [{"role": "robot", "content": "?"}]}, 400, "messages.0.role: Input should be 'system'"),
        ({"messages": [{"role": "user", "content": [{"type": "audio"}]}]}, 400, "'text', 'image_url'"),
        ({"messages": [*ASKED, {"role": "assistant", "content": "네"}]}, 400, "the last must be the user's"),
        ({"messages": [{"role": "user", "content": [PICTURE, PICTURE]}]}, 400, "one picture a conversation, not 2"),
        ({"messages": [*ASKED, {"role": "user", "content": [PICTURE]}]}, 400, "with the user's first message"),
        ({"max_tokens": 0}, 400, "max_tokens: Input should be greater than or equal to 1"),
        ({"stop": ["."]}, 400, "stop: one text to its own end"),
        ({"n": 2}, 400, "n: one text to its own end"),
        ({"tools": [{"type": "function"}]}, 400, "tools: one text"),
        (shown("data:image/png;base64,!"), 400, "is not base64"),
        (shown("data:image/png;base64,AAAA"), 400, "no picture"),
        (shown("data:image/png"), 400, "a comma before its data"),
        (shown(as_data_url(board(1))[: 22 + 400]), 400, "not a picture that can be read"),
        (shown("file:///etc/passwd"), 400, "must begin with data:, http:// or https://"),
        (shown("http://127.0.0.1:1/a.png"), 400, "could not be loaded"),
    ],
)
def test_what_cannot_be_done_is_refused(changes: dict[str, Any], status: int, message: str, serve_said: Serve) -> None:
    said = Said(["네"])
    reply = httpx.post(f"{serve_said(said)}/v1/chat/completions", json={"model": "said", "messages": ASKED} | changes)
    assert reply.status_code == status
    assert message in reply.json()["error"]["message"]
    assert not said.asked


def test_a_body_that_is_no_json_is_refused(serve_said: Serve) -> None:
    headers = {"content-type": "application/json"}
    reply = httpx.post(f"{serve_said(Said([]))}/v1/chat/completions", content="{'a", headers=headers)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].startswith("the body is no JSON")


def test_what_a_runtime_raises_is_said(serve_said: Serve) -> None:
    address = serve_said(Said(["네", ValueError("the text has 9000 tokens")]))
    with pytest.raises(openai.InternalServerError, match="the text has 9000 tokens"):
        client(address).chat.completions.create(model="said", messages=ASKED)
    chunks = client(address).chat.completions.create(model="said", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="the text has 9000 tokens"):
        list(chunks)


def test_one_answer_at_a_time(serve_said: Serve) -> None:
    said = Said(["하나", "둘"])
    said.go_on.clear()
    address, told = serve_said(said), []
    threads = [
        threading.Thread(
            target=lambda: told.append(client(address).chat.completions.create(model="said", messages=ASKED))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert len(said.asked) == 1
    said.go_on.set()
    for thread in threads:
        thread.join()
    assert [one.choices[0].message.content for one in told] == ["하나둘"] * 3


def test_who_leaves_ends_the_decoding(serve_said: Serve) -> None:
    said = Said(["하나", *["둘"] * 10_000])
    said.go_on.clear()
    address = serve_said(said)
    request = {"model": "said", "messages": ASKED, "stream": True}
    with httpx.stream("POST", f"{address}/v1/chat/completions", json=request) as reply:
        assert "하나" in next(part for part in reply.iter_text() if "하나" in part)
    said.go_on.set()
    wait_until(lambda: said.is_left, "the end of the decoding")
    said.pieces = ["다음"]
    told = client(address).chat.completions.create(model="said", messages=ASKED)
    assert told.choices[0].message.content == "다음"
