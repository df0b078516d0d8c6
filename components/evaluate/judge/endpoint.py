"""A judge behind OpenAI's chat completions, asked by several threads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import openai
from pydantic import BaseModel, Field, ValidationError

from components.bundles.openai_client import NOT_FROM_THE_ENVIRONMENT, open_client
from components.evaluate.judge.errors import JudgeError
from components.evaluate.judge.questions import Question
from components.evaluate.judge.replies import Keep, Reply
from components.params.evaluation import EndpointJudge
from components.stages.keys import hide, read_key

MALFORMED = "malformed body"
_DETAIL_LENGTH = 300


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Body(BaseModel):
    """What is read of a completion; servers leave out, and add, much of the rest."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


@dataclass(frozen=True)
class _Dialect:
    """What servers differ in. Found out by the first request that is refused for it."""

    has_seed: bool = True
    limit: str = "max_tokens"

    def adapted(self, refusal: str) -> _Dialect:
        """What to speak after a refusal; the same if that says nothing of it."""
        if self.limit == "max_tokens" and "max_completion_tokens" in refusal:
            return replace(self, limit="max_completion_tokens")
        return replace(self, has_seed=self.has_seed and not re.search(r"\bseed\b", refusal))


class Endpoint:
    """Asks each question until its reply is a rating, at most ``max_attempts`` times."""

    def __init__(self, judge: EndpointJudge) -> None:
        self._judge = judge
        self._key = _read_key(judge.key_env)
        self._dialect = _Dialect()
        self._stopped = Event()
        self._client = open_client(judge.base_url, self._key, judge.timeout_s)

    def answer(self, questions: Sequence[Question], keep: Keep) -> None:
        """Ask all; each thread hands a reply to ``keep`` before it asks the next question.

        Raises:
            JudgeError: if the key or the model is refused; what has come until then is kept.
        """
        with self._client, ThreadPoolExecutor(self._judge.concurrency) as pool:
            asked = [pool.submit(self._settle, question, keep) for question in questions]
            try:
                for done in as_completed(asked):
                    done.result()
            finally:
                self._stopped.set()

    def _settle(self, question: Question, keep: Keep) -> None:
        try:
            self._ask_until_rated(question, keep)
        except BaseException:
            # Nothing more is paid for that would be refused, or could not be stored.
            self._stopped.set()
            raise

    def _ask_until_rated(self, question: Question, keep: Keep) -> None:
        left = self._judge.max_attempts
        while left > 0 and not self._stopped.is_set():
            reply, requests = self._ask(question, left)
            left -= requests
            if keep(question, reply):
                return
            if reply.text is not None:
                question = question.again(question.attempt + 1)

    def _ask(self, question: Question, attempts: int) -> tuple[Reply, int]:
        """A reply, and how many of the attempts were used up for it. The library repeats what may pass (timeouts, cut
        connections, 408, 409, 429, 5xx) after waiting for longer each time, or for as long as the server asks."""
        try:
            response = self._send(question, attempts - 1)
        except openai.APIStatusError as error:
            self._stop_if_hopeless(error)
            return Reply(None, f"status {error.status_code}", self._shown(error)), attempts
        except openai.APITimeoutError:
            return Reply(None, "timeout", f"no reply within {self._judge.timeout_s:g} s"), attempts
        except openai.APIConnectionError as error:
            return Reply(None, _connection_reason(error), self._shown(error.__cause__ or error)), attempts
        return self._read(response.http_response.content), response.retries_taken + 1

    def _send(self, question: Question, retries: int) -> Any:
        client = self._client.with_options(max_retries=retries)
        dialect = self._dialect
        while True:
            try:
                return client.chat.completions.with_raw_response.create(**self._request(question, dialect))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                adapted = dialect.adapted(str(error))
                if adapted == dialect:
                    raise
                self._dialect = dialect = adapted

    def _request(self, question: Question, dialect: _Dialect) -> dict[str, Any]:
        judge = self._judge
        request = {
            "model": judge.model,
            "messages": question.messages,
            "temperature": judge.temperature,
            dialect.limit: judge.max_tokens,
            "extra_headers": NOT_FROM_THE_ENVIRONMENT,
        }
        return request | ({"seed": question.seed} if dialect.has_seed else {})

    def _read(self, content: bytes) -> Reply:
        try:
            body = _Body.model_validate_json(content)
        except ValidationError:
            return Reply(None, MALFORMED, self._shown(content.decode(errors="replace")))
        choice, usage = body.choices[0], body.usage or _Usage()
        is_cut = choice.finish_reason == "length"
        text = choice.message.content or ""
        return Reply(text, is_cut=is_cut, prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)

    def _stop_if_hopeless(self, error: openai.APIStatusError) -> None:
        """Every other question would be refused as well."""
        judge, said = self._judge, self._shown(error)
        if error.status_code in (401, 403):
            found = f"the key in ${judge.key_env} is refused" if judge.key_env else "a key is wanted, and none is named"
            raise JudgeError(f"evaluate.judge.key_env: {found} by {judge.base_url} ({said})") from None
        if error.status_code == 404:
            raise JudgeError(
                f"evaluate.judge.model: {judge.base_url} has no {judge.model}; name one that it has, or correct "
                f"evaluate.judge.base_url ({said})"
            ) from None
        if error.code == "insufficient_quota":
            raise JudgeError(f"evaluate.judge.key_env: the account of this key has nothing left ({said})") from None

    def _shown(self, said: object) -> str:
        """The beginning of what a server or the library said; never the key, which some servers repeat."""
        return hide(said, self._key)[:_DETAIL_LENGTH]


def _read_key(name: str | None) -> str | None:
    """The key, None if none is needed."""
    if name is None:
        return None
    key = read_key(name)
    if not key:
        raise JudgeError(f"evaluate.judge.key_env: the environment has no {name}; export it, or write null for no key")
    return key


def _connection_reason(error: openai.APIConnectionError) -> str:
    return "no connection" if type(error.__cause__).__name__ == "ConnectError" else "cut connection"
