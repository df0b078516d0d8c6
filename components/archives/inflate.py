"""A member's bytes, unpacked as they are read, and checked."""

from __future__ import annotations

import io
import zlib

from components.archives.member import DEFLATED

_PIECE = 64 * 1024


class Inflated(io.RawIOBase):
    """Unpacks a stream, never to more bytes than were declared; the size and the checksum must be right at its end.

    Raises:
        OSError, ValueError: from ``read``, for what is damaged.
    """

    def __init__(self, packed: io.RawIOBase, method: int, size: int, crc: int | None) -> None:
        super().__init__()
        self._packed, self._size, self._crc = packed, size, crc
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if method == DEFLATED else None
        self._done, self._sum, self._held = 0, 0, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._next(len(buffer))
        self._done += len(piece)
        if self._done > self._size:
            raise ValueError(f"it holds more than the {self._size:,} bytes that it declares")
        if self._crc is not None:
            self._sum = zlib.crc32(piece, self._sum)
        if not piece and len(buffer):
            self._check_end()
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._packed.close()
        super().close()

    def _next(self, most: int) -> bytes:
        """Some bytes, at most ``most``; none at the end."""
        if self._inflate is None:
            return self._packed.read(most) or b""
        while not self._inflate.eof:
            self._held = self._held or self._packed.read(_PIECE) or b""
            try:
                piece = self._inflate.decompress(self._held, most)
            except zlib.error as error:
                raise ValueError(f"it cannot be unpacked ({error})") from None
            ended = not self._held
            self._held = self._inflate.unconsumed_tail
            if piece or ended:
                return piece
        return b""

    def _check_end(self) -> None:
        if self._done != self._size:
            raise ValueError(f"it holds {self._done:,} of the {self._size:,} bytes that it declares")
        if self._crc is not None and self._sum != self._crc:
            raise ValueError("its checksum is wrong")
