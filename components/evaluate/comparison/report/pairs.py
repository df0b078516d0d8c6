"""Two models side by side: differences, categories, changed answers, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.layout import NOTHING, bracketed, number, plain, probability, table
from components.evaluate.comparison.report.texts import Language, metric_name, translate
from components.evaluate.comparison.results import CategoryDifference, Comparison, Figure, Refusal

_NAMED = 5
"""Changed units that the report names."""


def pair_sections(contents: Contents, language: Language) -> Iterator[str]:
    """A section for each pair of models."""
    for (first, second), results in contents.pairs.items():
        say = partial(translate, language=language, first=plain(first), second=plain(second))
        yield from (f"## {say('pair')}", "", say("pair_intro"), "")
        yield from _labels(first, second, contents)
        compared = [result for result in results if isinstance(result, Comparison)]
        main = [comparison for comparison in compared if comparison.is_main]
        yield from _main(main, language, contents.settings.significance)
        yield from _others([comparison for comparison in compared if not comparison.is_main], language)
        yield from _refusals([result for result in results if isinstance(result, Refusal)], language)
        yield from _categories(main, language)
        yield from _changes(main, language)


def _labels(first: str, second: str, contents: Contents) -> Iterator[str]:
    labelled = [name for name in (first, second) if name in contents.labels]
    yield from (f"- **{plain(name)}**: {plain(contents.labels[name])}" for name in labelled)
    if labelled:
        yield ""


def _main(comparisons: Sequence[Comparison], language: Language, significance: float) -> Iterator[str]:
    if not comparisons:
        return
    say = partial(translate, language=language)
    tail = ("difference", "p_adjusted", "verdict", "smallest", "win_tie_loss", "test")
    heads = [*_heads(comparisons[0], language), *map(say, tail)]
    yield from table(
        heads,
        (
            [
                *_start(c, language),
                probability(c.p_adjusted),
                _verdict(c, language, significance),
                number(c.paired.smallest_visible),
                _counts(c),
                say(f"test_{c.paired.test}"),
            ]
            for c in comparisons
        ),
    )


def _others(comparisons: Sequence[Comparison], language: Language) -> Iterator[str]:
    if not comparisons:
        return
    say = partial(translate, language=language)
    yield from (f"### {say('secondary')}", "")
    heads = [*_heads(comparisons[0], language), *map(say, ("difference", "p_value", "win_tie_loss"))]
    yield from table(heads, ([*_start(c, language), probability(c.paired.p_value), _counts(c)] for c in comparisons))


def _heads(comparison: Comparison, language: Language) -> list[str]:
    names = [plain(comparison.first), plain(comparison.second)]
    return [translate("benchmark", language), translate("metric", language), translate("units", language), *names]


def _start(comparison: Comparison, language: Language) -> list[str]:
    """Cells that all tables of comparisons begin with, up to the difference."""
    change = comparison.paired.difference
    return [
        plain(comparison.benchmark),
        arrowed(comparison.metric, comparison.higher_is_better, language),
        _units(comparison),
        _figure(comparison.first_figure),
        _figure(comparison.second_figure),
        bracketed(change.value, change.low, change.high, signed=True),
    ]


def arrowed(metric: str, higher_is_better: bool, language: Language) -> str:
    """A metric's name with the direction in which it is good."""
    return f"{plain(metric_name(metric, language))} {'↑' if higher_is_better else '↓'}"


def _units(comparison: Comparison) -> str:
    units, clusters = comparison.paired.units, comparison.paired.clusters
    return f"{units:,}" if units == clusters else f"{units:,} ({clusters:,})"


def _figure(figure: Figure) -> str:
    return bracketed(figure.value, figure.low, figure.high)


def _counts(comparison: Comparison) -> str:
    found = comparison.paired
    return f"{found.wins:,} / {found.ties:,} / {found.losses:,}"


def _verdict(comparison: Comparison, language: Language, significance: float) -> str:
    winner = better_model(comparison, significance)
    return translate("better", language, name=plain(winner)) if winner else translate("not_shown", language)


def better_model(comparison: Comparison, significance: float) -> str | None:
    """Which model is better by a main figure after the correction; None if that is not shown."""
    value, p = comparison.paired.difference.value, comparison.p_adjusted
    if not value or p is None or p > significance:
        return None
    return comparison.first if (value > 0) == comparison.higher_is_better else comparison.second


def _refusals(refusals: Sequence[Refusal], language: Language) -> Iterator[str]:
    if not refusals:
        return
    say = partial(translate, language=language)
    yield from (f"### {say('refused')}", "", say("refused_intro"), "")
    yield from table(
        [*map(say, ("benchmark", "metric", "what_differs")), plain(refusals[0].first), plain(refusals[0].second)],
        (
            [plain(r.benchmark), plain(metric_name(r.metric, language)), plain(name), plain(mine), plain(other)]
            for r in refusals
            for name, (mine, other) in r.what.items()
        ),
    )


def _categories(comparisons: Sequence[Comparison], language: Language) -> Iterator[str]:
    divided = [comparison for comparison in comparisons if comparison.categories]
    if not divided:
        return
    say = partial(translate, language=language)
    yield from (f"### {say('by_category')}", "")
    heads = [say("benchmark"), say("category"), *_heads(divided[0], language)[2:], say("difference")]
    yield from table(heads, (_category(c, category) for c in divided for category in c.categories))


def _category(comparison: Comparison, found: CategoryDifference) -> list[str]:
    return [
        plain(comparison.benchmark),
        plain(found.category),
        f"{found.units:,}",
        number(found.first),
        number(found.second),
        bracketed(found.difference.value, found.difference.low, found.difference.high, signed=True),
    ]


def _changes(comparisons: Sequence[Comparison], language: Language) -> Iterator[str]:
    changed = [comparison for comparison in comparisons if comparison.fixed or comparison.broken]
    if not changed:
        return
    say = partial(translate, language=language, first=plain(changed[0].first), second=plain(changed[0].second))
    yield from (f"### {say('changed')}", "", say("changed_intro"), "")
    yield from table(
        [say("benchmark"), say("fixed"), say("broken")],
        ([plain(c.benchmark), _names(c.fixed, c.paired.wins), _names(c.broken, c.paired.losses)] for c in changed),
    )


def _names(units: Sequence[str], count: int) -> str:
    if not units:
        return NOTHING
    rest = ", …" if count > _NAMED else ""
    return f"{count:,}: {', '.join(map(plain, units[:_NAMED]))}{rest}"
