"""AI Hub 79: a zip a category, a folder a label, no JSON; ``download.tar`` holds the zips in parts."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from tests.archives.builders import cp949_zip, parts_of, tar_of, write, zip_of
from tests.ingest.layouts.expected import Expected
from tests.ingest.layouts.pictures import sign


def build(folder: Path) -> Expected:
    """Write the data set."""
    grilled = {
        unicodedata.normalize("NFD", "구이/갈비구이/Img_000_0000.jpg"): sign("갈비구이"),
        "구이/갈비구이/Img_000_0001.JPG": sign("갈비구이", "PNG"),
        "구이/갈비구이/Img_000_0002.png": b"\x89PNG not whole",
        "구이/갈비구이/crop_area.properties": b"Img_000_0000=1,2,3,4",
        "구이/갈비구이/Thumbs.db": b"-",
        "구이/닭갈비/Img_001_0000.gif": sign("닭갈비", "GIF"),
        "구이/닭갈비/Img_001_0001.webp": sign("닭갈비", "WEBP"),
        "top.jpg": sign("이름표 없음"),
    }
    steamed = cp949_zip("찜/갈비찜/Img_002_0000.jpg", sign("갈비찜"))
    parts = {**parts_of("구이.zip", zip_of(grilled), 12), **parts_of("찜.zip", steamed, 2)}
    write(folder, {"download.tar": tar_of({f"kfood/{name}": data for name, data in parts.items()})})
    return Expected(kept=5, refused={"image unreadable": 1, "no label folder": 1})
