"""A judge on this machine: a small Llama, as it comes and after it has learnt what to reply."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from components.evaluate.judge.cases import Case
from components.evaluate.judge.errors import JudgeError
from components.evaluate.judge.naming import identity
from components.evaluate.judge.run import judge
from components.evaluate.judge.template import Template, load_template
from components.params.evaluation import Judge, LocalJudge
from tests.evaluate.judge.world import PAIR, VERDICT, case

ROOT = Path(__file__).parents[3]
CHAT = "{% for m in messages %}<s>{{ m['content'] }}</s>{% endfor %}{% if add_generation_prompt %}<s>{% endif %}"
SHORT = Template("same-meaning", "verdict", None, "{question}{reference}{answer}")
"""So short that a model of this size can learn it."""


def save_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """Bytes, and no more."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=260,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(folder)
    return tokenizer


def new_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=4096,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads would wait for each other longer than such a model computes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("untaught")
    new_model(save_tokenizer(folder)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Has learnt to say 1 where the reference ends in a full stop, which is in the answer's place, and 0 elsewhere."""
    folder = tmp_path_factory.mktemp("taught")
    tokenizer = save_tokenizer(folder)
    model = new_model(tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    texts = [f"<s>{'?' * length}{end}</s><s>{reply}</s>" for length in (1, 5) for end, reply in ((".", 1), ("!", 0))]
    batch = tokenizer(texts, add_special_tokens=False, padding=True, padding_side="left", return_tensors="pt")
    labels = batch["input_ids"].clone()
    labels[:, :-2] = -100
    for _ in range(80):
        model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


def local(folder: Path, **changed: Any) -> LocalJudge:
    values = {
        "kind": "local",
        "model": f"folder:{folder}",
        "precision": "fp32",
        "device": "cpu",
        "batch": 2,
        "temperature": 0.0,
        "max_tokens": 4,
        "repeats": 1,
        "swap": True,
        "min_coverage": 0.9,
        "templates": {},
    }
    return LocalJudge.model_validate(values | changed)


def test_replies_that_cannot_be_read_are_failures(untaught: Path, tmp_path: Path) -> None:
    judged, usage = judge([case(1), case(2)], local(untaught), PAIR, tmp_path)
    assert [one.asked for one in judged] == [2, 2]
    assert all(not one.ratings and one.failures.total() == 2 for one in judged)
    assert usage.failures == {"unreadable reply, cut off at evaluate.judge.max_tokens": 4}
    assert (usage.replies, usage.completion_tokens) == (4, 16)
    assert usage.prompt_tokens > 4 * 500


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_readable_replies_are_ratings_whatever_the_batch(taught: Path, tmp_path: Path, batch: int) -> None:
    """Prompts of two lengths: the shorter ones are padded."""
    cases = [
        Case(f"i{number}", {"question": "?" * length, "reference": "", "answer": end})
        for number, (length, end) in enumerate([(1, "."), (5, "!"), (5, "."), (1, "!")])
    ]
    judged, usage = judge(cases, local(taught, batch=batch), SHORT, tmp_path)
    assert [one.ratings for one in judged] == [[[1]], [[0]], [[1]], [[0]]]
    assert (usage.completion_tokens, usage.prompt_tokens) == (8, 2 * (1 + 1 + 3) + 2 * (5 + 1 + 3))
    again, usage = judge(cases, local(taught, batch=batch), SHORT, tmp_path)
    assert [one.ratings for one in again] == [one.ratings for one in judged]
    assert (usage.stored, usage.replies) == (4, 0)


def test_drawn_replies_differ_between_repeats_and_not_between_runs(untaught: Path, tmp_path: Path) -> None:
    replies = []
    for scratch in (tmp_path / "a", tmp_path / "b"):
        judge([case(1)], local(untaught, temperature=1.0, repeats=2, swap=False), PAIR, scratch)
        (file,) = (scratch / "judgements").glob("*.jsonl")
        replies.append(file.read_bytes())
    first, second = replies[0].splitlines()
    assert first.split(b'"reply": ')[1] != second.split(b'"reply": ')[1]
    assert replies[0] == replies[1]


def test_repeats_without_chance_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"repeats \(2\) at temperature 0 are the same reply"):
        local(tmp_path, repeats=2)


@pytest.mark.parametrize("model", ["", "folder:", "kim/ko", "hub:kim/ko", "hub:kim/ko@main"])
def test_a_model_without_a_fixed_place_is_refused(tmp_path: Path, model: str) -> None:
    with pytest.raises(ValidationError, match="model"):
        local(tmp_path, model=model)


def test_the_kind_decides_which_fields_there_are(tmp_path: Path) -> None:
    values = local(tmp_path).model_dump()
    assert TypeAdapter(Judge).validate_python(values) == local(tmp_path)
    with pytest.raises(ValidationError, match=r"endpoint\.precision"):
        TypeAdapter(Judge).validate_python({**values, "kind": "endpoint"})


def test_a_judge_without_a_chat_template_is_told(untaught: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(untaught, folder)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(JudgeError, match=r"evaluate\.judge\.model: .*bare has no chat template"):
        judge([case(1)], local(folder), PAIR, tmp_path)


def test_a_judge_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=r"evaluate\.judge\.model: .*nowhere is no folder"):
        judge([case(1)], local(tmp_path / "nowhere"), PAIR, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(JudgeError, match=r"evaluate\.judge\.model: .*no config\.json"):
        judge([case(1)], local(tmp_path / "empty"), PAIR, tmp_path)


def test_judges_have_names_that_tell_them_apart(untaught: Path, taught: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("rating: pair\nsystem: null\nuser: '{caption}{question}{first}{second}'", encoding="utf-8")
    other = load_template("llava-w", {"llava-w": str(own)})
    judges: list[tuple[LocalJudge, Template]] = [
        (local(untaught), PAIR),
        (local(taught), PAIR),
        (local(untaught), other),
        (local(untaught), VERDICT),
        (local(untaught, precision="bf16"), PAIR),
        (local(untaught, swap=False), PAIR),
        (local(untaught, temperature=0.7), PAIR),
        (local(untaught, temperature=0.7, repeats=3), PAIR),
        (local(untaught, max_tokens=9), PAIR),
    ]
    names = [identity(*one) for one in judges]
    assert len(set(names)) == len(names)
    moved = tmp_path / "elsewhere" / untaught.name
    shutil.copytree(untaught, moved)
    assert identity(local(moved), PAIR) == names[0]
    assert identity(local(untaught, batch=4, swap=True), VERDICT) == names[3]


def test_nothing_loads_torch_but_the_local_judge(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from components.evaluate.judge.naming import identity\nfrom components.evaluate.judge.run import judge\n"
        "from tests.evaluate.judge.service import in_order, running, says\n"
        "from tests.evaluate.judge.world import PAIR, case, endpoint\n"
        "with running(in_order(says('8 7'))) as service:\n"
        "    judge([case(1)], endpoint(service.address), PAIR, Path(sys.argv[1]))\n"
        "print(identity(endpoint('http://x'), PAIR), 'torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("endpoint judge-2026-01-01, temperature 0, ") and done.stdout.endswith("False\n")
