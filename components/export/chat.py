"""Talk to a bundle in the terminal, in Korean.

``python -m components.export.chat BUNDLE [IMAGE]``
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from PIL import Image

from components.bundles.conversation import Heard, Turn
from components.bundles.manifest import read_manifest
from components.bundles.runtime import Runtime, open_bundle
from components.export.warning import warn
from components.korean.text import nfc
from components.stages.command import make_parser, run_command
from components.stages.errors import UserError

_PROMPT = "질문> "
_HELP = """\
  /그림 파일    다른 그림으로 대화를 새로 시작합니다 (/image)
  /새로         같은 그림으로 대화를 새로 시작합니다 (/new)
  /도움         이 도움말 (/help)
  /끝           끝내기 (/quit, Ctrl-D); 답하는 도중에는 Ctrl-C로 멈춥니다
"""


class PictureError(UserError):
    """A picture is not there, or is damaged."""


class Chat:
    """A conversation about at most one picture, line by line."""

    def __init__(
        self, runtime: Runtime, picture: Image.Image | None, max_new_tokens: int, write: Callable[[str], object]
    ) -> None:
        self._runtime, self._picture, self._max_new_tokens, self._write = runtime, picture, max_new_tokens, write
        self._turns: list[Turn] = []

    def hear(self, line: str) -> bool:
        """Answer a question, or do what a line that begins with a slash says. False: that was the end."""
        line = nfc(line).strip()
        command, _, rest = line.partition(" ")
        if command in ("/끝", "/quit", "/exit"):
            return False
        if command in ("/그림", "/image"):
            self._look_at(Path(rest.strip()).expanduser())
        elif command in ("/새로", "/new"):
            self._begin()
        elif command.startswith("/"):
            self._write(_HELP)
        elif line:
            self._answer(line)
        return True

    def _begin(self) -> None:
        self._turns = []
        self._write("새 대화를 시작합니다.\n")

    def _look_at(self, path: Path) -> None:
        try:
            self._picture = open_picture(path)
        except PictureError as error:
            self._write(f"그림을 읽을 수 없습니다: {error}\n")
        else:
            self._begin()

    def _answer(self, question: str) -> None:
        turns = [*self._turns, Turn("user", question)]
        told = ""
        try:
            with closing(Heard(self._runtime.stream(turns, self._picture, self._max_new_tokens))) as heard:
                for piece in heard:
                    told += piece
                    self._write(piece)
            self._write("\n" if heard.ending and not heard.ending.is_cut else " …\n")
        except KeyboardInterrupt:
            self._write(" (멈춤)\n")
        except Exception as error:  # a runtime raises what it likes; the conversation goes on without this question
            self._write(f"\n답하지 못했습니다: {error}\n")
            return
        self._turns = [*turns, Turn("assistant", told.strip())]


def open_picture(path: Path) -> Image.Image:
    """A picture, wholly read.

    Raises:
        PictureError: if there is none, or it is damaged.
    """
    try:
        picture = Image.open(path)
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(f"{path} ({error})") from error
    return picture


def _lines() -> Iterator[str]:
    """What is typed, with line editing; or what is piped in, without prompts."""
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with suppress(ImportError):
        import readline  # noqa: F401  # `input` edits lines with it
    while True:
        try:
            yield input(_PROMPT)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print()


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    """Command line. Exit code 1 with the reason if bundle or picture cannot be opened."""
    about = f"Talk to a bundle in the terminal. In a conversation:\n\n{_HELP}"
    parser = make_parser("components.export.chat", about)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument("image", type=Path, nargs="?", metavar="IMAGE", help="what the conversation is about")
    parser.add_argument("--max-new-tokens", type=int, default=256, help="of an answer; default: %(default)s")
    parser.add_argument("--threads", type=int, help="default: as many as the runtime thinks fit")
    arguments = parser.parse_intermixed_args()  # options may stand between bundle and image
    run_command(lambda: _talk(arguments.bundle, arguments.image, arguments.threads, arguments.max_new_tokens))


def _talk(bundle: Path, image: Path | None, threads: int | None, max_new_tokens: int) -> None:
    picture = open_picture(image) if image else None
    runtime = open_bundle(bundle, threads)
    warn(read_manifest(bundle))
    chat = Chat(runtime, picture, max_new_tokens, _write)
    if sys.stdin.isatty():
        _write(_HELP)
    for line in _lines():
        if not chat.hear(line):
            break


if __name__ == "__main__":
    main()
