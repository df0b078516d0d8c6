"""Each bundle takes the fastest form that keeps its limits, and says what was against the faster ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.export.choosing import Chosen, choose_forms
from components.export.openvino.forms import Form
from components.export.quality.results import Elsewhere, Features, Quality
from components.params.export import BundleParams
from tests.export.conftest import limits, wanted
from tests.export.quality.measured import FOUND, SCORE

FORMS = tuple(Form(name, 0) for name in ("fast", "slower", "slowest"))
WITHIN = limits(kl_mean=0.01, score_loss=0.05)


class World:
    """Measures bundles by what is said of their forms."""

    def __init__(self, kl: Mapping[str, float], loss: Mapping[str, float] | None = None, language: float = 0) -> None:
        self._kl, self._loss, self._language = kl, loss or {}, language
        self.unbounded: set[str] = set()
        self.written: dict[str, str] = {}
        self.compared: list[tuple[str, ...]] = []
        self.scored: list[tuple[str, ...]] = []

    def choose(self, *names: str) -> dict[str, Chosen]:
        bundles: dict[str, BundleParams] = {name: wanted("int8", name=name, limits=WITHIN) for name in names}
        return choose_forms(bundles, lambda _: FORMS, self._write, self._compare, self._score)

    def _write(self, bundle: BundleParams, form: Form) -> list[str]:
        self.written[bundle.name] = form.name
        return ["may leave 16 bits"] if form.name in self.unbounded else []

    def _compare(self, names: Sequence[str]) -> dict[str, Quality]:
        self.compared.append(tuple(self.written[name] for name in names))
        return {name: self._quality(name) for name in names}

    def _quality(self, name: str) -> Quality:
        both = FOUND.model_copy(update={"kl_mean": self._kl[self.written[name]]})
        language = FOUND.model_copy(update={"kl_mean": self._language})
        features = Features(mean_cosine=1, min_cosine=1, pictures=3)
        found = {"divergence": {"language": language, "both": both}, "features": features}
        elsewhere = {"saturating": Elsewhere.model_validate(found)}
        return Quality.model_validate({**found, "scores": [], "confidence": 0.95, "elsewhere": elsewhere})

    def _score(self, qualities: Mapping[str, Quality]) -> dict[str, Quality]:
        self.scored.append(tuple(self.written[name] for name in qualities))
        found = {}
        for name, quality in qualities.items():
            loss = self._loss.get(self.written[name], 0.0)
            score = SCORE.model_copy(update={"low": loss, "high": loss + 0.1})
            found[name] = quality.model_copy(update={"scores": [score]})
        return found


def test_the_first_that_keeps_the_limits_is_taken() -> None:
    world = World({"fast": 0.02, "slower": 0.005, "slowest": 0.001})
    one = world.choose("int8")["int8"]
    assert (one.forms[0].name, world.written, one.problems) == ("slower", {"int8": "slower"}, [])
    (refused,) = one.refused
    limit = "export.bundles[int8].limits.kl_mean: found 0.02, at most 0.01 is allowed"
    assert (refused.form, refused.reasons) == ("fast", [limit, f"{limit} (in saturating arithmetic)"])


def test_nothing_is_refused_where_the_fastest_keeps_them() -> None:
    one = World({"fast": 0.01}).choose("int8")["int8"]
    assert (one.forms[0].name, one.refused, one.problems) == ("fast", [], [])


def test_benchmarks_are_answered_in_the_forms_that_are_taken_alone() -> None:
    world = World({"fast": 0.02, "slower": 0.02, "slowest": 0.001})
    world.choose("int8", "int4")
    assert world.compared == [("fast", "fast"), ("slower", "slower"), ("slowest", "slowest")]
    assert world.scored == [("slowest", "slowest")]


def test_a_benchmark_refuses_a_form_too() -> None:
    world = World({"fast": 0.001, "slower": 0.001}, loss={"fast": 0.06})
    one = world.choose("int8")["int8"]
    assert (one.forms[0].name, one.problems) == ("slower", [])
    assert "score_loss: ocr-read-demo loses at least 0.06" in one.refused[0].reasons[0]
    assert world.scored == [("fast",), ("slower",)]


def test_where_no_form_keeps_them_the_most_exact_is_left_with_what_is_against_it() -> None:
    one = World({"fast": 0.04, "slower": 0.03, "slowest": 0.02}).choose("int8")["int8"]
    assert one.forms[0].name == "slowest"
    assert [refused.form for refused in one.refused] == ["fast", "slower"]
    assert "kl_mean: found 0.02" in one.problems[0]


def test_no_image_encoder_is_tried_for_what_the_language_model_loses() -> None:
    world = World({"fast": 0.02}, language=0.02)
    one = world.choose("int8")["int8"]
    assert (one.forms[0].name, one.refused, len(one.problems)) == ("fast", [], 2)
    assert len(world.compared) == 1


def test_a_form_that_cannot_be_taken_is_not_measured() -> None:
    world = World({"slower": 0.001})
    world.unbounded = {"fast"}
    one = world.choose("int8")["int8"]
    assert one.refused[0].reasons == ["may leave 16 bits"]
    assert world.compared == [("slower",)]
