"""tweetfocus: whom should a professional follow?

It embeds bios and posts, builds the follow graph, and ranks candidate accounts by how closely they share a person's professional
interests, with the reasons. Start with `read_dataset`, `AccountIndex.build` and `recommend`.

Importing this package loads nothing heavy: each name brings its own module when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Account": "tweetfocus.data.records",
    "AccountIndex": "tweetfocus.index.account_index",
    "DataError": "tweetfocus.errors",
    "Dataset": "tweetfocus.data.dataset",
    "Encoder": "tweetfocus.embedding.encoders",
    "EncoderError": "tweetfocus.errors",
    "Facet": "tweetfocus.index.account_index",
    "Follow": "tweetfocus.data.records",
    "FollowGraph": "tweetfocus.data.graph",
    "HashingEncoder": "tweetfocus.embedding.encoders",
    "InvalidRequest": "tweetfocus.errors",
    "Issue": "tweetfocus.data.records",
    "Mismatch": "tweetfocus.errors",
    "MissingExtra": "tweetfocus.errors",
    "Post": "tweetfocus.data.records",
    "SentenceTransformerEncoder": "tweetfocus.embedding.encoders",
    "StorageError": "tweetfocus.errors",
    "TweetfocusError": "tweetfocus.errors",
    "UnknownAccount": "tweetfocus.errors",
    "VectorCache": "tweetfocus.embedding.cache",
    "read_dataset": "tweetfocus.data.dataset",
}

__all__ = [*sorted(_HOMES), "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tweetfocus' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
