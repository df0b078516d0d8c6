"""What somebody serves as a model to be evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from components.bundles.endpoint import Endpoint
from components.bundles.serving.app import make_app
from components.evaluate.models.loading import load, prepare
from components.evaluate.models.served import look_at
from components.evaluate.models.spec import ModelError, ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.predict.runtimes import RuntimeAnswerer, open_runtime
from components.params.evaluation import Baseline
from tests.bundles.said import Said
from tests.bundles.served import Changing, served

KEY = "KEY_OF_A_TEST"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers here stamp nothing with the second of asking."""
    monkeypatch.setattr("components.evaluate.models.served._APART_S", 0)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a server with one model, ``said``."""
    with served(make_app(Said(["(나", ")"]), "said", created=0, max_new_tokens=40)) as found:
        yield f"{found}/v1"


def spec(origin: str, key_env: str | None = None) -> ModelSpec:
    return ModelSpec("theirs", origin, "endpoint", "endpoint", "cpu", key_env=key_env)


def test_it_answers(address: str, tmp_path: Path) -> None:
    theirs = spec(f"endpoint:{address}#said")
    place = prepare(theirs, tmp_path)
    (reply,) = RuntimeAnswerer(open_runtime(theirs, place, 1), Limits(12, 4)).answer([Question("?", None)])
    assert (reply.text, reply.tokens) == ("(나)", 4)


def digest(of: ModelSpec, run: str | None = None) -> str:
    return prepare(of, Path(), run).digest


def test_it_is_known_for_one_run(address: str) -> None:
    theirs = spec(f"endpoint:{address}#said")
    assert digest(theirs, "monday") == digest(theirs, "monday")
    assert len({digest(theirs, "monday"), digest(theirs, "tuesday"), digest(theirs), digest(theirs)}) == 4
    with served(make_app(Said(["(나", ")"]), "said", created=0, max_new_tokens=40)) as other:
        assert digest(theirs, "monday") != digest(spec(f"endpoint:{other}/v1#said"), "monday")


def test_a_version_that_is_given_is_believed() -> None:
    said = Said(["(나", ")"])
    with served(make_app(said, "said", created=0, max_new_tokens=40)) as found:
        theirs = spec(f"endpoint:{found}/v1#said")
        first, second = replace(theirs, version="2026-05"), replace(theirs, version="2026-06")
        assert digest(first, "monday") == digest(first, "tuesday") != digest(second, "tuesday")
        assert not said.asked


def says(*pieces: str | BaseException, created: int = 1, digest: str = "") -> FastAPI:
    return make_app(Said(pieces), "said", created, 40, digest)


def test_a_digest_that_the_server_tells_is_believed() -> None:
    """As our own server tells it of a bundle's files."""
    app = Changing(says("네", created=1, digest="a"))
    with served(app) as address:
        theirs = spec(f"endpoint:{address}/v1#said")
        first = [digest(theirs, run) for run in ("monday", "tuesday")]
        app.app = says("네", created=2, digest="a")
        assert first == [digest(theirs, "wednesday")] * 2
        app.app = says("네", created=2, digest="b")
        assert digest(theirs, "wednesday") not in first


@pytest.mark.parametrize("other", [says("아니요"), says("네", created=2)], ids=["answers", "entry"])
def test_another_model_in_the_same_run_is_another(other: FastAPI) -> None:
    app = Changing(says("네"))
    with served(app) as address:
        theirs = spec(f"endpoint:{address}/v1#said")
        before = digest(theirs, "monday")
        app.app = other
        assert digest(theirs, "monday") != before


def test_a_model_that_cannot_answer_is_told_at_once() -> None:
    with served(says(ValueError("out of memory"))) as address, pytest.raises(ModelError, match=r"theirs: .*of memory"):
        digest(spec(f"endpoint:{address}/v1#said"), "monday")


def test_what_changes_between_two_looks_is_not_of_the_model() -> None:
    """vLLM and llama-server stamp the time of asking; permissions have a number at random."""
    asked = count()
    app = make_app(Said(["(나", ")"]), "said", created=0, max_new_tokens=40)
    app.router.routes = [route for route in app.router.routes if getattr(route, "path", "") != "/v1/models"]

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        number = next(asked)
        entry = {"id": "said", "object": "model", "owned_by": "vllm", "created": number, "root": "folder"}
        return {"object": "list", "data": [entry | {"permission": [{"id": f"modelperm-{number}"}]}]}

    with served(app) as address:
        endpoint = Endpoint(f"{address}/v1", "said")
        found = look_at(endpoint)
        theirs = spec(f"endpoint:{address}/v1#said")
        assert digest(theirs, "monday") == digest(theirs, "monday")
    assert found.said == {"id": "said", "object": "model", "owned_by": "vllm", "root": "folder", "shutdown_date": None}
    assert found.answers == ("(나)",) * 4


def test_what_cannot_be_had_is_said_at_once(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for origin, message in (
        (f"endpoint:{address}#other", f"theirs: endpoint:{address}#other: there is said"),
        ("endpoint:http://127.0.0.1:1/v1#said", r"theirs: http://127\.0\.0\.1:1/v1: Connection error"),
        (f"endpoint:{address}", r"origin .*: write folder:<path>, .* or endpoint:http://<address>/v1#<model>"),
        ("folder:/tmp", "layout endpoint: folder:/tmp is none; write endpoint:"),
    ):
        with pytest.raises(ModelError, match=message):
            prepare(spec(origin), tmp_path)
    monkeypatch.delenv(KEY, raising=False)
    with pytest.raises(ModelError, match=f"the environment has no {KEY}; export it"):
        prepare(spec(f"endpoint:{address}#said", KEY), tmp_path)
    monkeypatch.setenv(KEY, "secret")
    assert prepare(spec(f"endpoint:{address}#said", KEY), tmp_path).digest
    with pytest.raises(ModelError, match="theirs is of layout endpoint, which torch does not run"):
        load(spec(f"endpoint:{address}#said"), tmp_path)


def test_parameters_name_it_in_one_way() -> None:
    given = {
        "name": "theirs",
        "origin": "endpoint:http://127.0.0.1:8000/v1#int8",
        "layout": "endpoint",
        "precision": "endpoint",
    }
    assert Baseline.model_validate(given).layout == "endpoint"
    for wrong, message in (
        ({"precision": "int8"}, "write endpoint for both or for none"),
        ({"layout": "bundle", "precision": "bundle"}, "write endpoint for both or for none"),
        ({"origin": "folder:x"}, "write endpoint for both or for none"),
        ({"key_env": "not a name"}, "key_env"),
        ({"version": ""}, "at least 1 character"),
        (
            {"version": "1", "layout": "bundle", "precision": "bundle", "origin": "folder:x"},
            "version belongs to layout endpoint alone",
        ),
    ):
        with pytest.raises(ValidationError, match=message):
            Baseline.model_validate(given | wrong)
