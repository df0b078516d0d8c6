"""Rows of JSON files, one after the other: a file of 1 GB as Python objects would take 6 GB.

The standard library's decoder takes them from a growing buffer. (Streaming parsers refuse NaN and half characters,
which Python's own json writes, and with them whole data sets.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from components.archives.files import Entry, Files
from components.ingest.readers.texts import text_lines, text_pieces
from components.ingest.records import BadRow, SourceError
from components.params.schema import Source

_SMALL = 4 * 1024**2
"""Bytes of a label file that is one of many."""
_MOST_CHARACTERS = 256 * 1024**2
"""Of one value."""
_LONGEST_SIGN = 16
"""What must not be cut by the end of the buffer: a literal, an escape, the end of a number. In characters."""
_SPACE = re.compile(r"[ \t\r\n]*")


def json_rows(files: Files, entry: Entry, key: str | None = None) -> Iterator[Any]:
    """The elements of a file's list, or its lines.

    A file that is an object has the list at ``key``; without a key, the object is the only row (or one of several in
    a row, as in JSON lines). A line of a ``.jsonl`` file that is no JSON comes as a BadRow in its place.

    Raises:
        SourceError: naming the file and the place where it is no JSON, or that it lacks the list.
    """
    if entry.name.lower().endswith(".jsonl"):
        yield from (_line(line) for line in text_lines(files, entry) if line.strip())
        return
    document = _Document(files, entry)
    if document.next_is("["):
        yield from document.elements()
    elif key is not None:
        yield from (row for _, row in document.lists({key}))
    else:
        yield document.value()
        while document.next_is("{"):
            yield document.value()
    document.end()


def json_lists(files: Files, entry: Entry, keys: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The elements of some lists of a file's object, each with its list's key, in the file's order.

    Raises:
        SourceError: if the file is no object, lacks one of the lists, or is no JSON.
    """
    document = _Document(files, entry)
    yield from document.lists(keys)
    document.end()


def whole_json(files: Files, entry: Entry) -> Any:
    """A file's value, in memory.

    Raises:
        SourceError: naming the file, if it is no JSON.
    """
    document = _Document(files, entry)
    value = document.value()
    document.end()
    return value


def one_of_many(entry: Entry, rows: Iterator[Any]) -> Iterator[Any]:
    """Rows of one of a data set's many files. If it is broken and small, this is a BadRow behind what could be read.

    Raises:
        SourceError: if the file is broken and not small.
    """
    try:
        yield from rows
    except SourceError as error:
        if entry.size > _SMALL:
            raise
        yield BadRow(f"label unreadable: {error}")


def label_rows(files: Files, source: Source) -> Iterator[Any]:
    """Rows of all label files (.json) that lie where the data set's rows do; a root list gives its elements.

    Raises:
        SourceError: if there is none, or a large one is broken.
    """
    found = False
    for entry in files.entries(".json", origin=0):
        found = True
        yield from one_of_many(entry, json_rows(files, entry))
    if not found:
        raise SourceError(f"source {source.name}: {source.origin} has no label file (.json)")


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadRow(f"line is not JSON: {error}")


class _Document:
    """A file that is read from its beginning to its end, value by value."""

    def __init__(self, files: Files, entry: Entry) -> None:
        self._name, self._pieces, self._json = entry.name, text_pieces(files, entry), json.JSONDecoder()
        self._text, self._place, self._passed, self._ended = "", 0, 0, False

    def next_is(self, sign: str) -> bool:
        """Whether the next value or sign begins so."""
        return self._skip_space() == sign

    def value(self) -> Any:
        """The next value, whole."""
        self._skip_space()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error):
                    raise self._broken(error.msg, error.pos) from None
            except (ValueError, RecursionError) as error:  # a number of thousands of digits; lists in lists without end
                raise self._broken(error, self._place) from None
            else:
                if self._ended or len(self._text) - end > _LONGEST_SIGN:  # a number at the very end may go on
                    self._place = end
                    return value
            self._read_on()

    def elements(self) -> Iterator[Any]:
        """The elements of a list."""
        return self._separated("[", "]", self.value)

    def lists(self, keys: Collection[str]) -> Iterator[tuple[str, Any]]:
        """The elements of an object's lists that have one of the keys, each with its key."""
        missing = set(keys)
        for key in self._separated("{", "}", self._key):
            if not self.next_is("["):
                self.value()
                continue
            for element in self.elements():  # others, too, are passed over element by element: they may be long
                if key in keys:
                    yield key, element
            missing.discard(key)
        if missing:
            raise SourceError(f"{self._name} must hold the lists {' and '.join(sorted(keys))}")

    def end(self) -> None:
        """Nothing may follow."""
        if self._skip_space():
            raise self._broken("something follows its end", self._place)

    def _separated(self, first: str, last: str, take: Callable[[], Any]) -> Iterator[Any]:
        self._sign(first)
        if self.next_is(last):
            return self._sign(last)
        while True:
            yield take()
            if self.next_is(last):
                return self._sign(last)
            self._sign(",")

    def _key(self) -> str:
        key = self.value() if self.next_is('"') else None
        if not isinstance(key, str):
            raise self._broken("expected a key", self._place)
        self._sign(":")
        return key

    def _sign(self, sign: str) -> None:
        if self._skip_space() != sign:
            raise self._broken(f"expected {sign}", self._place)
        self._place += 1

    def _skip_space(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]
            if self._place < len(self._text):
                return self._text[self._place]
            if self._ended:
                return ""
            self._read_on()

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may be well, only not read to its end."""
        if self._ended or len(self._text) - self._place > _MOST_CHARACTERS:
            return False
        return error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _LONGEST_SIGN

    def _read_on(self) -> None:
        """As much again as is held already, so that a long value is not begun too often."""
        self._passed += self._place
        held = [self._text[self._place :]]
        wanted, self._place = 2 * len(held[0]), 0
        while sum(map(len, held)) <= wanted and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            held.append(piece or "")
        self._text = "".join(held)

    def _broken(self, why: object, place: int) -> SourceError:
        near = self._text[place : place + 30]
        return SourceError(f"{self._name} is not JSON: {why} (character {self._passed + place:,}, before {near!r})")
