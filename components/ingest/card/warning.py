"""What the licences forbid, before anything else is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.ingest.card.layout import plain


def warning(card: dict[str, Any]) -> Iterator[str]:
    """Blocks of Markdown that name the sources without commercial use, and those whose conditions must be checked."""
    forbidden, unclear = _named(card, "no"), _named(card, "ask")
    if forbidden:
        yield from (
            "> ## ⚠️ 비상업 데이터 / NON-COMMERCIAL DATA",
            ">",
            f"> {forbidden}",
            ">",
            "> **이 데이터로 학습한 모델은 권리자의 허락 없이 팔거나 상업적으로 쓸 수 없습니다.**",
            ">",
            "> **A model trained on them must not be sold or used commercially without the owners' permission.**",
            "",
        )
    if unclear:
        yield from (
            "> **상업적으로 쓰기 전에 조건을 확인할 데이터 / CHECK BEFORE COMMERCIAL USE**",
            ">",
            f"> {unclear}",
            "",
        )


def _named(card: dict[str, Any], commercial: str) -> str:
    licences = card["licences"]
    return ", ".join(
        f"**{source['name']}** ({plain(licences[source['licence']]['title'])})"
        for source in card["sources"]
        if licences[source["licence"]]["commercial"] == commercial
    )
