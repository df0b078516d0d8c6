"""A small repository with real artefacts of every stage, recorded by real git and DVC."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import koreanize_matplotlib
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw, ImageFont

from tests.dashboards.compared import (
    METRICS,
    OTHER_PROMPT,
    VERSIONS,
    Tables,
    category_figures,
    changes,
    figure,
    measures,
    results,
    write_comparison,
)

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
FONT = Path(koreanize_matplotlib.__file__).parent / "fonts" / "NanumGothicBold.ttf"
WORDS = (
    "서울역",
    "약국",
    "도서관",
    "비빔밥",
    "우체국",
    "한옥",
    "출구",
    "떡볶이",
    "시장",
    "박물관",
    "우산",
    "기차",
)
EXPERIMENT = "lora-16"
INSTRUCTION = "주어진 선택지 중 해당 옵션의 문자로 바로 답하세요."
LABELS = {"stand-in": "a small model in KoLLaVA's file layout; it is not KoLLaVA"}
IMAGE_TYPE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])

DVC_YAML = """\
stages:
  ingest:
    cmd: python -m components.ingest
    params: [seed]
    outs: [artifacts/ingest]
    metrics: [reports/ingest/metrics.json]
  pretrain:
    cmd: python -m components.pretrain
    deps: [artifacts/ingest]
    params: [pretrain]
    metrics: [reports/pretrain/metrics.json]
    plots: [reports/pretrain/loss.csv, reports/pretrain/validation.csv]
  finetune:
    cmd: python -m components.finetune
    deps: [artifacts/ingest]
    params: [finetune]
    metrics: [reports/finetune/metrics.json]
    plots: [reports/finetune/loss.csv, reports/finetune/validation.csv]
  evaluate:
    cmd: python -m components.evaluate
    deps: [artifacts/ingest]
    outs: [artifacts/evaluate]
    metrics: [reports/evaluate/metrics.json]
  export:
    cmd: python -m components.export
    deps: [artifacts/ingest]
    outs: [artifacts/export/report.json]
    metrics: [reports/export/metrics.json]
"""


@dataclass(frozen=True)
class Outcome:
    """What differs between the runs of the fixture."""

    rank: int
    accuracy: float
    loss: float


@dataclass(frozen=True)
class World:
    """The repository and the full hash of the experiment in it."""

    root: Path
    experiment: str
    commit: str


def build(root: Path) -> World:
    """A commit, an experiment beside it, and a workspace that equals the commit."""
    root.mkdir(parents=True, exist_ok=True)
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.email", "tester@example.com")
    run(root, "git", "config", "user.name", "tester")
    dvc(root, "init", "-q")
    dvc(root, "config", "core.analytics", "false")
    (root / "dvc.yaml").write_text(DVC_YAML, encoding="utf-8")
    write_outcome(root, Outcome(rank=8, accuracy=0.75, loss=1.2))
    dvc(root, "commit", "--force", "-q")
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-qm", "first run")
    write_outcome(root, Outcome(rank=16, accuracy=0.5, loss=0.9))
    dvc(root, "commit", "--force", "-q")
    dvc(root, "exp", "save", "--name", EXPERIMENT)
    run(root, "git", "checkout", "-q", "--", "params.yaml", "dvc.lock")
    dvc(root, "checkout", "--force", "-q")
    experiment = run(root, "git", "for-each-ref", "--format=%(objectname)", f"refs/exps/*/*/{EXPERIMENT}").strip()
    return World(root, experiment, run(root, "git", "rev-parse", "HEAD").strip())


def environment() -> dict[str, str]:
    """For a process that runs elsewhere and imports the project, installed or not."""
    return os.environ | {"PYTHONPATH": str(APP.parents[1])}


def run(root: Path, *command: str) -> str:
    """A command that must succeed; its output."""
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def dvc(root: Path, *arguments: str) -> str:
    """A dvc command in the repository."""
    return run(root, sys.executable, "-m", "dvc", *arguments)


def write_outcome(root: Path, outcome: Outcome) -> None:
    """All files of a run."""
    params = f"profile: demo\nseed: 7\npretrain: {{steps: 40}}\nfinetune: {{lora: {{rank: {outcome.rank}}}}}\n"
    (root / "params.yaml").write_text(params, encoding="utf-8")
    write_ingest(root)
    for stage, start in (("pretrain", 4.0), ("finetune", 2.5)):
        write_curves(root, stage, start, outcome.loss)
    write_evaluation(root, outcome)
    write_export(root)


def write_json(path: Path, content: Any) -> None:
    """A JSON file as the stages write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def write_parquet(path: Path, rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> None:
    """A Parquet file of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def word_picture(word: str, index: int) -> tuple[bytes, str]:
    """A sign with a word, as PNG, and the word's box as text."""
    size = 96
    picture = Image.new("RGB", (size, size), (245, 240, 225))
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(FONT), 20)
    place = (8 + 5 * (index % 4), 12 + 16 * (index % 4))
    left, top, right, bottom = pen.textbbox(place, word, font=font)
    pen.rectangle((left - 3, top - 3, right + 3, bottom + 3), fill=(31, 90, 200))
    pen.text(place, word, font=font, fill="white")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue(), box_text((left, top, right, bottom), size)


def box_text(corners: tuple[float, ...], size: int) -> str:
    """Corners in pixels as the benchmark writes them."""
    return "[" + ",".join(f"{corner / size:.2f}" for corner in corners) + "]"


def write_ingest(root: Path) -> None:
    """Shards, benchmarks, refusals and the card."""
    ingest = root / "artifacts/ingest"
    rejects = [
        {"source": "demo-signs", "id": f"s{index}", "reason": reason}
        for index, reason in enumerate(["duplicate image"] * 5 + ["empty answer"] * 2)
    ]
    write_parquet(ingest / "rejects.parquet", rejects)
    example = "![보기](examples/demo-signs-0.jpg)"
    text = f"# 데이터 카드\n\n간판 글자와 도표로 만든 작은 데이터입니다.\n\n{example}\n\n끝입니다.\n"
    (ingest / "card.md").write_text(text, encoding="utf-8")
    (ingest / "examples").mkdir(exist_ok=True)
    (ingest / "examples/demo-signs-0.jpg").write_bytes(word_picture(WORDS[0], 0)[0])
    write_json(ingest / "card.json", data_card())
    metrics = {"samples": {"pretrain": 132, "finetune": 154}, "rejected": 7}
    write_json(root / "reports/ingest/metrics.json", metrics)
    for name in ("k-dtcbench-demo", "ocr-box-demo", "instructions-demo"):
        write_parquet(ingest / f"benchmarks/{name}.parquet", benchmark_rows(name), BENCHMARK_SCHEMA)


def data_card() -> dict[str, Any]:
    """Three sources: one was partly refused, one may not be used commercially, one is to be checked."""
    sources = []
    for name, stage, licence, splits, reasons in (
        ("demo-captions", "pretrain", "cc0", {"train": 120, "validation": 12, "test": 0}, {}),
        (
            "demo-signs",
            "finetune",
            "cc-by-nc-4.0",
            {"train": 80, "validation": 8, "test": 0},
            {"duplicate image": 5, "empty answer": 2},
        ),
        ("demo-charts", "finetune", "aihub", {"train": 60, "validation": 0, "test": 6}, {}),
    ):
        kept, refused = sum(splits.values()), sum(reasons.values())
        sources.append(
            {
                "name": name,
                "stage": stage,
                "licence": licence,
                "read": kept + refused,
                "kept": kept,
                "refused": refused,
                "reasons": reasons,
                "splits": {split: {"samples": count} for split, count in splits.items()},
            }
        )
    names = ("k-dtcbench-demo", "ocr-box-demo", "instructions-demo")
    benchmarks = [{"name": name, "items": len(WORDS), "images_also_in_training": 0} for name in names]
    return {"profile": "demo", "sources": sources, "benchmarks": benchmarks, **card_comparisons()}


def card_comparisons() -> dict[str, Any]:
    """What cards did not hold at first: mixture, duplicates, leaks, licences."""
    mixture = {
        "pretrain": [mixture_part("demo-captions", 120, 1.0, 1.0)],
        "finetune": [mixture_part("demo-signs", 80, 0.75, 0.6), mixture_part("demo-charts", 60, 0.25, 0.4)],
    }
    leak = {
        "benchmark": "ocr-box-demo",
        "items": len(WORDS),
        "same_image": 2,
        "near_image": 1,
        "same_question": 0,
        "samples": 5,
        "removed": 5,
        "questions_also_in_training": 3,
    }
    return {
        "mixture": mixture,
        "duplicates": {"exact": 1234, "near": 3, "removed": 7},
        "shared_images": [{"source": "demo-charts", "earlier": "demo-signs", "images": 9}],
        "leaks": [leak],
        "licences": {
            "cc0": card_licence("CC0 1.0", "yes"),
            "cc-by-nc-4.0": card_licence("CC BY-NC 4.0", "no"),
            "aihub": card_licence("AI Hub", "ask"),
        },
    }


def mixture_part(source: str, samples: int, sample_share: float, token_share: float) -> dict[str, Any]:
    """A source's part of a stage."""
    return {
        "source": source,
        "samples": samples,
        "epoch": 2 * samples,
        "tokens": 100 * samples,
        "sample_share": sample_share,
        "token_share": token_share,
        "times_shown": 2.0,
    }


def card_licence(title: str, commercial: str) -> dict[str, Any]:
    """A licence as the card holds it."""
    conditions = {"ko": f"{title}의 조건", "en": f"Conditions of {title}"}
    return {"title": title, "commercial": commercial, "conditions": conditions, "link": "https://example.org/licence"}


BENCHMARK_SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),
        ("image", IMAGE_TYPE),
        ("prompt", pa.string()),
        ("reference", pa.string()),
        ("references", pa.list_(pa.string())),
        ("category", pa.string()),
        ("group", pa.string()),
        ("seen", pa.bool_()),
        ("layout", pa.string()),
    ]
)


def benchmark_rows(name: str) -> list[dict[str, Any]]:
    """Twelve items: one a word."""
    rows = []
    for index, word in enumerate(WORDS):
        picture, box = word_picture(word, index)
        options = [WORDS[(index + shift) % len(WORDS)] for shift in range(4)]
        listed = ", ".join(f"{letter}: {option}" for letter, option in zip("ABCD", options, strict=True))
        prompt, reference = {
            "k-dtcbench-demo": (
                f"간판에 적힌 말은 무엇인가요?\nOptions: {listed}\n{INSTRUCTION}",
                "A",
            ),
            "ocr-box-demo": (f"'{word}'의 위치를 [x1,y1,x2,y2]로 답하세요.", box),
            "instructions-demo": ("간판에 무엇이라고 적혀 있나요?", word),
        }[name]
        image = None if name == "instructions-demo" and index == 0 else {"bytes": picture, "path": f"{index}.png"}
        rows.append(
            {
                "item_id": f"{name}-{index:03d}",
                "image": image,
                "prompt": prompt,
                "reference": reference,
                "references": [reference],
                "category": ("간판", "도표")[index % 2],
                "group": "",
                "seen": index % 3 != 0,
                "layout": "sign",
            }
        )
    return rows


def write_curves(root: Path, stage: str, start: float, end: float) -> None:
    """Training and validation logs that fall from start to end."""
    folder = root / "reports" / stage
    folder.mkdir(parents=True, exist_ok=True)
    steps = range(1, 41)
    losses = [end + (start - end) * math.exp(-step / 10) + 0.05 * math.sin(step * 2.1) for step in steps]
    head = "step,loss,learning_rate,gradient_norm,samples_per_second,tokens_per_second\n"
    rows = [
        f"{step},{loss:.5f},{1e-3 * math.sin(math.pi * step / 41):.3e},1.0,50.0,4000.0\n"
        for step, loss in zip(steps, losses, strict=True)
    ]
    (folder / "loss.csv").write_text(head + "".join(rows), encoding="utf-8")
    checks = [f"{step},{losses[step - 1] + 0.1:.5f}\n" for step in range(10, 41, 10)]
    (folder / "validation.csv").write_text("step,loss\n" + "".join(checks), encoding="utf-8")
    write_json(
        folder / "metrics.json",
        {
            "loss": losses[-1],
            "validation_loss": losses[-1] + 0.1,
            "steps": 40,
            "samples_per_second": 50.0,
            "seconds": 12.0,
        },
    )


def write_evaluation(root: Path, outcome: Outcome) -> None:
    """Predictions of all models, scores, comparison, metrics."""
    folder = root / "artifacts/evaluate"
    accuracies = {"finetune": outcome.accuracy, "pretrain": 0.25, "stand-in": 0.0}
    tables = {subject: {name: answers(name, accuracy) for name in METRICS} for subject, accuracy in accuracies.items()}
    for subject, answered in tables.items():
        for name, rows in answered.items():
            write_parquet(folder / f"predictions/{subject}/{name}.parquet", rows)
        write_json(folder / f"predictions/{subject}/speed.json", {"cells": []})
    scored = score_rows(tables)
    write_json(folder / "scores.json", {"main": "finetune", "labels": LABELS, "scores": scored})
    found = results(tables)
    write_comparison(folder / "comparison", found, scored, LABELS)
    metrics = {subject: {"k-dtcbench-demo": {"accuracy": value}} for subject, value in accuracies.items()}
    write_json(root / "reports/evaluate/metrics.json", metrics | changes(found))


def answers(name: str, accuracy: float) -> list[dict[str, Any]]:
    """Answers of which the first `accuracy` share is right."""
    rows = []
    for index, item in enumerate(benchmark_rows(name)):
        right = index < accuracy * len(WORDS)
        wrong = {
            "k-dtcbench-demo": "정답: B",
            "ocr-box-demo": "[0.30,0.30,0.80,0.60]",
            "instructions-demo": "모르겠어요",
        }[name]
        response = item["reference"] if right else wrong
        score = 1.0 if right else (0.21 if name == "ocr-box-demo" else 0.0)
        parsed = response.removeprefix("정답: ") if index != len(WORDS) - 1 else None
        rows.append(
            {
                "item_id": item["item_id"],
                "response": response,
                "parsed": parsed,
                "score": score,
                "category": item["category"],
                "seconds": 0.05,
                "tokens": 3,
            }
        )
    return rows


def score_row(
    subject: str, benchmark: str, category: str, metric: str, value: float | None, **more: Any
) -> dict[str, Any]:
    """A row of scores.json, with an interval of a plausible width unless another is given."""
    half = None if value is None else 0.12 * max(value, 0.5)
    known = {"low": value - half, "high": value + half, "n": 12} if value is not None and half else {}
    return (
        {
            "subject": subject,
            "benchmark": benchmark,
            "category": category,
            "metric": metric,
            "value": value,
            "low": None,
            "high": None,
            "n": None,
            "status": "measured",
            "reason": "",
            "source": "",
            "condition": "demo",
            "versions": VERSIONS,
            "higher_is_better": True,
            "details": {},
        }
        | known
        | more
    )


def score_rows(tables: Mapping[str, Tables]) -> list[dict[str, Any]]:
    """Scores with every status: measured alike, measured with another prompt, published, missing, not run."""
    return [
        *measured_rows(tables),
        *(row for subject in tables for row in speed_rows(subject)),
        *other_rows(list(tables)),
        *baseline_rows(),
    ]


def measured_rows(tables: Mapping[str, Tables]) -> list[dict[str, Any]]:
    """The figures of the answers that are there."""
    rows = []
    for benchmark, category in (("k-dtcbench-demo", "closed"), ("ocr-box-demo", "ocr"), ("instructions-demo", "open")):
        for subject, found in tables.items():
            for measure in measures(benchmark, found[benchmark]):
                details: dict[str, Any] = {"categories": category_figures(measure), "without_leaks": {}}
                if measure.metric == "accuracy":
                    details["chance"] = 0.25
                if measure.metric == "mean_iou":
                    details["without_leaks"] = figure(replace(measure, units=measure.units[2:]))
                row = score_row(subject, benchmark, category, measure.metric, None, details=details)
                rows.append(row | figure(measure))
    return rows


def speed_rows(subject: str) -> list[dict[str, Any]]:
    """Five speeds in four situations; the stand-in was timed on another machine."""
    rows = []
    machine = "another machine" if subject == "stand-in" else "2 cores"
    for situation, factor in (("", 1.0), ("_batched", 4.0), ("_without_image", 1.2), ("_without_image_batched", 4.5)):
        for metric, value, higher in (
            ("tokens_per_second", 214.0, True),
            ("characters_per_second", 351.0, True),
            ("first_token_ms", 21.4, False),
            ("ms_per_token", 4.67, False),
            ("end_to_end_ms", 160.2, False),
        ):
            speed = value * factor if higher else value / factor
            rows.append(
                score_row(
                    subject,
                    "speed",
                    "latency",
                    metric + situation,
                    speed if subject == "finetune" else speed * 0.98,
                    versions={**dict.fromkeys(VERSIONS, ""), "decoding": "greedy, exactly 32 new tokens"},
                    condition=f"fp32, {machine}",
                    higher_is_better=higher,
                    details={"p5": speed * 0.9, "p50": speed, "p95": speed * 1.2},
                )
            )
    return rows


def other_rows(subjects: list[str]) -> list[dict[str, Any]]:
    """Figures of the run's models whose answers the repository does not hold."""
    rows = []
    for benchmark, category, metric, values in (
        ("k-mmbench-demo", "closed", "circular_accuracy", (0.42, 0.08, 0.10)),
        ("k-mmbench-demo", "closed", "accuracy", (0.58, 0.33, 0.35)),
        ("captions-demo", "captioning", "cider_d", (2.31, 1.12, 1.05)),
    ):
        rows += [
            score_row(subject, benchmark, category, metric, value)
            for subject, value in zip(subjects, values, strict=True)
        ]
    rows[-1]["versions"] = OTHER_PROMPT
    rows += [
        score_row(subject, "ocr-read-demo", "ocr", "cer", value, higher_is_better=False)
        for subject, value in zip(subjects, (0.18, 0.92, 0.95), strict=True)
    ]
    return rows + [
        score_row(subject, "k-viscuit", "culture", "accuracy", None, status="not run", reason="needs the hub")
        for subject in subjects
    ]


def baseline_rows() -> list[dict[str, Any]]:
    """The standing baseline: little was measured, one figure with another prompt, one is published."""
    name = "KoLLaVA-7B"
    published = {"low": None, "high": None, "n": 4000, "status": "published", "source": "AIKU 2024"}
    silent = dict.fromkeys(VERSIONS, "")
    return [
        score_row(name, "ocr-read-demo", "ocr", "cer", 0.27, higher_is_better=False),
        score_row(name, "k-dtcbench-demo", "closed", "accuracy", 0.5),
        score_row(name, "k-mmbench-demo", "closed", "accuracy", 0.49, versions=OTHER_PROMPT),
        score_row(name, "k-mmbench-demo", "closed", "circular_accuracy", None, status="missing"),
        score_row(name, "instructions-demo", "open", "exact_match", None, status="missing"),
        score_row(name, "ocr-box-demo", "ocr", "mean_iou", 0.0587, versions=silent, **published),
        score_row(name, "speed", "latency", "tokens_per_second", None, status="not run", reason="needs a GPU"),
        score_row(name, "captions-demo", "captioning", "cider_d", None, status="missing"),
        score_row(name, "k-viscuit", "culture", "accuracy", None, status="missing"),
    ]


def exported_bundle(name: str, size_mb: float, top1: float, refused: list[str]) -> dict[str, object]:
    """What the report says of one bundle."""
    divergence = {"kl_mean": 0.0021, "kl_p999": 0.16, "perplexity_ratio": 1.0016, "top1": top1}
    score = {"metric": "accuracy", "score": 0.9, "model_score": 0.91, "difference": -0.01, "low": -0.03, "high": 0.01}
    return {
        "name": name,
        "weights": name,
        "size_mb": size_mb,
        "refused": refused,
        "form": "int8-7of8",
        "refused_forms": [{"form": "int8", "reasons": ["limits.kl_mean: found 0.02, at most 0.01 is allowed"]}],
        "quality": {
            "divergence": {pairing: divergence for pairing in ("vision", "language", "both")},
            "scores": [
                {"benchmark": "k-dtcbench-demo", "p": 1.0, "n": 240, **score},
                {"benchmark": "k-llava-w-demo", "refused": "a judge rates its answers", "by_choice": True},
            ],
        },
    }


def speed_row(name: str, with_image: bool, rate: float) -> dict[str, object]:
    """What the report says of one kind of answers."""
    return {
        "name": name,
        "with_image": with_image,
        "first_token_ms": 21.4,
        "first_token_ms_p95": 30.2,
        "tokens_per_second": rate,
        "characters_per_second": 2 * rate,
        "load_seconds": 0.8,
        "peak_mb": 187.7,
        "memory_share": None if name.startswith("transformers") else 0.4,
    }


def write_export(root: Path) -> None:
    """The export's report: a bundle that passed, and one that was refused."""
    report = {
        "bundles": [
            exported_bundle("int8", 3.4, 0.987, []),
            exported_bundle(
                "int4", 2.9, 0.931, ["export.bundles[int4].limits.top1: found 0.931, at least 0.95 is needed"]
            ),
        ],
        "speed": {
            "device": "a processor, CPU threads: 2",
            "rows": [
                speed_row(name, with_image, rate)
                for with_image in (True, False)
                for name, rate in (("int8", 412.0), ("int4", 506.0), ("transformers-bf16", 214.0))
            ],
        },
        "model_mb_bf16": 8.4,
    }
    write_json(root / "artifacts/export/report.json", report)
    write_json(root / "reports/export/metrics.json", {"int8": {"size_mb": 3.4, "top1": 0.987, "speedup": 1.93}})
