"""The card as Markdown: Korean, with English beside headings and warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from components.ingest.card.layout import bars, block, code, plain, table
from components.ingest.card.measures import KOREAN, MIXED
from components.ingest.card.warning import warning

Card = dict[str, Any]
_COMMERCIAL = {"yes": "가능 (yes)", "no": "**불가 (no)**", "ask": "확인 필요 (ask)"}
_MOST_CHARACTERS = 400


def card_text(card: Card, picture: str) -> str:
    """The whole card; ``picture``: path of the mixture's picture beside it."""
    lines = [f"# 데이터 카드 ({plain(card['profile'])})", "", *warning(card), *_sources(card), *_mixture(card, picture)]
    for section in _SECTIONS:
        lines.extend(section(card))
    return "\n".join(lines).rstrip() + "\n"


def _sources(card: Card) -> Iterator[str]:
    yield from _heading(
        "출처",
        "Sources: rows that were read, kept, refused as faulty, removed as duplicates or leaks",
    )
    yield from table(
        ("출처", "단계", "가져온 곳", "읽는 법", "이용 조건", "읽음", "씀", "버림", "뺌"),
        (
            (
                source["name"],
                source["stage"],
                code(source["origin"]),
                source["reader"],
                plain(card["licences"][source["licence"]]["title"]),
                source["read"],
                source["kept"],
                source["refused"],
                sum(source["removed"].values()),
            )
            for source in card["sources"]
        ),
    )
    yield from table(
        ("출처", "분할", "표본", "그림", "토큰", "평균 토큰", "크기 (MB)"),
        (
            (source["name"], split, *(count[key] for key in ("samples", "images", "tokens", "mean_tokens")), _mb(count))
            for source in card["sources"]
            for split, count in source["splits"].items()
            if count["samples"]
        ),
    )


def _mixture(card: Card, picture: str) -> Iterator[str]:
    yield from _heading("혼합 비율", "Mixture: what an epoch shows of each source, in samples and in tokens")
    for stage, parts in card["mixture"].items():
        yield from (f"### {stage}", "")
        yield from table(
            ("출처", "학습 표본", "에폭당 표본", "에폭당 토큰", "표본 비율", "토큰 비율", "표본당 횟수"),
            (
                (
                    part["source"],
                    *(part[key] for key in ("samples", "epoch", "tokens")),
                    f"{part['sample_share']:.1%}",
                    f"{part['token_share']:.1%}",
                    part["times_shown"],
                )
                for part in parts
            ),
        )
    yield from (f"![혼합 비율]({picture})", "")


def _measures(card: Card) -> Iterator[str]:
    yield from _heading(
        "길이, 크기, 언어",
        f"Lengths (tokens, turns), image sides (pixels), languages by the share of Hangul among letters: "
        f"Korean from {KOREAN:.0%}, mixed from {MIXED:.0%}",
    )
    columns = ("p5", "p50", "p95", "max")
    kept = [source for source in card["sources"] if source["tokens"]]
    yield from table(
        ("출처", *(f"토큰 {name}" for name in columns), "분포 (0부터)", "턴 p50", "턴 max"),
        (
            (
                source["name"],
                *(source["tokens"][name] for name in columns),
                bars(source["tokens"]["histogram"]["counts"]),
                source["turns"]["p50"],
                source["turns"]["max"],
            )
            for source in kept
        ),
    )
    yield from table(
        ("출처", "너비 p5 / p50 / p95", "높이 p5 / p50 / p95", "한국어", "섞임", "그 밖"),
        (
            (source["name"], *map(_sides, source["image_sides"].values()), *source["languages"].values())
            for source in kept
        ),
    )


def _comparisons(card: Card) -> Iterator[str]:
    yield from _heading("중복과 누출", "Duplicates, and leaks of benchmarks into training data")
    found = card["duplicates"]
    yield f"- 앞선 표본과 똑같은 표본 (exact) {found['exact']:,}, 거의 같은 표본 (near) {found['near']:,}"
    yield from (f"- 중복으로 뺀 표본 (removed) {found['removed']:,}", "")
    yield from table(
        ("출처", "그림을 함께 쓰는 출처 (shares images with)", "그림"),
        ((shared["source"], shared["earlier"], shared["images"]) for shared in card["shared_images"]),
    )
    keys = ("items", "same_image", "near_image", "same_question", "samples", "removed", "questions_also_in_training")
    remaining = {benchmark["name"]: benchmark["images_also_in_training"] for benchmark in card["benchmarks"]}
    yield from table(
        (
            "벤치마크",
            "문항",
            "같은 그림",
            "거의 같은 그림",
            "같은 질문",
            "찾은 표본",
            "뺀 표본",
            "질문만 같음",
            "학습에 남은 그림",
        ),
        ((leak["benchmark"], *(leak[key] for key in keys), remaining[leak["benchmark"]]) for leak in card["leaks"]),
    )


def _refusals(card: Card) -> Iterator[str]:
    yield from _heading("버린 행과 뺀 표본", "Rows refused, with the first one's id, and samples removed")
    yield from table(
        ("출처", "이유", "개수", "첫 행"),
        (
            (source["name"], plain(fault), count, code(source["first_refused"][fault]))
            for source in card["sources"]
            for fault, count in source["reasons"].items()
        ),
    )
    yield from table(
        ("출처", "뺀 이유", "개수"),
        ((source["name"], why, count) for source in card["sources"] for why, count in source["removed"].items()),
    )


def _licences(card: Card) -> Iterator[str]:
    yield from _heading("이용 조건", "Licences")
    for name, licence in card["licences"].items():
        users = ", ".join(source["name"] for source in card["sources"] if source["licence"] == name)
        yield f"- **[{plain(licence['title'])}]({licence['link']})**: {users}"
        yield f"  - 상업적 이용 (commercial use): {_COMMERCIAL[licence['commercial']]}"
        yield from (f"  - {plain(licence['conditions'][language])}" for language in ("ko", "en"))
    yield ""


def _examples(card: Card) -> Iterator[str]:
    yield from _heading("보기", "Examples, as they stand in the shards")
    for source in card["sources"]:
        if source["examples"]:
            yield from (f"### {source['name']}", "")
        for example in source["examples"]:
            yield f"**{plain(example['id'])}**"
            if example["picture"]:
                yield from ("", f"![{source['name']}]({example['picture']})")
            yield from block([f"{turn['role']}: {_short(turn['content'])}" for turn in example["conversation"]])


_SECTIONS: tuple[Callable[[Card], Iterator[str]], ...] = (_measures, _comparisons, _refusals, _licences, _examples)


def _heading(korean: str, english: str) -> Iterator[str]:
    yield from (f"## {korean}", "", f"*{english}.*", "")


def _mb(count: Card) -> float:
    return round(count["bytes"] / 1e6, 1)


def _sides(found: Card | None) -> str | None:
    return " / ".join(str(found[name]) for name in ("p5", "p50", "p95")) if found else None


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]} …"
