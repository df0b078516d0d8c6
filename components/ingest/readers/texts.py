"""Text files as a stream, in UTF-8, with or without a mark, or in CP949, which Korean Windows writes."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator

from components.archives.files import Entry, FileProblem, Files
from components.ingest.records import SourceError

_PIECE = 1024**2
_LONGEST_LINE = 64 * 1024**2


def text_pieces(files: Files, entry: Entry) -> Iterator[str]:
    """A file's text in pieces of about a million characters.

    The first piece that is not plain ASCII tells the encoding. Half characters pass, as Python's json reads them.

    Raises:
        SourceError: naming the file, if it is damaged or in another encoding.
    """
    decoder: codecs.IncrementalDecoder | None = None
    for piece in _byte_pieces(files, entry):
        if decoder is None and not piece.isascii():
            decoder = _decoder(piece)
        yield _decode(decoder, piece, entry)
    yield _decode(decoder, b"", entry)


def text_lines(files: Files, entry: Entry) -> Iterator[str]:
    """A file's lines, with their ends.

    Raises:
        SourceError: naming the file, if it is damaged, in another encoding, or has no lines.
    """
    rest = ""
    for piece in text_pieces(files, entry):
        *lines, rest = (rest + piece).split("\n")
        yield from (f"{line}\n" for line in lines)
        if len(rest) > _LONGEST_LINE:
            raise SourceError(f"{entry.name}: a line has more than {_LONGEST_LINE:,} characters")
    if rest:
        yield rest


def _byte_pieces(files: Files, entry: Entry) -> Iterator[bytes]:
    try:
        with files.open(entry) as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except FileProblem as reason:
        raise SourceError(str(reason)) from None
    except (OSError, ValueError, zlib.error) as error:
        raise SourceError(f"{entry.name} cannot be read: {error}") from None


def _decoder(piece: bytes) -> codecs.IncrementalDecoder:
    try:
        codecs.getincrementaldecoder("utf-8")("surrogatepass").decode(piece)
    except UnicodeDecodeError:
        return codecs.getincrementaldecoder("cp949")()
    return codecs.getincrementaldecoder("utf-8-sig")("surrogatepass")


def _decode(decoder: codecs.IncrementalDecoder | None, piece: bytes, entry: Entry) -> str:
    try:
        return decoder.decode(piece, final=not piece) if decoder else piece.decode("ascii")
    except UnicodeDecodeError as error:
        raise SourceError(f"{entry.name} is neither UTF-8 nor CP949: {error}") from None
