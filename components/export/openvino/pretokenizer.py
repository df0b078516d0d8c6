"""Splits of a text before merging, reworded so that OpenVINO makes the same of them."""

from __future__ import annotations

import json
import re
from typing import Any

from tokenizers import Regex
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

_GROUP = re.compile(r"\((?:\?(?:[:=!>]|<[=!])|(?!\?))[^()]*\)")


def isolate_split(tokenizer: PreTrainedTokenizerFast) -> None:
    """Reword, in place, the first step that splits behind what it finds; ids stay the same.

    OpenVINO repeats text, or fails, where such a step (``merged_with_previous``) finds two things in a row. Steps that
    ``isolating_expression`` cannot reword stay as they are.
    """
    backend = tokenizer.backend_tokenizer
    described = json.loads(backend.to_str())["pre_tokenizer"] or {}
    for place, step in enumerate(described.get("pretokenizers", [described])):
        expression = isolating_expression(step)
        if expression is None:
            continue
        # Where all pieces are kept, inverting changes nothing, but it keeps OpenVINO from joining this step with a step
        # beside it that isolates, as "one|other", which splits elsewhere. For the same reason no second one is changed.
        split = Split(Regex(expression), "isolated", invert=True)
        if described["type"] == "Sequence":
            backend.pre_tokenizer[place] = split
        else:
            backend.pre_tokenizer = split
        return


def isolating_expression(step: dict[str, Any]) -> str | None:
    """What to isolate instead of splitting behind what a step finds.

    The first alternative takes all that is not found together with what is found next, or that alone where it comes
    at once; the second what remains when nothing is found any more: just the pieces of ``merged_with_previous``.

    Args:
        step: of a pre-tokenizer, as tokenizer.json has it.

    Returns:
        None if the step is another kind, or its expression cannot be seen to be right when it stands twice in another.
    """
    if (step.get("type"), step.get("behavior"), step.get("invert")) != ("Split", "MergedWithPrevious", False):
        return None
    literal, expression = (step["pattern"].get(kind) or "" for kind in ("String", "Regex"))
    if not (literal or _is_plain(expression)):
        return None
    # The end of a line is meant, which OpenVINO takes for the end of the text.
    found = re.escape(literal) if literal else expression.replace("$", r"(?![^\n])")
    return rf"(?>(?:(?!{found})[\s\S])*){found}|[\s\S]+"


def _is_plain(expression: str) -> bool:
    """Whether it surely finds a character or more, and has neither references nor alternatives outside of groups.

    It is enough that it begins with a letter or space that has to be there, and holds no escapes and classes.
    """
    if set(expression) & set("\\[^") or not re.match(r"[\w ](?![?*{])", expression):
        return False
    while (shorter := _GROUP.sub("", expression)) != expression:
        expression = shorter
    return not set(expression) & set("()|")
