from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from tweetfocus.index.mapped import some_rows

ROWS = np.array([5_000, 3, 3, 19_999])


@pytest.fixture
def mapped(tmp_path: Path) -> np.memmap:
    np.save(tmp_path / "rows.npy", np.arange(20_000 * 256, dtype=np.float32).reshape(20_000, 256))
    found = np.load(tmp_path / "rows.npy", mmap_mode="r")
    assert isinstance(found, np.memmap)
    return found


def test_they_are_the_rows(mapped: np.memmap) -> None:
    found = some_rows(mapped, ROWS)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, np.asarray(mapped)[ROWS])
    np.testing.assert_array_equal(some_rows(np.asarray(mapped), ROWS), found)
    assert some_rows(mapped, ROWS[:0]).shape == (0, 256)


@pytest.mark.skipif(not Path("/proc/self/smaps").exists() or not hasattr(mmap, "MADV_DONTNEED"), reason="needs Linux")
def test_what_lies_around_them_is_given_back(mapped: np.memmap) -> None:
    def held() -> int:
        lines = Path("/proc/self/smaps").read_text("utf-8").splitlines()
        at = next(number for number, line in enumerate(lines) if line.endswith("rows.npy"))
        return next(int(line.split()[1]) for line in lines[at:] if line.startswith("Rss:"))

    np.asarray(mapped).sum()
    assert held() > 10_000  # kilobytes: all of it has been read
    some_rows(mapped, ROWS)
    assert held() == 0


def test_what_was_written_to_a_private_map_is_kept(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((20_000, 256), np.float32))
    private = np.load(tmp_path / "rows.npy", mmap_mode="c")
    private[3] = 7
    for _ in range(2):
        assert some_rows(private, ROWS)[1:3].tolist() == [[7.0] * 256] * 2
