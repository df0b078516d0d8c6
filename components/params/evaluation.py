"""The section ``evaluate`` of params.yaml: who is measured, how, and who judges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.params.section import AtOnce, Length, Price, Repeats, Section, Times, Workers

JudgeTemplate = Literal["llava-w", "same-meaning"]


class JudgePrice(Section):
    """What a hosted judge costs; nothing is computed from it but the cost that is reported."""

    input: Price
    """A million tokens of what is asked."""
    output: Price
    """A million tokens of replies."""
    currency: str
    """In words, such as US dollars."""


class JudgeShared(Section):
    """What every judge has."""

    temperature: Annotated[float, Field(ge=0, le=2)]
    """0: the likeliest reply."""
    max_tokens: Length
    """Longest reply in tokens; a model that thinks first needs thousands."""
    repeats: Repeats
    """How often each answer is rated; their spread becomes part of the interval."""
    swap: bool
    """Ask everything twice, with the two answers in exchanged places, as judges favour a place (arXiv:2306.05685).
    Only where two answers are rated beside each other."""
    min_coverage: Annotated[float, Field(gt=0, le=1)]
    """Share of the judgements that must succeed for there to be a score."""
    templates: dict[JudgeTemplate, str] = Field(default_factory=dict)
    """Files with other wordings, by the name of the shipped one that each takes the place of:
    ``llava-w: wordings/paper.yaml``. See components/evaluate/judge/templates."""


class EndpointJudge(JudgeShared):
    """A judge behind an address that speaks OpenAI's chat completions: OpenAI's own, vLLM, llama.cpp, Ollama, ..."""

    kind: Literal["endpoint"]
    base_url: Annotated[str, Field(pattern=r"^https?://")]
    """Up to and with the version: ``https://api.openai.com/v1``."""
    model: Annotated[str, Field(min_length=1)]
    """As the address names it; best a dated snapshot, since judges change under an undated name."""
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None
    """The environment variable that holds the key; null: none is needed."""
    timeout_s: Annotated[float, Field(gt=0, le=86_400)]
    """Longest wait for a reply in seconds."""
    concurrency: Annotated[int, Field(ge=1, le=1024)]
    """Requests under way at once."""
    max_attempts: Repeats
    """Most requests for one judgement in a run, the first included."""
    price: JudgePrice | None
    """null: cost is not reported."""


class LocalJudge(JudgeShared):
    """A judge on this machine: a text model of transformers with a chat template."""

    kind: Literal["local"]
    model: Annotated[str, Field(pattern=r"^(folder:.+|hub:[\w.-]+/[\w.-]+@[0-9a-f]{40})$")]
    """``folder:<path>`` or ``hub:<owner>/<name>@<commit>`` (40 hexadecimal digits)."""
    precision: Literal["fp32", "bf16"]
    device: Literal["cpu", "gpu"]
    batch: AtOnce
    """Judgements at once."""

    @model_validator(mode="after")
    def _repeats_differ(self) -> LocalJudge:
        if self.repeats > 1 and self.temperature == 0:
            raise ValueError(
                f"repeats ({self.repeats}) at temperature 0 are the same reply each time: "
                "set repeats to 1, or temperature above 0"
            )
        return self


Judge = Annotated[EndpointJudge | LocalJudge, Field(discriminator="kind")]


class Speed(Section):
    """The latency benchmark. All models are loaded at once and take turns, so they have to fit onto one device."""

    prompts: Repeats
    """Questions with a picture, each asked with it and without."""
    warmup: Times
    """Answers that are not counted, before each kind of measurement."""
    new_tokens: Length
    """Every timed answer has so many."""


Precision = Literal["fp32", "bf16", "int8", "int4", "bundle", "endpoint"]
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Baseline(Section):
    """Another model, measured on the same items by the same code."""

    name: ModelName
    """What it is called everywhere; ``KoLLaVA-7B`` takes the place of the standing baseline."""
    label: str = ""
    """A sentence about it for reports."""
    origin: str
    """``folder:<path>``, ``hub:<owner>/<name>@<commit>`` (40 hexadecimal digits), ``endpoint:<base url>#<model>``, or
    ``demo:stand-in``."""
    layout: Literal["transformers", "llava", "bundle", "endpoint"]
    """``transformers``: any image-text-to-text model with its processor; ``llava``: a checkpoint of the original LLaVA
    code (arXiv:2310.03744), as KoLLaVA's is; ``bundle``: a folder that stage export wrote, or one like it;
    ``endpoint``: a model that somebody serves over OpenAI's protocol (vLLM, llama-server, ours)."""
    precision: Precision
    """bf16 needs 2 bytes a weight, int8 and int4 (bitsandbytes) 1 and a half; ``bundle`` and ``endpoint``: as its
    files, or who serves it, have it."""
    system: str | None = None
    """What it is told before each question; null: what its chat template says."""
    image_encoder: str | None = None
    """For the layout llava: an origin of the image encoder, where the one that its config.json names cannot be had."""

    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """For the layout endpoint: the environment variable that holds its key; null: none is needed."""
    version: Annotated[str, Field(min_length=1)] | None = None
    """For the layout endpoint: which version of the model is served, in words of your own (a date, a commit); answers
    are kept until it changes. null: they are kept for one run of the evaluation, as a server may change its model
    without a word."""

    @model_validator(mode="after")
    def _precision_is_its_own(self) -> Baseline:
        for kind in ("bundle", "endpoint"):
            if (self.layout == kind) != (self.precision == kind):
                raise ValueError(
                    f"layout is {self.layout} and precision {self.precision}: {kind}s have a precision of their own, "
                    f"so write {kind} for both or for none"
                )
        if (self.layout == "endpoint") != self.origin.startswith("endpoint:"):
            raise ValueError(f"layout {self.layout}, origin {self.origin}: write endpoint for both or for none")
        if self.version is not None and self.layout != "endpoint":
            raise ValueError(f"layout {self.layout} is known by its files: version belongs to layout endpoint alone")
        if self.layout == "bundle" and not self.origin.startswith("folder:"):
            raise ValueError(f"origin {self.origin}: a bundle lies in a folder; write folder:<path>")
        return self


class Evaluate(Section):
    """How models are measured."""

    subjects: Annotated[list[Literal["pretrain", "finetune"]], Field(min_length=1)]
    baselines: list[Baseline]
    """Other models that answer the same questions. The last subject is compared with each of them."""
    precision: Literal["fp32", "bf16"]
    """Of our own models."""
    batch: AtOnce
    """Items that a model answers at once."""
    max_new_tokens: Length
    """Longest answer in tokens."""
    letter_tokens: Length
    """The same for questions that are answered by a letter."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    resamples: AtOnce
    """Bootstrap resamples for an interval."""
    actors: Workers | None
    """Ray actors that hold a model each; null: one a GPU, or one that has all cores."""
    device: Literal["cpu", "gpu"]
    sentence_model: str | None
    """Folder of a sentence-transformers model, or ``hub:<owner>/<name>@<commit>``, for the closeness of captions; null:
    not computed."""
    judge: Judge | None
    """Who rates open answers; null: nobody, and their figures are "not run"."""
    speed: Speed

    @model_validator(mode="after")
    def _names_are_unique(self) -> Evaluate:
        names = [*self.subjects, *(baseline.name for baseline in self.baselines)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"names of subjects and baselines must be unique; given twice: {', '.join(twice)}")
        return self
