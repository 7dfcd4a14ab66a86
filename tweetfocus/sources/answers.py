"""What goes out to servers and what comes back: secrets from the environment, bodies with a limit, JSON of any shape."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

__all__ = ["AnswerTooLarge", "as_time", "bounded", "error_name", "every", "load", "pasted", "pick", "secret"]

MOST_BYTES = 32 * 2**20  # a page of 100 posts has about 0.5 MB
MOST_SECONDS = 120.0  # a body that comes in drops keeps every read below its time-out


class AnswerTooLarge(Exception):
    """A body that is too large, or that takes too long to arrive."""


def bounded(chunks: Iterable[bytes], *, most: int = MOST_BYTES, seconds: float = MOST_SECONDS) -> Iterator[bytes]:
    """The chunks of a body as they come, as long as it is not too large and does not take too long.

    Raises:
        AnswerTooLarge: more than `most` bytes, or more than `seconds`.

    Example:
        >>> b"".join(bounded([b"[1, ", b"2]"]))
        b'[1, 2]'
    """
    until = time.monotonic() + seconds
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise AnswerTooLarge(f"more than {most // 2**20} MB")
        if time.monotonic() > until:
            raise AnswerTooLarge(f"not complete after {seconds:.0f} s")
        yield chunk


def load(body: bytes) -> Any:
    r"""JSON as Python values; halves of surrogate pairs, which are no text, become question marks.

    Raises:
        ValueError: it is not JSON, or nested too deeply to be an answer.

    Example:
        >>> load(b'{"name": "x\\ud800y"}')
        {'name': 'x?y'}
    """
    try:
        value = json.loads(body)
        if re.search(rb"\\u[dD][89a-fA-F]", body):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def pick(value: Any, *path: str) -> Any:
    """What lies at the end of a path of keys; None where the path breaks off.

    Example:
        >>> pick({"reply": {"parent": {"uri": "at://x"}}}, "reply", "parent", "uri")
        'at://x'
        >>> pick({"reply": "none"}, "reply", "parent", "uri") is None
        True
    """
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def every(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of the list at the end of a path; nothing where there is no list.

    Example:
        >>> every({"labels": [{"val": "spam"}, 7]}, "labels")
        [{'val': 'spam'}]
    """
    found = pick(value, *path) if path else value
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def as_time(value: Any) -> Any:
    """A time as `datetime`; what is none is handed on as it is, for `collect` to list.

    Example:
        >>> as_time("2026-03-01T08:00:00.000Z").isoformat(), as_time("soon")
        ('2026-03-01T08:00:00+00:00', 'soon')
    """
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def error_name(value: Any) -> str:
    """A word that a server gives for an error, fit for a message: never its free text, which may echo what was sent.

    Example:
        >>> error_name("RateLimitExceeded"), error_name("Bearer abc")
        ('RateLimitExceeded', '')
    """
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{1,40}", value) else ""


def pasted(text: str) -> str:
    r"""A handle as it was copied from a page, without the spaces and invisible marks that come along.

    Example:
        >>> pasted("\u202a@ana.example.social\u202c ")
        '@ana.example.social'
    """
    return re.sub("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text).strip()


def secret(name: str) -> str | None:
    """A password or token from the environment, as `TWEETFOCUS_name` or as `name`; None where there is none."""
    return (os.environ.get(f"TWEETFOCUS_{name}") or os.environ.get(name) or "").strip() or None
