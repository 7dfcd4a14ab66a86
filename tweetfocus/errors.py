"""Every error this library raises on purpose.

    TweetfocusError
    ├── DataError        (ValueError)   a folder, file, row or field that is not what it should be
    ├── UnknownAccount   (LookupError)  an account that the index or dataset does not hold
    ├── InvalidRequest   (ValueError)   arguments that contradict each other or ask for nothing
    ├── MissingExtra     (ImportError)  an optional part that is not installed
    ├── EncoderError     (RuntimeError) a model that cannot be loaded, or is not the one it claims to be
    ├── SourceError      (RuntimeError) a platform that does not give what was asked of it
    │   ├── NotAuthorized               no key, or one that the platform refuses
    │   ├── Refused                     one thing that this key may not read
    │   ├── OutOfCredit                 nothing left to pay with
    │   ├── RateLimited                 too many requests; says when to go on
    │   ├── Unavailable                 no answer, or none that can be read; trying again may help
    │   └── StaleCursor                 a place in a list that the platform no longer knows
    └── StorageError     (OSError)      an index, cache or table that cannot be written or read back
        └── Mismatch                    an index made with another encoder or another format

Catch `TweetfocusError` for all of them, or the built-in class in brackets where that is what a caller expects.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "DataError",
    "EncoderError",
    "InvalidRequest",
    "Mismatch",
    "MissingExtra",
    "NotAuthorized",
    "OutOfCredit",
    "RateLimited",
    "Refused",
    "SourceError",
    "StaleCursor",
    "StorageError",
    "TweetfocusError",
    "Unavailable",
    "UnknownAccount",
]


class TweetfocusError(Exception):
    """The root of all errors of this library.

    Example:
        >>> import tweetfocus as tf
        >>> try:
        ...     tf.read_dataset("no/such/folder")
        ... except tf.TweetfocusError as error:
        ...     print(type(error).__name__)
        DataError
    """


class DataError(TweetfocusError, ValueError):
    """Input that cannot be used; the message names the file, row or field and what to do.

    Example:
        >>> issubclass(DataError, ValueError)
        True
    """


class UnknownAccount(TweetfocusError, LookupError):
    """An account id or @username that is not there; the message suggests near names.

    Example:
        >>> print(UnknownAccount("@anna", near=["@hanna"]))
        no account '@anna' here; did you mean @hanna?
    """

    def __init__(self, who: str, *, near: Sequence[str] = ()) -> None:
        self.who = who
        self.near = tuple(near)
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        super().__init__(f"no account {who!r} here{hint}")


class InvalidRequest(TweetfocusError, ValueError):
    """Arguments that contradict each other, are out of range, or ask for nothing.

    Example:
        >>> issubclass(InvalidRequest, ValueError)
        True
    """


class MissingExtra(TweetfocusError, ImportError):
    """An optional part that is not installed; the message is the exact install line.

    Example:
        >>> print(MissingExtra("offline", "the model that works without a network"))
        the model that works without a network needs an extra: pip install 'tweetfocus[offline]'
    """

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f"{purpose} needs an extra: pip install 'tweetfocus[{extra}]'")


class EncoderError(TweetfocusError, RuntimeError):
    """A model that cannot be loaded, whose weights are not the expected ones, or that returns nonsense.

    Example:
        >>> issubclass(EncoderError, RuntimeError)
        True
    """


class SourceError(TweetfocusError, RuntimeError):
    """A platform that does not give what was asked of it; the message never holds a token.

    Example:
        >>> issubclass(SourceError, RuntimeError)
        True
    """


class NotAuthorized(SourceError):
    """No key, or one that the platform refuses: nothing can be read; the message says how to give one.

    Example:
        >>> issubclass(NotAuthorized, SourceError)
        True
    """


class Refused(SourceError):
    """One thing that this key may not read, such as somebody's private list; everything else may go on.

    Example:
        >>> issubclass(Refused, SourceError)
        True
    """


class OutOfCredit(SourceError):
    """Nothing left to pay with on the platform: credits, a spending limit or a monthly cap.

    Example:
        >>> issubclass(OutOfCredit, SourceError)
        True
    """


class RateLimited(SourceError):
    """Too many requests. `until` is the time in Unix seconds from which on it may be asked again, None where it is not known.

    Example:
        >>> RateLimited("x: too many requests", until=1_700_000_000).until
        1700000000
    """

    def __init__(self, message: str, *, until: float | None = None) -> None:
        self.until = until
        super().__init__(message)


class Unavailable(SourceError):
    """No answer, a fault of the platform's, or an answer that cannot be read: trying again may help.

    `charged` is False where the platform has clearly not delivered anything; otherwise it may have charged for a lost answer.

    Example:
        >>> Unavailable("x: 503 Service Unavailable", charged=False).charged
        False
    """

    def __init__(self, message: str, *, charged: bool = True) -> None:
        self.charged = charged
        super().__init__(message)


class StaleCursor(SourceError):
    """A place in a list that the platform no longer knows: the list has to be read from its beginning.

    Example:
        >>> issubclass(StaleCursor, SourceError)
        True
    """


class StorageError(TweetfocusError, OSError):
    """Something that cannot be written or read back whole: disk full, no permission, damaged file.

    Example:
        >>> issubclass(StorageError, OSError)
        True
    """


class Mismatch(StorageError):
    """An index made with another encoder or another format; the message says what to do.

    Example:
        >>> issubclass(Mismatch, StorageError)
        True
    """
