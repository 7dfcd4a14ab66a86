from __future__ import annotations

import threading

import pytest

from tweetfocus.kernels.threads import at_once, processors


def test_results_come_in_the_order_of_the_parts() -> None:
    assert at_once(lambda part: part + 10, 4) == [10, 11, 12, 13]


def test_parts_run_at_the_same_time() -> None:
    meet = threading.Barrier(3, timeout=20)  # nobody passes until all three have come
    assert len(at_once(lambda _: meet.wait(), 3)) == 3


def test_the_first_part_needs_no_thread() -> None:
    for parts in (1, 3):
        assert at_once(lambda _: threading.current_thread(), parts)[0] is threading.current_thread()


@pytest.mark.parametrize("bad", [0, 2])
def test_an_error_in_a_part_is_an_error(bad: int) -> None:
    def fail(part: int) -> int:
        if part == bad:
            raise ValueError(f"part {part}")
        return part

    with pytest.raises(ValueError, match=f"part {bad}"):
        at_once(fail, 3)


def test_there_is_a_processor() -> None:
    assert processors() >= 1
