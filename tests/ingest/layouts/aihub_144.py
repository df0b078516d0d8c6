"""AI Hub 144: a zip a class of images, another of labels with the same stems; folders name the classes."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

from tests.archives.builders import parts_of, tar_of, write, zip_of
from tests.ingest.layouts.expected import Expected, as_json
from tests.ingest.layouts.pictures import HEIGHT, WIDTH, sign

_PLACE = "유적건조물/64_유적건조물/64/HF010785_석탑"
BOX = [16.0, 12.0, 80.0, 60.0]


def build(folder: Path) -> Expected:
    """Write the data set."""
    images = {f"{_PLACE}/HF010785_0002_{n:04}.jpg": sign(str(n)) for n in (1, 2, 3, 4, 5, 6, 8)}
    images[unicodedata.normalize("NFD", f"{_PLACE}/HF010785_0002_0007.JPG")] = sign("7")
    labels = {f"라벨/{_PLACE}/HF010785_0002_{n:04}.json": data for n, data in _labels().items()}
    sources = parts_of("[원천]64_유적건조물.zip", zip_of(images), 11)
    targets = parts_of("[라벨]64_유적건조물.zip", zip_of(labels), 1)
    write(folder, {"download.tar": tar_of({**sources, **targets})})
    return Expected(
        kept=4,
        refused={
            "image missing": 1,
            "label missing": 1,
            "no description": 1,
            "boxcorners is not four numbers": 1,
            "label unreadable": 1,
        },
    )


def label(text: Any, box: Any, **size: Any) -> dict[str, Any]:
    """What one image's file holds."""
    region = {"boxcorners": box, "sem_ext": [{"key": "설명", "value": text}], "class": "64"}
    return {"regions": [region], **size}


def _labels() -> dict[int, bytes]:
    size = {"width": WIDTH, "height": HEIGHT}
    return {
        1: as_json(label("사진에 석탑이 있습니다.", BOX, **size)),
        2: as_json(label("석탑이 두 기 있습니다.", [-16, 12, 80, 60], image=size)),
        3: b"\xef\xbb\xbf" + as_json(label("돌로 쌓은 탑입니다.", BOX)),
        4: as_json(label(None, BOX, **size)),
        5: as_json(label("탑입니다.", [1, 2, "3", None], **size)),
        6: b'{"regions": [',
        7: as_json(label("오래된 탑입니다.", BOX, images=[size])),
        9: as_json(label("사진이 없는 탑입니다.", BOX, **size)),
    }
