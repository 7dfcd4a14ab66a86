"""`VectorCache`: a text is encoded once per machine. One SQLite file, keyed by encoder fingerprint and text hash, never by account.

It holds hashes and vectors, no texts. Several processes may use it at once (WAL); a lost race only means a vector written twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import StorageError

__all__ = ["VectorCache", "text_hash"]

Halves = npt.NDArray[np.float16]
_PAGE = 500  # keys per query; SQLite takes at least 999 parameters


def text_hash(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


class VectorCache:
    """Vectors of texts, kept in a file.

    Args:
        path: the SQLite file; made when it is not there.

    Raises:
        StorageError: the file cannot be opened, or is something else.

    Example:
        >>> import tempfile, pathlib
        >>> cache = VectorCache(pathlib.Path(tempfile.mkdtemp()) / "vectors.sqlite")
        >>> cache.put("hashing-2", ["chef"], np.array([[0, 1]], np.float16))
        >>> cache.get("hashing-2", ["chef", "nurse"], 2)
        (array([0]), array([[0., 1.]], dtype=float16))
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path.parent}: cannot be made ({error.strerror})") from error
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS vectors (encoder TEXT, text BLOB, vector BLOB NOT NULL, PRIMARY KEY (encoder, text)) "
                "WITHOUT ROWID"
            )

    def __repr__(self) -> str:
        return f"VectorCache({str(self.path)!r})"

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # a connection per call: cheap beside encoding, and safe across threads and forks
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as db:
                db.execute("PRAGMA synchronous=NORMAL")
                with db:
                    yield db
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"{self.path}: not usable as a vector cache ({error}); delete it or name another file"
            ) from error

    def get(self, encoder: str, texts: Sequence[str], dimension: int) -> tuple[npt.NDArray[np.int64], Halves]:
        """Positions of the texts that are known, and their vectors (found, dimension)."""
        hashes = [text_hash(text) for text in texts]
        positions: list[int] = []
        blobs: list[bytes] = []
        with self._open() as db:
            for start in range(0, len(hashes), _PAGE):
                page = hashes[start : start + _PAGE]
                marks = ",".join("?" * len(page))
                asked = f"SELECT text, vector FROM vectors WHERE encoder = ? AND text IN ({marks})"  # noqa: S608 (only "?")
                found = dict(db.execute(asked, (encoder, *page)))
                for position, key in enumerate(page, start):
                    blob = found.get(key)
                    if blob is not None and len(blob) == 2 * dimension:
                        positions.append(position)
                        blobs.append(blob)
        vectors = np.frombuffer(b"".join(blobs), dtype="<f2").reshape(-1, dimension)
        return np.array(positions, dtype=np.int64), vectors

    def put(self, encoder: str, texts: Sequence[str], vectors: Halves) -> None:
        """Keep the vectors (n, dimension) of `texts`."""
        rows = [(encoder, text_hash(t), v.astype("<f2").tobytes()) for t, v in zip(texts, vectors, strict=True)]
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def forget(self, texts: Sequence[str]) -> int:
        """Remove `texts` under every encoder; returns how many vectors went."""
        with self._open() as db:
            before = db.total_changes
            db.executemany("DELETE FROM vectors WHERE text = ?", [(text_hash(t),) for t in texts])
            return db.total_changes - before
