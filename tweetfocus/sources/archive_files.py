"""The files of an X archive, zip or unpacked: only those on a short list are ever opened, read in place, record by record.

Archives hold messages, phone numbers, addresses and advertising data. Names vary by year, so what is open is listed here, and nothing
else is. A zip may be hostile: nothing is unpacked, and sizes are measured while reading, never believed.
"""

from __future__ import annotations

import codecs
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tweetfocus.data.records import Issue
from tweetfocus.errors import DataError

__all__ = ["ArchiveFiles", "is_archive", "read_records", "read_value"]

# type -> names without part number; older archives say tweet, newer ones tweets
_OPEN = {
    "manifest": ("manifest",),
    "account": ("account",),
    "profile": ("profile",),
    "following": ("following",),
    "follower": ("follower",),
    "mute": ("mute",),
    "block": ("block",),
    "tweets": ("tweets", "tweet"),
    "note-tweet": ("note-tweet",),
    "like": ("like",),
}
_TYPES = {name: kind for kind, names in _OPEN.items() for name in names}
_NAME = re.compile(r"data/([a-z-]+?)(?:-part(\d{1,6}))?\.js")
# before 2019: one file for each month, and the owner in a file of its own
_MONTH = re.compile(r"data/js/tweets/(\d{4})_(\d{2})\.js")
_OWNER = "data/js/user_details.js"
_MOST_ENTRIES = 400_000
_MOST_BYTES = 64 * 2**30  # unpacked, all files together
_MOST_RATIO = 400  # unpacked to packed; JSON of posts packs about 1 to 10
_RATIO_FROM = 64 * 2**20  # bytes from which on the ratio counts
_MOST_RECORD = 16 * 2**20  # characters
_CHUNK = 2**18
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, struct.error)


def is_archive(path: Path) -> bool:
    """Whether `path` looks like an X archive: any zip, or a folder with the data files of one."""
    if path.is_file():
        return path.suffix.lower() == ".zip"
    return any((path / "data" / name).is_file() for name in ("manifest.js", "account.js", "js/user_details.js", "tweets.js"))


class ArchiveFiles:
    """An opened archive: which files of each type it has, and streams of them.

    Attributes:
        opened: names of all files that were opened, in order.
        issues: what is odd about the archive as a whole.

    Raises:
        DataError: not a zip or folder, not an archive of X, or one with too many entries.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[str] = []
        self.issues: list[Issue] = []
        self._zip: zipfile.ZipFile | None = None
        self._unpacked = 0
        if path.is_dir():
            names = self._names_of_folder()
        elif path.is_file():
            names = self._names_of_zip()
        else:
            raise DataError(f"{path}: no such file or folder")
        self._names = _allowed(names)
        if not set(self._names) & {"account", "manifest", "tweets"}:
            self.close()
            raise DataError(f"{path}: not an archive of X; it holds no data/account.js, data/manifest.js or data/tweets.js")

    def __repr__(self) -> str:
        return f"ArchiveFiles({str(self.path)!r})"

    def close(self) -> None:
        """Close the zip."""
        if self._zip is not None:
            self._zip.close()

    def names(self, kind: str) -> list[str]:
        """The files of one type, in order of their parts."""
        return [name for _, name in sorted(self._names.get(kind, {}).items())]

    def _names_of_folder(self) -> dict[str, str]:
        found = {}
        for pattern in ("data/*.js", "data/js/*.js", "data/js/tweets/*.js"):
            for path in sorted(self.path.glob(pattern)):
                name = path.relative_to(self.path).as_posix()
                if path.is_symlink() or path.parent.is_symlink():
                    self._note(name, "a symbolic link; not opened")
                elif path.is_file():
                    found[name] = name
        return found

    def _names_of_zip(self) -> dict[str, str]:
        try:
            entries = _entries(self.path)
            if entries > _MOST_ENTRIES:
                raise DataError(f"{self.path}: a zip with {entries:,} entries; archives of X have at most {_MOST_ENTRIES:,}")
            self._zip = zipfile.ZipFile(self.path)
            infos = self._zip.infolist()
        except (*_DAMAGED, ValueError) as error:
            raise DataError(f"{self.path}: not a readable zip ({error}); download the archive again") from error
        found: dict[str, str] = {}
        unsafe = 0
        prefix = _prefix([info.filename for info in infos])
        for info in infos:
            name = info.filename
            if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
                unsafe += 1
                continue
            inner = name.removeprefix(prefix)
            if not name.startswith(prefix) or not (_NAME.fullmatch(inner) or _MONTH.fullmatch(inner) or inner == _OWNER):
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                self._note(name, "a symbolic link; not opened")
            elif info.flag_bits & 1:
                self._note(name, "encrypted; not opened")
            elif inner in found:
                self._note(name, "stands in the zip more than once; the last one is read")
            found[inner] = name
            if stat.S_ISLNK(info.external_attr >> 16) or info.flag_bits & 1:
                del found[inner]
        if unsafe:
            self._note(self.path.name, f"{unsafe} entries lead out of the archive; not opened")
        return found

    def open(self, name: str) -> IO[bytes]:
        """A stream of one of `names`."""
        self.opened.append(name)
        if self._zip is None:
            return open(self.path / name, "rb")
        return self._zip.open(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file; raises `DataError` where it unpacks to more than an archive would hold."""
        packed = self._zip.getinfo(name).compress_size if self._zip is not None else None
        size = 0
        with self.open(name) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                self._unpacked += len(chunk)
                bomb = packed is not None and size > _RATIO_FROM and size > packed * _MOST_RATIO
                if bomb or self._unpacked > _MOST_BYTES:
                    raise DataError(f"{self.path}: {name} unpacks to far more than it says; this is not an archive from X")
                yield chunk

    def _note(self, name: str, why: str) -> None:
        self.issues.append(Issue(name, None, None, why))


def _allowed(names: dict[str, str]) -> dict[str, dict[tuple[int, int], str]]:
    """The files of each type by their place: parts by number, months by date."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    for inner, name in sorted(names.items()):
        if plain := _NAME.fullmatch(inner):
            if kind := _TYPES.get(plain[1]):
                found.setdefault(kind, {})[_OPEN[kind].index(plain[1]), int(plain[2] or 0)] = name
        elif month := _MONTH.fullmatch(inner):
            found.setdefault("tweets", {})[2, int(month[1] + month[2])] = name
        elif inner == _OWNER:
            found.setdefault("account", {})[2, 0] = name
    return found


def _prefix(names: list[str]) -> str:
    """The folder in which the archive lies inside its zip: none, or one that somebody packed with it."""
    for name in names:
        for mark in ("data/manifest.js", "data/account.js", _OWNER):
            if name == mark:
                return ""
            if name.endswith("/" + mark) and not name.startswith("__MACOSX/") and name.count("/") - mark.count("/") == 1:
                return name.removesuffix(mark)
    return ""


def _entries(path: Path) -> int:
    """How many entries a zip says it has, from its last bytes: before the whole list is loaded."""
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        start = max(0, size - 65_557 - 20)
        file.seek(start)
        tail = file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0 or len(tail) < at + 22:
            raise zipfile.BadZipFile("it ends without a list of its entries")
        entries, listed = struct.unpack_from("<HI", tail, at + 10)
        if entries == 0xFFFF and (place := tail.rfind(b"PK\6\7", 0, at)) >= 0:
            (offset,) = struct.unpack_from("<Q", tail, place + 8)
            file.seek(min(offset, size))
            record = file.read(56)
            if len(record) == 56:
                entries, listed = struct.unpack_from("<QQ", record, 32)
    return max(entries, listed // 46 if listed // 46 > _MOST_ENTRIES * 4 else 0)


def read_records(files: ArchiveFiles, name: str) -> Iterator[dict[str, Any] | Issue]:
    """The records of one data file, one by one, and an `Issue` where one cannot be read.

    The file assigns an array to a variable. It is never run: what follows the first `=` is read as JSON.
    """
    reader = _Reader(files.chunks(name))
    number = 0
    try:
        if not reader.seek("["):
            yield Issue(name, None, None, "holds no list of records; left out")
            return
        while reader.more():
            number += 1
            try:
                record = reader.value()
            except ValueError as error:
                rest = reader.resume()
                fate = "record left out" if rest else "all from here on left out"
                yield Issue(name, number, None, f"not JSON ({error}); {fate}")
                if not rest:
                    return
                continue
            if isinstance(record, dict):
                reader.wrapper = next(iter(record)) if len(record) == 1 else reader.wrapper
                yield record
            else:
                yield Issue(name, number, None, "not a record; left out")
        if not reader.closed:
            yield Issue(name, number, None, "the file ends in the middle; what came after is missing")
    except DataError:
        raise
    except _DAMAGED as error:
        yield Issue(name, number, None, f"damaged ({error}); all from here on left out")


def read_value(files: ArchiveFiles, name: str) -> Any:
    """The one value that a small file assigns, such as the manifest; `DataError` where it cannot be read."""
    text = ""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        for chunk in files.chunks(name):
            text += decoder.decode(chunk)
            if len(text) > _MOST_RECORD:
                raise DataError(f"{files.path}: {name} is too large")
        return json.loads(text.partition("=")[2].strip().removesuffix(";"))
    except (ValueError, RecursionError, *_DAMAGED) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{files.path}: {name} cannot be read ({error})") from error


class _Reader:
    """A JSON array read piece by piece: at any time only the text of one record and one chunk are held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._json = json.JSONDecoder(strict=False)  # old files hold raw line ends
        self._text, self._at, self._ended = "", 0, False
        self.closed = False
        self.wrapper: str | None = None  # the one key of records so far

    def _fill(self) -> bool:
        """Take another chunk; False at the end of the file."""
        if self._ended:
            return False
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        self._text, self._at = self._text[self._at :] + self._decode.decode(chunk, final=self._ended), 0
        return True

    def _peek(self) -> str:
        """The next character that is neither space nor comma; empty at the end."""
        while True:
            self._at = _BETWEEN.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def seek(self, mark: str) -> bool:
        """Go behind the `=` of the assignment, and behind `mark`."""
        while "=" not in self._text[self._at :] and len(self._text) < 4096 and self._fill():
            pass
        at = self._text.find("=", self._at)
        if at < 0:
            return False
        self._at = at + 1
        if self._peek() != mark:
            return False
        self._at += 1
        return True

    def more(self) -> bool:
        """Whether another record begins here."""
        found = self._peek()
        self.closed = found == "]"
        return bool(found) and not self.closed

    def value(self) -> Any:
        """The value that begins here; `ValueError` where it is no JSON or too large."""
        while True:
            try:
                value, self._at = self._json.raw_decode(self._text, self._at)
                return value
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - 10
                if cut and len(self._text) - self._at <= _MOST_RECORD and self._fill():
                    continue
                raise ValueError(error.msg) from None
            except RecursionError:
                raise ValueError("nested too deeply") from None

    def resume(self) -> bool:
        """Skip a broken record: go on where the next one seems to begin; False where none does."""
        key = re.escape(json.dumps(self.wrapper)) + r"\s*:" if self.wrapper else '"'
        mark = re.compile(r",\s*(?=\{\s*" + key + ")")
        while True:
            found = mark.search(self._text, self._at + 1)
            if found:
                self._at = found.end()
                return True
            self._at = max(self._at, len(self._text) - 64)
            if not self._fill():
                return False
