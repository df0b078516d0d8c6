"""`full-pipeline` read as `full-pipeline/full-pipeline`."""

import asyncio
import logging
import sys
from inspect import signature
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.plugins import HookContext

from flows.bare_names import METHOD, accept_bare_names, full_name, setup_environment


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("full-pipeline", "full-pipeline/full-pipeline"),
        ("full-pipeline/full-pipeline", "full-pipeline/full-pipeline"),
        ("full-pipeline/nightly", "full-pipeline/nightly"),
    ],
)
def test_only_a_bare_name_is_changed(name: str, expected: str) -> None:
    assert full_name(name) == expected


def test_a_client_is_wrapped_once() -> None:
    class Client:
        async def read_deployment_by_name(self, name: str) -> str:
            return name

    client: Any = Client
    assert accept_bare_names(client)
    wrapped = client.read_deployment_by_name
    assert accept_bare_names(client)
    assert client.read_deployment_by_name is wrapped
    assert asyncio.run(client().read_deployment_by_name("a")) == "a/a"
    assert asyncio.run(client().read_deployment_by_name(name="a")) == "a/a"


def test_prefects_own_method_is_as_expected() -> None:
    assert list(signature(getattr(PrefectClient, METHOD)).parameters) == ["self", "name"]


def test_without_the_method_there_is_one_warning_and_no_change(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Client:
        pass

    monkeypatch.setattr("prefect.client.orchestration.PrefectClient", Client)
    monkeypatch.setattr(sys, "argv", ["prefect", "deployment", "run", "full-pipeline"])
    context = HookContext(prefect_version="9.9", api_url=None, logger_factory=logging.getLogger)

    setup_environment(ctx=context)

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "full-pipeline/full-pipeline" in caplog.text
    assert not hasattr(Client, METHOD)


def test_other_commands_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = getattr(PrefectClient, METHOD)
    monkeypatch.setattr(sys, "argv", ["prefect", "version"])
    context = HookContext(prefect_version="9.9", api_url=None, logger_factory=logging.getLogger)
    setup_environment(ctx=context)
    assert getattr(PrefectClient, METHOD) is before
