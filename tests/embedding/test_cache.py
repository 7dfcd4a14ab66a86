from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tweetfocus.embedding.cache import VectorCache, text_hash
from tweetfocus.errors import StorageError


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "not" / "yet" / "there" / "vectors.sqlite")


def _rows(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float16)


def test_what_was_put_is_found_at_its_positions(cache: VectorCache) -> None:
    cache.put("e", ["chef", "nurse"], _rows([0.1, 1], [-2, 65504]))
    positions, vectors = cache.get("e", ["nurse", "pilot", "chef", "nurse"], 2)
    assert positions.tolist() == [0, 2, 3]
    assert vectors.dtype == np.float16
    np.testing.assert_array_equal(vectors, _rows([-2, 65504], [0.1, 1], [-2, 65504]))


def test_another_opening_finds_them_too(cache: VectorCache) -> None:
    cache.put("e", ["chef"], _rows([1, 2]))
    assert VectorCache(str(cache.path)).get("e", ["chef"], 2)[1].tolist() == [[1, 2]]


def test_nothing_asked_and_nothing_known(cache: VectorCache) -> None:
    for texts in ([], ["pilot"]):
        positions, vectors = cache.get("e", texts, 3)
        assert (positions.tolist(), vectors.shape, vectors.dtype) == ([], (0, 3), np.float16)
    cache.put("e", [], np.zeros((0, 3), np.float16))


def test_many_texts(cache: VectorCache) -> None:
    texts = [f"text {i}" for i in range(1201)]
    cache.put("e", texts[::2], np.arange(601, dtype=np.float16)[:, None])
    positions, vectors = cache.get("e", texts, 1)
    assert positions.tolist() == list(range(0, 1201, 2))
    assert vectors.ravel().tolist() == list(range(601))


def test_the_last_put_counts(cache: VectorCache) -> None:
    cache.put("e", ["chef"], _rows([1, 2]))
    cache.put("e", ["chef"], _rows([3, 4]))
    assert cache.get("e", ["chef"], 2)[1].tolist() == [[3, 4]]


def test_encoders_do_not_see_each_other(cache: VectorCache) -> None:
    cache.put("one", ["chef"], _rows([1, 2]))
    assert cache.get("two", ["chef"], 2)[0].tolist() == []
    cache.put("two", ["chef"], _rows([3, 4]))
    assert cache.get("one", ["chef"], 2)[1].tolist() == [[1, 2]]


def test_vectors_of_another_length_are_not_taken(cache: VectorCache) -> None:
    cache.put("e", ["chef", "nurse"], _rows([1, 2], [3, 4]))
    with contextlib.closing(sqlite3.connect(cache.path)) as db, db:
        db.execute("UPDATE vectors SET vector = x'00' WHERE text = ?", (text_hash("chef"),))
    positions, vectors = cache.get("e", ["chef", "nurse"], 2)
    assert (positions.tolist(), vectors.tolist()) == ([1], [[3, 4]])
    assert cache.get("e", ["nurse"], 3)[0].tolist() == []


def test_put_wants_one_vector_per_text(cache: VectorCache) -> None:
    with pytest.raises(ValueError, match="shorter"):
        cache.put("e", ["chef", "nurse"], _rows([1, 2]))


def test_forgetting_goes_through_every_encoder(cache: VectorCache) -> None:
    for encoder in ("one", "two"):
        cache.put(encoder, ["chef", "nurse"], _rows([1, 2], [3, 4]))
    assert cache.forget(["chef", "pilot"]) == 2
    assert cache.get("one", ["chef", "nurse"], 2)[0].tolist() == [1]
    assert cache.get("two", ["chef", "nurse"], 2)[0].tolist() == [1]
    assert cache.forget(["chef"]) == 0


def test_no_text_is_in_the_file(cache: VectorCache) -> None:
    cache.put("e", ["a private sentence"], _rows([1, 2]))
    written = b"".join(path.read_bytes() for path in cache.path.parent.iterdir())
    assert b"SQLite format 3" in written
    assert b"private" not in written


def test_hashes_are_16_bytes_of_the_text_alone() -> None:
    assert len(text_hash("chef")) == 16
    assert text_hash("chef") == text_hash("chef") != text_hash("Chef")


# -- files that are something else ---------------------------------------------------------------------------------------------


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\n" * 200)
    with pytest.raises(StorageError, match=r"letter\.txt: not usable as a vector cache .*delete it or name another file"):
        VectorCache(path)
    assert path.read_text() == "Dear all,\n" * 200


def test_a_folder_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not usable as a vector cache"):
        VectorCache(tmp_path)


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        VectorCache(tmp_path / "cache" / "vectors.sqlite")


def test_a_database_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE vectors (x)")
    cache = VectorCache(path)
    with pytest.raises(StorageError, match="not usable"):
        cache.get("e", ["chef"], 2)
    with pytest.raises(StorageError, match="not usable"):
        cache.put("e", ["chef"], _rows([1, 2]))


def test_a_cache_damaged_later(cache: VectorCache) -> None:
    cache.path.write_bytes(b"damaged" * 1000)
    with pytest.raises(StorageError, match="not usable"):
        cache.get("e", ["chef"], 2)


# -- several processes ---------------------------------------------------------------------------------------------------------

_WRITER = """
import sys
import numpy as np
from tweetfocus.embedding.cache import VectorCache
path, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
cache = VectorCache(path)
print("ready", flush=True)
for i in range(rounds):
    texts = [f"{name} {i}", f"everybody {i}"]
    cache.put("e", texts, np.full((2, 4), i % 1000, np.float16))
    assert len(cache.get("e", texts, 4)[0]) == 2
"""


def _writer(path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", _WRITER, str(path), name, str(rounds)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"  # made by whoever comes first
    writers = [_writer(path, name, 40) for name in "abcd"]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0] * 4
    texts = [f"{name} {i}" for name in ("a", "b", "c", "d", "everybody") for i in range(40)]
    positions, vectors = VectorCache(path).get("e", texts, 4)
    assert len(positions) == 200
    np.testing.assert_array_equal(vectors, np.repeat(np.tile(np.arange(40), 5), 4).reshape(200, 4))


def test_a_killed_writer_leaves_a_cache_that_works(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    with _writer(path, "a", 1_000_000) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
        cache = VectorCache(path)
        while len(cache.get("e", ["a 20"], 4)[0]) == 0:
            pass
        writer.kill()
    assert writer.returncode == -signal.SIGKILL
    cache.put("e", ["after"], np.ones((1, 4), np.float16))
    positions, vectors = cache.get("e", [f"a {i}" for i in range(20)] + ["after"], 4)
    assert positions.tolist() == list(range(21))
    assert vectors[:, 0].tolist() == [*range(20), 1]
