"""The report in two languages: all that was measured, and why something was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.export.quality.report import as_json
from components.export.quality.results import Quality
from components.export.report import write_report
from tests.export.card.bundles import SPEED
from tests.export.quality.measured import REFUSED_FORM, measured

BROKEN = "export.bundles[int4].limits.top1: found 0.9, at least 0.95 is needed"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "report.md",
            (
                "# Bundles for devices",
                "## Next-token distributions",
                "| int8 | with VNNI | vision |",
                "within its limits",
                "95 % interval",
                "a judge rates its answers",
                "| int8 | without VNNI | both |",
                "the most sensitive eighth of the layers in fp16",
                "### Faster forms that were refused",
                "- int8, all layers in int8: export.bundles\\[int8\\].limits.kl\\_mean: found 0.02",
                "Measured on some\\_CPU (AVX-512 VNNI)",
                "some\\_CPU. All took turns",
                "| int8 | yes | 12.50 | 14.25 |",
            ),
        ),
        (
            "report.ko.md",
            (
                "# 기기용 번들",
                "## 다음 토큰의 분포",
                "| int8 | VNNI 있음 | 그림 |",
                "한계 안",
                "95 % 신뢰 구간",
                "심판이 채점하는 벤치마크",
                "| int8 | VNNI 없음 | 전체 |",
                "민감한 층 1/8은 fp16",
                "### 거부된 더 빠른 형태",
                "some\\_CPU(AVX-512 VNNI)에서 쟀습니다",
                "some\\_CPU. 모델들이",
                "| int8 | 있음 | 12.50 | 14.25 |",
            ),
        ),
    ],
)
def test_all_bundles_stand_in_one_report(tmp_path: Path, file: str, said: tuple[str, ...]) -> None:
    rows = [{**row, "name": name} for name in ("int8", "int4", "transformers-bf16") for row in SPEED["rows"]]  # type: ignore[attr-defined]
    write_report(tmp_path, [measured("int8"), measured("int4", BROKEN)], {**SPEED, "rows": rows}, 500.0)
    text = (tmp_path / file).read_text(encoding="utf-8")
    for words in (*said, "0.000222", "0.0117", "1.0016", "0.969 \\[0.963, 0.974\\]", "3,855", "0.99951", "0.94000"):
        assert words in text
    assert "+0.026 \\[+0.001, +0.068\\] | 0.531 | 4 / 228 / 8" in text
    assert BROKEN.replace("[", "\\[").replace("]", "\\]").replace("_", "\\_") in text
    assert "| 187.4 |" in text and "| 55 % |" in text
    assert text.count("| int8, int4 | k-llava-w-demo |") == 1


def test_programs_get_the_same() -> None:
    found = json.loads(json.dumps(as_json(measured("int8"))))
    assert found["quality"]["divergence"]["both"]["kl_p999"] == 0.0117
    assert found["quality"]["features"]["min_cosine"] == 0.94
    assert (found["form"], found["refused_forms"]) == ("int8-7of8", [REFUSED_FORM.model_dump()])
    assert [score["benchmark"] for score in found["quality"]["scores"]] == ["ocr-read-demo", "k-llava-w-demo"]
    assert Quality.model_validate(found["quality"]) == measured("int8").quality
