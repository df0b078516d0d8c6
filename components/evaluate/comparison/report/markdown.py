"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.evaluate.comparison.report.absent import no_figure_section
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.figures import (
    compared_section,
    figures_section,
    published_section,
    versions_section,
)
from components.evaluate.comparison.report.latency import latency_section
from components.evaluate.comparison.report.layout import percent
from components.evaluate.comparison.report.leaks import leaks_section
from components.evaluate.comparison.report.pairs import pair_sections
from components.evaluate.comparison.report.texts import Language, translate
from components.evaluate.statistics.paired import FEW_DISCORDANT

PICTURE = "comparison.png"


def report_text(contents: Contents, language: Language) -> str:
    """The whole report; it shows PICTURE beside it where models are compared."""
    lines = [f"# {translate('title', language)}", ""]
    for section in _SECTIONS:
        lines.extend(section(contents, language))
    return "\n".join(lines).rstrip() + "\n"


def _overview(contents: Contents, language: Language) -> Iterator[str]:
    confidence = percent(contents.settings.confidence)
    yield from (f"## {translate('figures', language)}", "")
    yield from (translate("figures_intro", language, confidence=confidence), "")
    yield from figures_section(contents, language)
    if contents.comparisons():
        yield from (f"![{translate('title', language)}]({PICTURE})", "")


def _method(contents: Contents, language: Language) -> Iterator[str]:
    settings = contents.settings
    values = {
        "confidence": percent(settings.confidence),
        "resamples": settings.resamples,
        "seed": settings.seed,
        "few": FEW_DISCORDANT,
        "significance": f"{settings.significance:.3g}",
    }
    yield from (f"## {translate('method', language)}", "")
    for name in ("units", "intervals", "tests", "correction", "smallest"):
        yield translate(f"method_{name}", language, **values)


_SECTIONS: tuple[Callable[[Contents, Language], Iterator[str]], ...] = (
    compared_section,
    _overview,
    pair_sections,
    leaks_section,
    latency_section,
    no_figure_section,
    published_section,
    versions_section,
    _method,
)
