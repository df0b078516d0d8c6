"""``aihub:<data set number>[/<file key>,<file key>,...]``: data sets of AI Hub, through the API of its own script.

The answer is one tar, kept as ``download.tar``. The account's key is read from the environment variable
AIHUB_APIKEY and is never printed. A download that broke off goes on where it stopped, if the service allows it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from components.files.atomic import write_json
from components.ingest.origins.store import Progress
from components.ingest.records import SourceError
from components.stages.keys import hide, read_key

SERVICE = "https://api.aihub.or.kr"
KEY_VARIABLE = "AIHUB_APIKEY"

_PLACE = re.compile(r"(?P<number>[0-9]+)(/(?P<keys>[0-9]+(,[0-9]+)*))?")
_RANGE = re.compile(r"bytes (?P<start>[0-9]+)-[0-9]+/(?P<total>[0-9]+)")
_TRIES = 7
_LONGEST_PAUSE = 60
"""Between two tries, in first pauses."""
_TIMEOUT = httpx.Timeout(30, read=300)
"""Seconds; the service packs the archive before its first byte."""
_MOST_TEXT = 200
_PASSING = (429, 500, 503, 504)
"""What is worth another try. Not 502: the service answers that to accounts that may not have the data set."""


class BrokenOff(Exception):
    """A transfer that did not end well, which another try may mend."""


@dataclass(frozen=True)
class Wanted:
    """What a place names."""

    number: str
    keys: str
    """Of the files, with commas between, or ``all``."""

    @property
    def page(self) -> str:
        """Where people look at the data set, and apply for it."""
        return f"https://www.aihub.or.kr/aihubdata/data/view.do?dataSetSn={self.number}"


@dataclass(frozen=True)
class Version:
    """What must be the same for a download to go on; None where the service does not say."""

    total: int | None
    etag: str | None
    modified: str | None


@dataclass(frozen=True)
class Part:
    """The beginning of a download, and beside it of which version it is."""

    file: Path

    @property
    def _note(self) -> Path:
        return self.file.with_name(f"{self.file.name}.json")

    def done(self) -> int:
        """Bytes that are here of a version that can be recognised; 0 if another try has to begin anew."""
        version = self.version()
        if version is None or version.total is None or not self.file.is_file():
            return 0
        size = self.file.stat().st_size
        return size if size < version.total else 0

    def version(self) -> Version | None:
        """Of which version the beginning is."""
        try:
            return Version(**json.loads(self._note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def begin(self, version: Version) -> None:
        """An empty file; it is emptied first, so that bytes never lie under another version's note."""
        self.file.write_bytes(b"")
        write_json(self._note, asdict(version))

    def drop(self) -> None:
        """Forget the beginning."""
        self.file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        """Give the whole download its name."""
        os.replace(self.file, target)
        self._note.unlink(missing_ok=True)


def parse(place: str) -> Wanted:
    """The data set and its files.

    Raises:
        SourceError: if the place is no number with keys of files.
    """
    match = _PLACE.fullmatch(place)
    if not match:
        raise SourceError(
            f"origin 'aihub:{place}' in params.yaml names no data set: write aihub:<number>, or "
            "aihub:<number>/<file key>,<file key> (numbers and keys stand in the data set's list of files)"
        )
    keys = sorted(set((match["keys"] or "").split(",")), key=lambda key: (len(key), key))
    return Wanted(match["number"], ",".join(keys) or "all")


def fetch(place: str, seed: int, scratch: Path, service: str = SERVICE, pause_s: float = 1.0) -> Path:
    """The folder with the data set's ``download.tar``, which is downloaded unless it is there.

    Args:
        pause_s: seconds before the second try; later pauses double.

    Raises:
        SourceError: if the key is missing or refused, or the download fails for good.
    """
    wanted = parse(place)
    digest = hashlib.sha256(wanted.keys.encode()).hexdigest()[:8]
    folder = scratch / f"aihub-{wanted.number}-{digest}"
    target = folder / "download.tar"
    if not target.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _download(wanted, Part(target.with_name(".download.tar.part")), target, service, pause_s)
        except OSError as error:
            raise SourceError(f"aihub:{place} cannot be saved in {folder}: {error.strerror}") from None
    return folder


def _download(wanted: Wanted, part: Part, target: Path, service: str, pause_s: float) -> None:
    """Try until the whole archive is here."""
    tries = Retrying(
        retry=retry_if_exception_type((BrokenOff, httpx.TransportError)),
        stop=stop_after_attempt(_TRIES),
        wait=wait_exponential_jitter(multiplier=pause_s, max=_LONGEST_PAUSE * pause_s, jitter=pause_s),
        before_sleep=_tell,
        reraise=True,
    )
    key = _key()
    with _client(service, key) as client:
        try:
            tries(_one_try, client, wanted, part)
        except (BrokenOff, httpx.TransportError) as error:
            raise SourceError(
                f"AI Hub's data set {wanted.number} could not be downloaded in {_TRIES} tries ({_why(error)}): "
                "run the stage again later; what is here already is kept"
            ) from None
    _check_tar(part, wanted, key)
    part.finish(target)


def _key() -> str:
    """The account's key."""
    key = read_key(KEY_VARIABLE)
    if not key:
        raise SourceError(
            f"AI Hub asks for a key: set the environment variable {KEY_VARIABLE} to your account's (AI Hub mails it)"
        )
    return key


def _client(service: str, key: str) -> httpx.Client:
    """A client that shows the key to the service only, wherever that may redirect to."""
    # Packed transfers would make lengths and positions meaningless.
    headers = {"apikey": key, "Accept-Encoding": "identity"}
    client = httpx.Client(base_url=service, headers=headers, timeout=_TIMEOUT, follow_redirects=True)
    client.event_hooks = {"request": [partial(_keep_key, client.base_url)]}
    return client


def _keep_key(home: httpx.URL, request: httpx.Request) -> None:
    if (request.url.scheme, request.url.netloc) != (home.scheme, home.netloc):
        request.headers.pop("apikey", None)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    print(f"ingest: AI Hub: {_why(error)}; trying again", flush=True)


def _why(error: BaseException | None) -> str:
    return str(error) if isinstance(error, BrokenOff) else f"the connection broke: {type(error).__name__}"


def _one_try(client: httpx.Client, wanted: Wanted, part: Part) -> None:
    """Load what is missing.

    Raises:
        BrokenOff, httpx.TransportError: if another try may do better.
        SourceError: if it would not.
    """
    done = part.done()
    headers = {"Range": f"bytes={done}-"} if done else {}
    address = f"/down/0.6/{wanted.number}.do?fileSn={wanted.keys}"
    with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == 416:
            part.drop()
        if answer.status_code not in (200, 206):
            _refuse(answer, wanted, client.headers["apikey"])
        total = _begin(answer, part, done)
        _save(answer, part, total, f"AI Hub {wanted.number}")
    size = part.file.stat().st_size
    if total is not None and size != total:
        raise BrokenOff(f"it sent {size:,} of {total:,} bytes")


def _begin(answer: httpx.Response, part: Part, done: int) -> int | None:
    """Make the part ready for the answer's bytes; gives the whole archive's size, if it is known."""
    version = _version(answer)
    if answer.status_code == 200:
        part.begin(version)
        return version.total
    match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if not done or not match or int(match["start"]) != done or version != part.version():
        part.drop()
        raise BrokenOff("it went on with other bytes than asked for, or with another version")
    return version.total


def _version(answer: httpx.Response) -> Version:
    """Which version an answer is of, be it the whole or the rest."""
    match = _RANGE.fullmatch(answer.headers.get("Content-Range", "")) if answer.status_code == 206 else None
    length = match["total"] if match else answer.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() else None
    return Version(total, answer.headers.get("ETag"), answer.headers.get("Last-Modified"))


def _save(answer: httpx.Response, part: Part, total: int | None, name: str) -> None:
    """Append an answer's bytes to the part."""
    with part.file.open("ab") as file:
        progress = Progress(name, total, file.tell())
        for piece in answer.iter_raw():
            file.write(piece)
            progress.add(len(piece))


def _refuse(answer: httpx.Response, wanted: Wanted, key: str) -> None:
    """Say why there is no archive.

    Raises:
        BrokenOff: if that may pass.
        SourceError: if it will not.
    """
    status = answer.status_code
    if status in _PASSING or status == 416:
        raise BrokenOff(f"it answered {status}")
    if status in (401, 403):
        raise SourceError(
            f"AI Hub answered {status}: the key in {KEY_VARIABLE} is wrong or has expired; ask for a new one there"
        )
    text = " ".join(hide(next(answer.iter_text(4 * _MOST_TEXT), ""), key).split())[:_MOST_TEXT]
    if status == 502:
        raise SourceError(
            f"AI Hub answered 502: {text}; usually this account is not approved for data set {wanted.number}: "
            f"apply at {wanted.page}"
        )
    raise SourceError(
        f"AI Hub answered {status}: {text}; check the number and the keys of the files in aihub:{wanted.number}"
        f"/{wanted.keys} at {wanted.page}"
    )


def _check_tar(part: Part, wanted: Wanted, key: str) -> None:
    """Not every answer that ends well is an archive.

    Raises:
        SourceError: with the beginning of the answer; it is not kept.
    """
    try:
        with tarfile.open(part.file, "r:") as archive:
            names = archive.getnames()
    except (tarfile.TarError, ValueError, OverflowError):
        names = []
    if not names:
        with part.file.open("rb") as file:
            start = hide(file.read(4 * _MOST_TEXT).decode(errors="replace"), key)[:_MOST_TEXT]
        part.drop()
        raise SourceError(
            f"AI Hub's answer for data set {wanted.number} is not a whole tar archive; it begins with {start!r}. "
            f"Run the stage again; if that does not help, look at {wanted.page}"
        )
