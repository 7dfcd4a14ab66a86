from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.interfaces.report.wording import left_out, line, number, percent, signed
from tweetfocus.ranking.eligibility import Dropped, Left


@given(st.text(max_size=400), st.integers(12, 300))
def test_a_line_is_one_line_of_at_most_so_many_characters_and_bytes(text: str, most: int) -> None:
    short = line(text, most)
    assert len(short) <= most
    assert len(short.encode()) <= 1.5 * most
    assert len(short.splitlines()) <= 1
    plain = " ".join(text.split())
    assert not (plain.isascii() and plain.isprintable() and len(plain) <= most) or short == plain


def test_what_is_not_known_is_a_dash() -> None:
    assert [percent(None), number(float("nan")), signed(float("inf"))] == ["–"] * 3
    assert [percent(0.0), number(0), signed(-0.126)] == ["0 %", "0", "−0.13"]


def test_left_out_counts_all_and_names_those_who_may_be_named() -> None:
    dropped = [Dropped(str(n), f"s{n}", Left.SPAM) for n in range(50)] + [Dropped("p", "p", Left.PROTECTED)]
    spam, protected = left_out(dropped)
    assert (spam["count"], len(spam["names"]), spam["names"][0]) == (50, 40, "@s0")
    assert (protected["count"], protected["names"]) == (1, [])
