"""A text's place in the picture, answered as a box."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.scoring.measure import Scored, item_measure
from components.scoring.parsers.box import Box, parse_box
from components.scoring.settings import Settings
from components.stages.errors import Unusable


def score_boxes(items: pd.DataFrame, settings: Settings) -> Scored:
    """Mean intersection over union over **all** items: an answer without a box counts 0, not nothing."""
    boxes = [parse_box(response) for response in items["response"]]
    pairs = zip(boxes, items["reference"], strict=True)
    overlaps = np.array([_overlap(box, reference) for box, reference in pairs], dtype=float)
    measures = [
        item_measure("mean_iou", items, overlaps),
        item_measure("iou_50", items, overlaps >= 0.5),
        item_measure("iou_75", items, overlaps >= 0.75),
        item_measure("parse_rate", items, [box is not None for box in boxes]),
    ]
    return Scored([_as_text(box) for box in boxes], measures, overlaps.tolist())


def intersection_over_union(first: Box, second: Box) -> float:
    """Shared area by joint area; 0 where both are empty."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = max(width, 0.0) * max(height, 0.0)
    joint = _area(first) + _area(second) - shared
    return shared / joint if joint > 0 else 0.0


def _overlap(box: Box | None, reference: str) -> float:
    wanted = parse_box(reference)
    if wanted is None:
        raise Unusable(f"reference {reference!r}: expected [x1,y1,x2,y2] between 0 and 1; fix the benchmark")
    return 0.0 if box is None else intersection_over_union(box, wanted)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _as_text(box: Box | None) -> str | None:
    return None if box is None else "[" + ",".join(f"{value:g}" for value in box) + "]"
