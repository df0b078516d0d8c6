"""Verify a bundle in this process: hashes, loading, one question without a picture and one with.

``python -m components.export.verify BUNDLE``
"""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageDraw

from components.bundles.manifest import check_bundle
from components.bundles.runtime import Runtime, answer, open_bundle
from components.export.warning import warn
from components.stages.command import make_parser, run_command
from components.stages.errors import UserError

_TOKENS = 16
_LAST_LINES = 20
_REPLACEMENT = "\ufffd"
"""What stands where a tokenizer's bytes are no UTF-8."""

_Found = TypeVar("_Found")


class VerificationFailed(UserError):
    """A bundle does not do what it should in a process of its own."""


def verify(folder: Path, threads: int | None = None) -> None:
    """Print one line a check, with seconds.

    Args:
        threads: None: as many as the runtime thinks fit.

    Raises:
        BundleError: if a file is missing, damaged or not of this bundle, or the runtime is not installed.
        VerificationFailed: if the runtime fails, or an answer is empty or is no text.
    """
    manifest = _timed("hashes", lambda: check_bundle(folder), lambda found: f"{len(found.files)} files")
    warn(manifest)
    runtime = _timed("load", lambda: open_bundle(folder, threads), lambda _: f"{manifest.format} {manifest.weights}")
    _timed("text", lambda: _ask(runtime, "봄 다음 계절은 무엇인가요?", None), repr)
    _timed("picture", lambda: _ask(runtime, "그림에 무엇이 보이나요?", draw_picture()), repr)


def verify_in_fresh_process(folder: Path) -> None:
    """Run this module as a program of its own.

    Raises:
        VerificationFailed: with the program's last lines.
    """
    command = [sys.executable, "-m", "components.export.verify", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        lines = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        raise VerificationFailed(f"{folder} does not run in a fresh process (exit code {done.returncode}):\n{lines}")


def draw_picture() -> Image.Image:
    """A red circle on white, wider than high."""
    picture = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(picture).ellipse((100, 60, 220, 180), fill="red")
    return picture


def is_text(told: object) -> bool:
    """Whether something can be read: at least one character that is no space, control or replacement character."""
    return isinstance(told, str) and any(
        sign != _REPLACEMENT and unicodedata.category(sign)[0] not in "ZC" for sign in told
    )


def _ask(runtime: Runtime, question: str, picture: Image.Image | None) -> str:
    told = answer(runtime, question, picture, _TOKENS)
    if not is_text(told):
        asked = "a picture" if picture else "text alone"
        raise VerificationFailed(f"the answer to a question about {asked} is empty or no text: {told!r}")
    return told


def _timed(name: str, check: Callable[[], _Found], describe: Callable[[_Found], str]) -> _Found:
    started = time.perf_counter()
    try:
        found = check()
    except UserError:
        raise
    except Exception as error:  # a runtime raises what it likes, and that it does not is what is verified
        raise VerificationFailed(f"{name}: {type(error).__name__}: {error}") from error
    print(f"{name}: {time.perf_counter() - started:.2f} s, {describe(found)}", flush=True)
    return found


def main() -> None:
    """Command line. Exit code 1 with the reason if a check fails."""
    parser = make_parser("components.export.verify", __doc__)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument("--threads", type=int, help="default: as many as the runtime thinks fit")
    arguments = parser.parse_args()
    run_command(lambda: verify(arguments.bundle, arguments.threads))


if __name__ == "__main__":
    main()
