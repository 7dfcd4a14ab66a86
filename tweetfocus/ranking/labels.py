"""What accounts and quotations look like inside a sentence."""

from __future__ import annotations

from tweetfocus.data.showing import printable

__all__ = ["label", "one_line"]


def one_line(text: str, most: int | None = None) -> str:
    r"""The text on one line, cut between words to at most `most` characters.

    Control characters, and marks that turn the direction of reading, go: a bio must not disguise the sentence that it stands in.

    Example:
        >>> one_line("Heat pumps,\n all day\u202e gnol", 17)
        'Heat pumps, all…'
    """
    line = printable(text)
    return line if most is None or len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def label(account_id: str, username: str | None, most: int | None = None) -> str:
    """@username where there is one, else the account id; on one line.

    Example:
        >>> label("7", "ana"), label("7", None)
        ('@ana', '7')
    """
    name = one_line(username or "")
    return one_line(f"@{name}" if name else account_id, most)
