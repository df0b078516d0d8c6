"""The table of scores at the end of the demo."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.demo_summary import print_summary
from infra.stage_log import StageLog


def score(subject: str, value: float | None, status: str = "measured", **more: Any) -> dict[str, Any]:
    row = {"subject": subject, "benchmark": "captions-demo", "metric": "cider_d", "value": value}
    return row | {"low": None, "high": None, "status": status} | more


def test_scores_say_how_they_came_about(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {evaluate: {cmd: 'true'}}")
    scores = [
        score("finetune", 0.5, low=0.25, high=0.75),
        score("pretrain", 0.1),
        score("stand-in", 0.3),
        score("KoLLaVA-7B", None, status="missing"),
        score("finetune", 12.5, benchmark="speed", metric="tokens_per_second"),
        score("finetune", 99.5, benchmark="speed", metric="tokens_per_second_batched"),
        score("KoLLaVA-7B", 30.0, status="published", benchmark="speed", metric="tokens_per_second"),
    ]
    path = tmp_path / "artifacts" / "evaluate" / "scores.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"main": "finetune", "labels": {"stand-in": "not KoLLaVA"}, "scores": scores}))
    console = Console(width=120, record=True)
    print_summary(console, tmp_path, StageLog(), failed=False)
    lines = console.export_text(clear=False).splitlines()
    captions = next(line for line in lines if "captions-demo" in line)
    assert [cell.strip() for cell in captions.strip("│").split("│")] == [
        "captions-demo",
        "cider_d",
        "0.5 [0.25, 0.75]",
        "0.1",
        "0.3",
        "missing",
    ]
    assert "30 (published)" in next(line for line in lines if "tokens_per_second" in line)
    assert "tokens_per_second_batched" not in console.export_text(clear=False)
    assert any("stand-in: not KoLLaVA." in line for line in lines)


def test_forms_that_were_refused_stand_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text("stages: {export: {cmd: 'true'}}")
    report = tmp_path / "artifacts" / "export" / "report.json"
    report.parent.mkdir(parents=True)
    refused = [{"form": "int8", "reasons": ["limits.kl_mean: found [0.02]", "limits.top1: found 0.9"]}]
    bundles = [{"name": "int8", "form": "int8-7of8", "refused_forms": refused}, {"name": "int4", "form": "int8"}]
    report.write_text(json.dumps({"bundles": bundles}))
    console = Console(width=120, record=True)
    print_summary(console, tmp_path, StageLog(), failed=False)
    text = console.export_text()
    assert "Bundle int8: image encoder in form int8-7of8" in text
    assert "int8: limits.kl_mean: found [0.02]; limits.top1: found 0.9" in text
    assert "Bundle int4" not in text
