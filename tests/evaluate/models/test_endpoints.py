"""What somebody serves as a model to be evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.bundles.serving.app import make_app
from components.evaluate.models.loading import load, prepare
from components.evaluate.models.spec import ModelError, ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.predict.runtimes import RuntimeAnswerer, open_runtime
from components.params.evaluation import Baseline
from tests.bundles.said import Said
from tests.bundles.served import served

KEY = "KEY_OF_A_TEST"


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


def test_it_is_known_by_address_and_name(address: str, tmp_path: Path) -> None:
    with served(make_app(Said([]), "said", created=0, max_new_tokens=40)) as other:
        found = [prepare(spec(f"endpoint:{one}#said"), tmp_path).digest for one in (address, address, f"{other}/v1")]
    assert found[0] == found[1] != found[2]


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
    ):
        with pytest.raises(ValidationError, match=message):
            Baseline.model_validate(given | wrong)
