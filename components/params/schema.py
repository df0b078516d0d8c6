"""Every key of params.yaml, with its type, its limits and what it means. Nothing else declares configuration."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from components.params.evaluation import Evaluate
from components.params.export import Export
from components.params.section import AtOnce, Length, Positive, Price, Section, Share, Times, Workers


def _with_group(pattern: str, what: str) -> str:
    """The pattern, if it is a regular expression with a group."""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if groups < 1:
        raise ValueError(f"needs a group in brackets, which is the {what}")
    return pattern


class ShippedBackbone(Section):
    """A backbone that comes with the project."""

    origin: Literal["shipped"]
    name: Literal["image_encoder", "language_model"]


class HubBackbone(Section):
    """A backbone of the Hugging Face hub, at a pinned revision (a commit, 40 hexadecimal digits)."""

    origin: Literal["hub"]
    repo: str
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class FolderBackbone(Section):
    """A backbone in a local ``from_pretrained`` folder."""

    origin: Literal["folder"]
    path: str


Backbone = Annotated[ShippedBackbone | HubBackbone | FolderBackbone, Field(discriminator="origin")]


class Backbones(Section):
    """The two pretrained parts."""

    image_encoder: Backbone
    language_model: Backbone


class Token(Section):
    """A special token: its text and the id that it must have in the language model's tokenizer."""

    text: str
    id: Annotated[int, Field(ge=0, lt=10**7)]


class Tokens(Section):
    """The special tokens, asserted whenever a model is put together."""

    image: Token
    turn_end: Token
    end: Token
    pad: Token


class Model(Section):
    """How the two backbones are joined."""

    connector: Literal["ldpv2", "c-abstractor", "mlp2x_gelu"]
    """What turns patches into image tokens: MobileVLM V2's (arXiv:2402.03766), Honeybee's (arXiv:2312.06742), or
    LLaVA-1.5's (arXiv:2310.03744), which keeps every patch."""
    feature_layer: Annotated[int, Field(ge=-1000, le=-1)]
    """Which hidden state of the image encoder is read; -2 is the last but one."""
    image_tokens_per_side: Annotated[int, Field(ge=1, le=256)]
    """The grid of image tokens: 12 gives 144. At most the grid of patches; for mlp2x_gelu, that grid."""
    use_cls: bool
    """Whether the image encoder computes CLIP's class token beside the patches, as LLaVA does. Versions of llama.cpp
    that put it behind the patches (ggml-org/llama.cpp issue 25814) read only models trained without it rightly."""
    tokens: Tokens


class Split(Section):
    """Shares of images, by the first two hexadecimal digits of their key, that training never sees."""

    validation: Share
    test: Share


class Mapping(Section):
    """Where the reader ``mapping`` finds what in a data set of any layout. Paths are JMESPath expressions
    (``image.file_name``, ``annotations[].text``; names with spaces or Hangul in double quotes)."""

    files: str = "*"
    """Which files hold rows, by a pattern for their names: ``labels/*.json``. JSON, JSONL, CSV and Parquet are read."""
    rows: str | None = None
    """In JSON: the path from a file's root to the list of rows; null: the root is the list, or the only row."""
    items: str | None = None
    """The path from a row to a list of question-and-answer items, which become the turns; null: the row is one."""
    id: str | None = None
    """From the row to its id; null: its running number."""
    image: str | None = None
    """From the row to its image's name, a list of names, or the image itself; null: text only."""
    question: str | None = None
    """From the item to the question; null: one of the questions in the source's wording."""
    answer: str
    """From the item to the answer."""


class Source(Section):
    """One data set for training."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    stage: Literal["pretrain", "finetune"]
    origin: str
    """Where it lies, for example ``folder:data/llava``; see components/ingest/origins."""
    images: list[str] = Field(default_factory=list)
    """Further origins, in which its images lie where they are not beside its rows."""
    reader: Literal["llava", "aihub-79", "aihub-81", "aihub-144", "aihub-71357", "aihub-71730", "mapping"]
    mapping: Mapping | None = None
    """For the reader ``mapping``: where to find what."""
    licence: str
    """A name in components/ingest/licences.yaml, which says what it allows."""
    wording: str | None = None
    """Which file of components/ingest/wordings asks the questions; null: the reader's own."""
    noun: str = "것"
    """What the labels of a folder-as-label set name (음식, 도형): fills the question."""
    key_pattern: str | None = None
    """Pattern whose first group, found in an image's name, is its split key; else its content is."""
    limit: Positive | None = None
    """At most so many rows; the first ones."""
    max_rejected: Share = 0.05
    """Share of refused rows above which the run stops."""
    weight: Annotated[float, Field(gt=0, le=10**9)] | None = None
    """Its part in training's mixture, beside the others' weights; null: as many as it has samples."""
    count: Positive | None = None
    """Exactly so many samples an epoch, whatever its weight; repeated if it has fewer."""
    cap: Positive | None = None
    """At most so many samples an epoch."""

    @model_validator(mode="after")
    def _mapping_fits_reader(self) -> Source:
        if (self.reader == "mapping") != (self.mapping is not None):
            raise ValueError(
                "mapping (where to find image, question, answer) belongs to the reader `mapping`, and to it alone"
            )
        return self

    @field_validator("key_pattern")
    @classmethod
    def _key_pattern_has_a_group(cls, pattern: str | None) -> str | None:
        return pattern if pattern is None else _with_group(pattern, "key")

    @model_validator(mode="after")
    def _count_stands_alone(self) -> Source:
        if self.count is not None and (self.weight is not None or self.cap is not None):
            raise ValueError("count says how many samples an epoch: weight and cap have no meaning beside it")
        return self


class Duplicates(Section):
    """What counts as the same image, and which samples are removed for it."""

    distance: Annotated[int, Field(ge=0, le=16)]
    """Near duplicates: images whose perceptual hashes differ in at most so many of 144 bits."""
    remove: Literal["nothing", "samples", "images"]
    """samples: a later sample with the same images and the same text; images: every later sample with such an image."""


class Mixture(Section):
    """How much of each source an epoch shows. Sources with ``count`` stand outside of it."""

    temperature: Annotated[float, Field(gt=0, le=1000)]
    """1: sources by their sizes (or weights); above 1: small ones more often, as size ** (1 / temperature)."""
    pretrain: Positive | None
    """Samples in an epoch of stage 1; null: as many as there are, none repeated."""
    finetune: Positive | None
    """Samples in an epoch of stage 2."""


class BenchmarkSource(Section):
    """One benchmark's items."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    origin: str
    layout: str
    """How it is laid out, asked and scored: a file of components/benchmarks/layouts. Checked before ingest begins."""
    image_id: str | None = None
    """Pattern whose first group, found in an image's name, is its id in the collection that it comes from, which
    training images may have in their names, too: ``(\\d{12})\\.`` for MS COCO. null: images are compared by their looks
    alone."""

    @field_validator("image_id")
    @classmethod
    def _image_id_has_a_group(cls, pattern: str | None) -> str | None:
        return pattern if pattern is None else _with_group(pattern, "id")


class Ingest(Section):
    """What data go in, and what they are checked against."""

    image_side: Annotated[int, Field(ge=1, le=2**14)]
    """Images are stored with their shorter side this long (pixels), if they are larger."""
    max_length: Length
    """Longest sample in tokens, image tokens included; longer ones lose turns from their end."""
    shard_mib: Annotated[int, Field(ge=1, le=2**16)]
    """Size of a shard, about (MiB)."""
    split: Split
    duplicates: Duplicates
    remove_leaks: bool
    """Remove training samples that show a benchmark's image or ask its question; they are listed in any case."""
    mixture: Mixture
    sources: Annotated[list[Source], Field(min_length=1)]
    benchmarks: list[BenchmarkSource]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Ingest:
        for entries in (self.sources, self.benchmarks):
            names = [entry.name for entry in entries]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"names must be unique; given twice: {', '.join(twice)}")
        return self


class LearningRates(Section):
    """Peak learning rates of what is trained."""

    connector: Annotated[float, Field(gt=0, lt=1)]
    lora: Annotated[float, Field(gt=0, lt=1)] | None = None


class Training(Section):
    """What both training stages share."""

    epochs: Annotated[float, Field(gt=0, le=10**4)]
    batch: AtOnce
    """Samples a step, over all workers."""
    micro_batch: AtOnce
    """Samples that a worker computes at once, padded to the longest; gradients of several make a step."""
    pack_length: Length | None
    """Instead of padding, lay samples end to end: tokens of a sequence, which a worker computes at once. Attention
    stays within a sample. null: pad."""
    learning_rate: LearningRates
    warmup: Share
    """Share of the steps over which the learning rates rise."""
    weight_decay: Annotated[float, Field(ge=0, le=100)]
    clip: Annotated[float, Field(gt=0, le=10**6)]
    """Largest norm of the gradient."""
    max_length: Length
    precision: Literal["fp32", "bf16"]
    workers: Workers
    """Ray Train workers: one a GPU, or one a share of the CPU cores."""
    device: Literal["cpu", "gpu"]
    zero_stage: Annotated[int, Field(ge=0, le=3)]
    """DeepSpeed ZeRO stage."""
    gradient_checkpointing: bool
    """Compute activations again in the backward pass instead of keeping them: less memory, about a third more time."""
    feature_cache_mib: Annotated[int, Field(ge=0, le=1024**2)]
    """Memory (MiB) for what the image encoder makes of pictures that are shown more than once, so that it computes each
    once; with one worker, and only if all of them fit. 0: none is kept."""
    loader_processes: Annotated[int, Field(ge=0, le=1024)]
    """Processes a worker that decode pictures while it trains; 0: it decodes them itself, which suits a CPU."""
    log_every: Positive
    checkpoint_every: Positive
    """Steps between checkpoints, which a run that was cut short goes on from."""
    max_failures: Times
    """How many lost workers a run survives."""

    @model_validator(mode="after")
    def _batch_divides(self) -> Training:
        if self.batch % (self.micro_batch * self.workers):
            raise ValueError(
                f"batch ({self.batch}) must be a multiple of micro_batch x workers "
                f"({self.micro_batch} x {self.workers} = {self.micro_batch * self.workers})"
            )
        return self

    @model_validator(mode="after")
    def _samples_fit(self) -> Training:
        if self.pack_length is not None and self.pack_length < self.max_length:
            raise ValueError(
                f"pack_length ({self.pack_length}) must be at least max_length ({self.max_length}): "
                "the longest sample has to fit into a sequence"
            )
        return self


class Pretrain(Training):
    """Stage 1: the connector learns captions."""


LinearLayer = Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class Lora(Section):
    """Low-rank adaptation (arXiv:2106.09685) of the language model's linear layers."""

    rank: Annotated[int, Field(ge=1, le=2**16)]
    alpha: Annotated[int, Field(ge=1, le=10**6)]
    dropout: Share
    targets: Annotated[list[LinearLayer], Field(min_length=1)]
    """Which linear layers of each of the language model's layers are adapted."""

    @model_validator(mode="after")
    def _targets_are_unique(self) -> Lora:
        twice = sorted({name for name in self.targets if self.targets.count(name) > 1})
        if twice:
            raise ValueError(f"targets must be unique; given twice: {', '.join(twice)}")
        return self


class Finetune(Training):
    """Stage 2: the connector and LoRA learn instructions."""

    lora: Lora

    @model_validator(mode="after")
    def _lora_has_a_rate(self) -> Finetune:
        if self.learning_rate.lora is None:
            raise ValueError("finetune.learning_rate.lora is missing: give LoRA a learning rate, e.g. 2.0e-5")
        return self


GpuName = Literal[
    "A100-40GB", "A100-80GB", "H100-SXM", "H100-PCIe", "H200-SXM", "L4", "L40S", "A10", "RTX-4090", "RTX-3090"
]


class Plan(Section):
    """What ``--plan`` of a training stage assumes. No stage reads it, so that changing it reruns nothing."""

    gpu: GpuName
    """What each worker would have."""
    mfu: Annotated[float, Field(gt=0, le=1)]
    """Model FLOPs utilisation: the share of the GPU's peak that training reaches. An assumption until measured."""
    price_per_gpu_hour: Price
    currency: str
    """In words, such as US dollars."""


class Run(Section):
    """Where a run keeps what it needs to go on, and what it shows beside. Nothing here changes a result."""

    checkpoints: str
    """Folder or fsspec address (``s3://bucket/folder``) for training's checkpoints."""
    tensorboard: bool
    """Write TensorBoard's event files to scratch/tensorboard, too."""


class Params(Section):
    """params.yaml."""

    profile: str
    """Which profile was written into this file: a label that every run carries."""
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    backbones: Backbones
    model: Model
    ingest: Ingest
    pretrain: Pretrain
    finetune: Finetune
    plan: Plan
    evaluate: Evaluate
    export: Export
    run: Run
