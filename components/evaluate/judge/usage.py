"""What a run of the judge took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from components.evaluate.judge.replies import Reply
from components.params.evaluation import JudgePrice

_MILLION = 1e6


@dataclass
class Usage:
    """Replies of this run alone; judgements that were taken from the store cost nothing."""

    price: JudgePrice | None
    wanted: int = 0
    """Judgements; those that are the same for several cases count once."""
    stored: int = 0
    """Of these, taken from the store."""
    succeeded: int = 0
    """Of these, made in this run."""
    failures: Counter[str] = field(default_factory=Counter)
    """The others by reason."""
    replies: int = 0
    """Texts that came, whether they could be read or not."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    unmetered: int = 0
    """Replies whose tokens the server did not tell."""

    def add(self, reply: Reply) -> None:
        """Count a reply."""
        if reply.text is None:
            return
        self.replies += 1
        self.prompt_tokens += reply.prompt_tokens or 0
        self.completion_tokens += reply.completion_tokens or 0
        self.unmetered += reply.prompt_tokens is None or reply.completion_tokens is None

    @property
    def cost(self) -> float | None:
        """In the price's currency; None without a price, or where tokens are not all known."""
        if self.price is None or self.unmetered:
            return None
        return (self.prompt_tokens * self.price.input + self.completion_tokens * self.price.output) / _MILLION

    def __str__(self) -> str:
        parts = [
            f"{self.stored + self.succeeded} of {self.wanted} judgements ({self.stored} from earlier)",
            f"{self.prompt_tokens:,} + {self.completion_tokens:,} tokens asked and replied",
        ]
        if self.price and self.cost is not None:
            parts.append(f"{self.cost:.4f} {self.price.currency}")
        if self.unmetered:
            parts.append(f"{self.unmetered} replies without a count of tokens")
        parts += [f"{count} x {reason}" for reason, count in self.failures.most_common() if count]
        return ", ".join(parts)
