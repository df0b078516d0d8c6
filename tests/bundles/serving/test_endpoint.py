"""Models behind endpoints are runtimes like others."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from PIL import ExifTags, Image

from components.bundles.conversation import Ending, Heard, Turn
from components.bundles.endpoint import Endpoint, EndpointError
from components.bundles.openvino.pipeline import Pipeline
from components.bundles.runtime import answer
from components.bundles.serving.errors import described
from components.scenes.shapes import Board
from tests.bundles.said import Said
from tests.bundles.served import served

ASKED = [Turn("system", "짧게"), Turn("user", "하나"), Turn("assistant", "네"), Turn("user", "둘")]
Serve = Callable[[Said], str]


def test_what_is_asked_arrives(serve_said: Serve) -> None:
    said = Said(["고양", "이"])
    heard = Heard(Endpoint(f"{serve_said(said)}/v1").stream(ASKED, Image.new("CMYK", (9, 5)), 12))
    assert "".join(heard) == "고양이"
    assert heard.ending == Ending(7, 4, is_cut=False)
    assert said.asked == [(ASKED, 12)]
    assert said.pictures[0] is not None
    assert said.pictures[0].size == (9, 5)


def test_an_answer_that_is_cut_is_known(serve_said: Serve) -> None:
    heard = Heard(Endpoint(f"{serve_said(Said(['고양', '이']))}/v1").stream(ASKED, None, 4))
    assert "".join(heard) == "고양이"
    assert heard.ending == Ending(7, 4, is_cut=True)


def test_a_real_bundle_answers_as_in_process(bundle_server: str, bundle_folder: Path) -> None:
    picture = Board.sample(random.Random(1)).draw()
    runtime, endpoint = Pipeline(bundle_folder, 1), Endpoint(f"{bundle_server}/v1")
    assert endpoint.model == "fp16"
    turned = picture.copy()
    turned.getexif()[ExifTags.Base.Orientation] = 6
    for shown in (None, picture, turned, picture.convert("P")):
        assert answer(endpoint, "뭐야?", shown, 12) == answer(runtime, "뭐야?", shown, 12) != ""


@pytest.mark.parametrize("asked", ["models", "stream"])
def test_a_key_that_the_server_repeats_is_not_shown(asked: str) -> None:
    key = "sk-very/secret+key"
    app = FastAPI()

    @app.api_route("/v1/{rest:path}", methods=["GET", "POST"])
    async def refuse() -> JSONResponse:
        return JSONResponse(described(f"the key {key} is not known"), 401)

    with served(app) as address:
        endpoint = Endpoint(f"{address}/v1", "any", key)
        with pytest.raises(EndpointError, match=f"{address}/v1: .*is not known") as caught:
            list(endpoint.stream(ASKED, None, 4)) if asked == "stream" else endpoint.models()
    assert key not in "".join(traceback.format_exception(caught.value))


def test_a_key_that_cannot_be_sent_is_told() -> None:
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1:1/v1: the key has .* not ASCII: copy it again") as caught:
        Endpoint("http://127.0.0.1:1/v1", "any", "sk-비밀")
    assert "비밀" not in str(caught.value)


def test_what_fails_names_the_address(serve_said: Serve) -> None:
    address = f"{serve_said(Said(['네', ValueError('too long')]))}/v1"
    with pytest.raises(EndpointError, match=f"{address}: .*'gone' is not here; 'said' is"):
        answer(Endpoint(address, "gone"), "?", None, 4)
    with pytest.raises(EndpointError, match=f"{address}: .*too long"):
        answer(Endpoint(address), "?", None, 4)
    with pytest.raises(EndpointError, match=r"http://127\.0\.0\.1:1/v1: Connection error"):
        Endpoint("http://127.0.0.1:1/v1")
