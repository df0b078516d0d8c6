"""A judge behind HTTP: what it is sent, and what becomes of each way in which it fails."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from components.evaluate.judge.endpoint import Endpoint
from components.evaluate.judge.errors import JudgeError
from components.evaluate.judge.questions import Question, questions_of
from components.evaluate.judge.replies import Reply
from components.evaluate.judge.run import judge
from components.evaluate.judge.template import Template
from components.stages.keys import BadKey
from tests.evaluate.judge.service import Answer, Body, in_order, refuses, running, says
from tests.evaluate.judge.world import PAIR, VERDICT, case, endpoint

KEY = "sk-very-secret"


def records(scratch: Path) -> list[dict[str, object]]:
    (file,) = (scratch / "judgements").glob("*.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_ratings_come_with_what_they_took(tmp_path: Path) -> None:
    price = {"input": 2.0, "output": 10.0, "currency": "US dollars"}
    with running(in_order(says("8 7\n좋습니다."))) as service:
        settings = endpoint(service.address, price=price, temperature=0.5, repeats=2)
        judged, usage = judge([case(1), case(2)], settings, PAIR, tmp_path)
    for one, item in zip(judged, ("i1", "i2"), strict=True):
        assert (one.item_id, one.asked, one.ratings, one.repeats) == (item, 2, [[8, 7], [8, 7]], [0, 1])
        assert not one.failures
    assert (usage.wanted, usage.stored, usage.succeeded, usage.replies) == (4, 0, 4, 4)
    assert (usage.prompt_tokens, usage.completion_tokens) == (4000, 400)
    assert usage.cost == pytest.approx(4000 * 2e-6 + 400 * 1e-5)
    assert "4 of 4 judgements" in str(usage) and "0.0120 US dollars" in str(usage)
    body = service.asked[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("judge-2026-01-01", 0.5, 64)
    assert {message["role"] for message in body["messages"]} == {"system", "user"}
    assert len({one["seed"] for one in service.asked}) == 4
    assert {one["template_digest"] for one in records(tmp_path)} == {PAIR.digest}


def test_verdicts_have_one_order(tmp_path: Path) -> None:
    with running(in_order(says("1"))) as service:
        ((judged,), _) = judge([case(1)], endpoint(service.address, swap=True), VERDICT, tmp_path)
    assert (judged.asked, judged.ratings, len(service.asked)) == (1, [[1]], 1)


def test_no_more_requests_are_under_way_than_wanted(tmp_path: Path) -> None:
    with running(in_order(says("8 7", delay=0.05))) as service:
        judge([case(i) for i in range(9)], endpoint(service.address, concurrency=3), PAIR, tmp_path)
    assert service.most_under_way == 3


def test_swapping_evens_out_a_judge_that_prefers_the_first_place(tmp_path: Path) -> None:
    cases = [case(i) for i in range(3)]
    with running(in_order(says("9 4"))) as service:
        one_order, _ = judge(cases, endpoint(service.address), PAIR, tmp_path)
        both_orders, usage = judge(cases, endpoint(service.address, swap=True), PAIR, tmp_path)
    assert all(one.ratings == [[9, 4]] for one in one_order)
    for one in both_orders:
        assert (one.asked, one.repeats, one.ratings) == (2, [0, 0], [[9, 4], [4, 9]])
        reference, answer = (sum(column) / 2 for column in zip(*one.ratings, strict=True))
        assert reference == answer == 6.5
    assert (usage.stored, usage.succeeded) == (3, 3)


def test_swapping_leaves_a_judge_alone_that_looks_at_the_answers(tmp_path: Path) -> None:
    def rate(body: Body, _: int) -> Answer:
        text = body["messages"][1]["content"]
        return says("9 4" if text.index("찌개 1 그릇입니다") < text.index("찌개 1 그릇이 있습니다") else "4 9")

    with running(rate) as service:
        ((judged,), _) = judge([case(1)], endpoint(service.address, swap=True), PAIR, tmp_path)
    assert judged.ratings == [[9, 4], [9, 4]]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (says("8 7", delay=2.0), "timeout"),
        (refuses(500), "status 500"),
        (refuses(429, headers={"Retry-After": "0.1"}), "status 429"),
        (Answer(b"<html>proxy</html>"), "malformed body"),
        (Answer(b'{"choices": []}'), "malformed body"),
        (Answer(b'{"choices": "8 7"}'), "malformed body"),
        (says("8 7", cut=60), "cut connection"),
        (says("죄송하지만 평가할 수 없습니다."), "unreadable reply"),
        (says("8"), "unreadable reply"),
        (says("", finish="length"), "unreadable reply, cut off at evaluate.judge.max_tokens"),
    ],
)
@pytest.mark.parametrize("recovers", [True, False])
def test_each_failure_is_repeated_then_counted(tmp_path: Path, bad: Answer, reason: str, recovers: bool) -> None:
    answers = (bad, says("8 7")) if recovers else (bad,)
    with running(in_order(*answers)) as service:
        settings = endpoint(service.address, timeout_s=1.0 if reason == "timeout" else 30.0)
        ((judged,), usage) = judge([case(1)], settings, PAIR, tmp_path)
        assert len(service.asked) == 2
        assert judged.asked == 1
        if recovers:
            assert (judged.ratings, judged.failures, usage.failures.total()) == ([[8, 7]], Counter(), 0)
        else:
            assert (judged.ratings, judged.failures, usage.failures) == ([], {reason: 1}, {reason: 1})
            assert records(tmp_path)[-1]["reason"] == reason
        judge([case(1)], settings, PAIR, tmp_path)
        assert len(service.asked) == (2 if recovers else 4)


def test_a_refused_connection_is_a_failure(tmp_path: Path) -> None:
    with running(in_order(says("8 7"))) as service:
        address = service.address
    ((judged,), _) = judge([case(1)], endpoint(address, max_attempts=1), PAIR, tmp_path)
    assert judged.failures == {"no connection": 1}


def test_the_wait_that_a_server_asks_for_is_kept(tmp_path: Path) -> None:
    with running(in_order(refuses(429, headers={"Retry-After": "1.2"}), says("8 7"))) as service:
        began = time.monotonic()
        ((judged,), _) = judge([case(1)], endpoint(service.address), PAIR, tmp_path)
    assert judged.ratings == [[8, 7]]
    assert time.monotonic() - began >= 1.2


def test_what_will_not_pass_is_not_repeated(tmp_path: Path) -> None:
    def answer(body: Body, _: int) -> Answer:
        return refuses(400, "too long") if "1번" in body["messages"][1]["content"] else says("8 7")

    with running(answer) as service:
        judged, _ = judge([case(1), case(2)], endpoint(service.address, max_attempts=5), PAIR, tmp_path)
    assert len(service.asked) == 2
    assert [one.failures for one in judged] == [{"status 400": 1}, {}]
    assert any("too long" in str(record["detail"]) for record in records(tmp_path))


def test_failed_judgements_enter_no_rating(tmp_path: Path) -> None:
    def answer(body: Body, _: int) -> Answer:
        return says("10 10" if "2번" in body["messages"][1]["content"] else "-1 -1")

    with running(answer) as service:
        judged, usage = judge([case(i) for i in range(1, 4)], endpoint(service.address), PAIR, tmp_path)
    assert [one.ratings for one in judged] == [[], [[10, 10]], []]
    assert all(len(one.ratings) + one.failures.total() == one.asked for one in judged)
    assert usage.failures == {"unreadable reply": 2}
    assert usage.replies == 5, "an unreadable reply is paid for, too"


def test_an_unreadable_reply_is_asked_for_with_another_seed_each_time(tmp_path: Path) -> None:
    with running(in_order(says("글쎄요"))) as service:
        for _ in range(2):
            judge([case(1)], endpoint(service.address, max_attempts=3), PAIR, tmp_path)
    seeds = [body["seed"] for body in service.asked]
    assert seeds == list(range(seeds[0], seeds[0] + 6))
    assert [record["attempt"] for record in records(tmp_path)] == list(range(6))


def test_the_same_is_asked_once_for_all_who_answered_it(tmp_path: Path) -> None:
    with running(in_order(says("8 7"))) as service:
        settings = endpoint(service.address)
        cases = [case(1), case(2, **case(1).fields)]
        first, _ = judge(cases, settings, PAIR, tmp_path)
        again, usage = judge(cases, endpoint(f"{service.address}/", concurrency=1), PAIR, tmp_path)
        assert len(service.asked) == 1
        judge([case(1)], endpoint(service.address, temperature=1.0), PAIR, tmp_path)
        judge([case(1, answer="다른 답")], settings, PAIR, tmp_path)
    assert [one.ratings for one in first] == [one.ratings for one in again] == [[[8, 7]]] * 2
    assert (usage.wanted, usage.stored, usage.replies, usage.prompt_tokens) == (1, 1, 0, 0)
    assert len(service.asked) == 3


def test_more_repeats_ask_for_what_is_added(tmp_path: Path) -> None:
    with running(in_order(says("8 7"))) as service:
        judge([case(1)], endpoint(service.address), PAIR, tmp_path)
        ((judged,), _) = judge([case(1)], endpoint(service.address, repeats=3), PAIR, tmp_path)
    assert (judged.repeats, len(service.asked)) == ([0, 1, 2], 3)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (refuses(401, f"wrong key {KEY}"), r"evaluate\.judge\.key_env: the key in \$JUDGE_KEY is refused"),
        (refuses(403), r"evaluate\.judge\.key_env"),
        (refuses(404, code="model_not_found"), r"evaluate\.judge\.model: .* has no judge-2026-01-01"),
        (refuses(429, code="insufficient_quota", headers={"x-should-retry": "false"}), "has nothing left"),
    ],
)
def test_what_every_question_would_meet_stops_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answer: Answer, told: str
) -> None:
    monkeypatch.setenv("JUDGE_KEY", KEY)
    with running(in_order(answer)) as service, pytest.raises(JudgeError, match=told) as found:
        settings = endpoint(service.address, key_env="JUDGE_KEY", concurrency=3, max_attempts=5)
        judge([case(i) for i in range(50)], settings, PAIR, tmp_path)
    assert len(service.asked) <= settings.concurrency
    assert KEY not in str(found.value) + caplog.text


def test_nothing_more_is_paid_for_once_a_reply_cannot_be_stored() -> None:
    def keep(question: Question, reply: Reply) -> bool:
        raise OSError("disk full")

    with running(in_order(says("8 7"))) as service:
        settings = endpoint(service.address)
        questions = [asked for i in range(50) for asked in questions_of(case(i), settings, PAIR, "m")]
        with pytest.raises(OSError, match="disk full"):
            Endpoint(settings).answer(questions, keep)
    assert len(service.asked) <= settings.concurrency


def test_the_key_is_sent_and_nowhere_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("JUDGE_KEY", f"{KEY}\n")
    monkeypatch.setenv("OPENAI_ORG_ID", "someone")
    answers = in_order(refuses(400, f"{KEY} has no luck today"))
    with running(answers) as service:
        judge([case(1)], endpoint(service.address, key_env="JUDGE_KEY"), PAIR, tmp_path)
    assert service.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "openai-organization" not in service.headers[0]
    (record,) = records(tmp_path)
    assert "*** has no luck today" in str(record["detail"])
    assert KEY not in json.dumps(record) + caplog.text


@pytest.mark.parametrize("value", ["", "  "])
def test_a_missing_key_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("JUDGE_KEY", value)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-someone-else")
    with running(in_order(says("8 7"))) as service:
        with pytest.raises(JudgeError, match=r"evaluate\.judge\.key_env: the environment has no JUDGE_KEY"):
            judge([case(1)], endpoint(service.address, key_env="JUDGE_KEY"), PAIR, tmp_path)
        judge([case(1)], endpoint(service.address), PAIR, tmp_path)
    assert [headers["authorization"] for headers in service.headers] == ["Bearer none"]


def test_servers_that_know_other_parameters_are_spoken_to_in_theirs(tmp_path: Path) -> None:
    def answer(body: Body, _: int) -> Answer:
        if "max_tokens" in body:
            return refuses(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        return refuses(422, "body.seed: extra inputs are not permitted") if "seed" in body else says("8 7")

    with running(answer) as service:
        settings = endpoint(service.address, concurrency=1)
        judged, _ = judge([case(i) for i in range(5)], settings, PAIR, tmp_path)
    assert all(one.ratings == [[8, 7]] for one in judged)
    assert len(service.asked) == 2 + 5
    assert service.asked[-1]["max_completion_tokens"] == 64


def test_what_a_server_does_not_tell_is_not_made_up(tmp_path: Path) -> None:
    body = json.dumps({"choices": [{"message": {"content": "8 7"}}]}).encode()
    price = {"input": 2.0, "output": 10.0, "currency": "won"}
    with running(in_order(Answer(body))) as service:
        ((judged,), usage) = judge([case(1)], endpoint(service.address, price=price), PAIR, tmp_path)
    assert (judged.ratings, usage.unmetered, usage.cost) == ([[8, 7]], 1, None)
    assert "1 replies without a count" in str(usage) and "won" not in str(usage)


def test_another_wording_is_another_question(tmp_path: Path) -> None:
    other = Template("llava-w", "pair", PAIR.system, f"{PAIR.user}\n")
    with running(in_order(says("8 7"))) as service:
        for template in (PAIR, other):
            judge([case(1)], endpoint(service.address), template, tmp_path)
    assert len(service.asked) == 2


@pytest.mark.parametrize("value", ["sk-비밀", "“sk-secret”", "sk secret"])
def test_a_key_that_cannot_be_sent_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("JUDGE_KEY", value)
    with running(in_order(says("8 7"))) as service:
        with pytest.raises(BadKey, match="JUDGE_KEY holds no key") as caught:
            judge([case(1)], endpoint(service.address, key_env="JUDGE_KEY"), PAIR, tmp_path)
        assert not service.asked
    assert value not in str(caught.value)


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("components.stages.progress._TELL_EVERY_SECONDS", 0.05)
    caplog.set_level(logging.INFO)
    with running(in_order(says("8 7", delay=0.03))) as service:
        judge([case(i) for i in range(8)], endpoint(service.address, concurrency=1), PAIR, tmp_path)
    lines = [record.getMessage() for record in caplog.records if " judgements made" in record.getMessage()]
    assert len(lines) > 2
    assert re.fullmatch(r"judge: \d of 8 judgements made, \d+ s left", lines[0])
    assert "HTTP Request" not in caplog.text
