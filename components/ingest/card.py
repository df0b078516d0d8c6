"""The data card: what is in shards and benchmarks, its origins, what was refused. Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components.files.atomic import write_json, write_text
from components.ingest.tally import Tally


def write_card(folder: Path, profile: str, tallies: Sequence[Tally], digests: Mapping[str, Sequence[str]]) -> None:
    """Write card.md and card.json.

    Args:
        digests: for each benchmark, the digests of its items' images ("" for items without one).
    """
    training = set().union(*(tally.training_images for tally in tallies))
    card = {
        "profile": profile,
        "sources": [_describe(tally) for tally in tallies],
        "benchmarks": [
            {
                "name": name,
                "items": len(images),
                "images_also_in_training": sum(d in training for d in images),
            }
            for name, images in digests.items()
        ],
    }
    write_json(folder / "card.json", card)
    write_text(folder / "card.md", "\n".join(_markdown(card)) + "\n")


def _describe(tally: Tally) -> dict[str, Any]:
    source = tally.source
    return {
        "name": source.name,
        "stage": source.stage,
        "origin": source.origin,
        "reader": source.reader,
        "licence": source.licence,
        "read": tally.read,
        "kept": tally.kept,
        "refused": len(tally.rejected),
        "reasons": dict(tally.faults()),
        "splits": {
            split: asdict(count) | {"mean_tokens": round(count.tokens / count.samples, 1) if count.samples else None}
            for split, count in tally.splits.items()
        },
        "example": tally.example,
    }


def _markdown(card: Mapping[str, Any]) -> Iterator[str]:
    yield f"# 데이터 카드 ({card['profile']})"
    yield from (
        "",
        "| 출처 | 단계 | 분할 | 표본 | 그림 | 평균 토큰 | 크기 (MB) |",
        "| --- | --- | --- | --: | --: | --: | --: |",
    )
    for source in card["sources"]:
        for split, count in source["splits"].items():
            if count["samples"]:
                yield (
                    f"| {source['name']} | {source['stage']} | {split} | {count['samples']:,} "
                    f"| {count['images']:,} | {count['mean_tokens']} | {count['bytes'] / 1e6:.1f} |"
                )
    yield from ("", "## 벤치마크", "", "| 이름 | 문항 | 학습 데이터에도 있는 그림 |", "| --- | --: | --: |")
    for benchmark in card["benchmarks"]:
        yield f"| {benchmark['name']} | {benchmark['items']:,} | {benchmark['images_also_in_training']:,} |"
    for source in card["sources"]:
        yield from _section(source)


def _section(source: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"## {source['name']}", "")
    yield f"- 가져온 곳: `{source['origin']}`, 읽는 법: `{source['reader']}`"
    yield f"- 이용 조건: {source['licence']}"
    yield f"- 읽음 {source['read']:,}, 씀 {source['kept']:,}, 버림 {source['refused']:,}"
    yield from (f"  - {fault}: {count:,}" for fault, count in source["reasons"].items())
    if source["example"]:
        yield from ("", f"보기 (`{source['example']['id']}`):", "", "```")
        yield from (f"{turn['role']}: {turn['content']}" for turn in source["example"]["conversation"])
        yield "```"
