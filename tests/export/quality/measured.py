"""A bundle about which everything was found out."""

from __future__ import annotations

from components.bundles.manifest import RefusedForm
from components.bundles.processor import Processor
from components.export.quality.report import Measured
from components.export.quality.results import Divergence, Elsewhere, Features, NotCompared, Quality, Score
from components.export.texts import say

FOUND = Divergence(
    kl_mean=0.000222,
    kl_p999=0.0117,
    perplexity_ratio=1.0016,
    top1=0.969,
    top1_low=0.963,
    top1_high=0.974,
    tokens=3855,
    samples=220,
)
SCORE = Score(
    benchmark="ocr-read-demo",
    metric="cer",
    higher_is_better=False,
    score=0.156,
    model_score=0.129,
    difference=0.026,
    low=0.001,
    high=0.068,
    p=0.531,
    n=240,
    wins=4,
    ties=228,
    losses=8,
)
JUDGED = NotCompared(benchmark="k-llava-w-demo", refused=say("judged", "en"), by_choice=True)


REFUSED_FORM = RefusedForm(form="int8", reasons=["export.bundles[int8].limits.kl_mean: found 0.02, at most 0.01"])


def measured(name: str, *refused: str) -> Measured:
    """The same for each name; sentences are the gate's."""
    quality = Quality(
        divergence={"vision": FOUND, "language": FOUND, "both": FOUND},
        features=Features(mean_cosine=0.99951, min_cosine=0.94, pictures=202),
        scores=[SCORE, JUDGED],
        confidence=0.95,
        processor=Processor("some_CPU", "AVX-512 VNNI", "exact"),
        elsewhere={"saturating": Elsewhere(divergence={"both": FOUND}, features=None)},
    )
    return Measured(name, "int8", 1234.5, quality, refused, "int8-7of8", [REFUSED_FORM])
