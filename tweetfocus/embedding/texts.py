"""Which texts speak for an account, and what is left of a text once the machinery of the platform is taken out.

Names are not used: a person's name says nothing about their profession, and much that is nobody's business.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.data.dataset import Dataset

__all__ = ["SpeakingTexts", "clean_text", "has_substance", "speaking_texts"]

_MAX_RAW = 20_000  # characters read of a text, and
_MAX_CLEAN = 1_000  # kept: more than any encoder here takes in

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
_URL = re.compile(r"(?:https?://|www\.)\S+|\b(?:pic\.twitter\.com|t\.co)/\S+", re.IGNORECASE)
_REPOST = re.compile(r"^\s*RT @\w+:?", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])[@＠][\w.-]*\w")
_HASH = re.compile(r"[#＃](?=\w)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TAGWORD = re.compile(r"[#＃](\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces between words


def clean_text(text: str | None) -> str:
    """The words of a text: without URLs, @handles, HTML, hash signs, control characters and extra white space.

    Hashtags stay as words, #CamelCase taken apart; a reposter's `RT @name:` goes.

    Example:
        >>> clean_text("RT @ana: Grid &amp; storage <b>news</b>  https://x.example/1 #HeatPumps")
        'Grid & storage news Heat Pumps'
    """
    if not text:
        return ""
    text = html.unescape(text[:_MAX_RAW])
    text = _TAG.sub(" ", text)
    text = _REPOST.sub(" ", text)
    text = _URL.sub(" ", text)
    text = _TAGWORD.sub(lambda match: _CAMEL.sub(" ", match.group(1)), text)
    text = _HASH.sub("", _HANDLE.sub(" ", text))
    text = unicodedata.normalize("NFC", text)
    # joiners inside emoji and words stay; other controls, and marks that turn the direction of reading, go
    text = "".join(c if c in "\u200c\u200d" or unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(text.split())[:_MAX_CLEAN].strip()


def has_substance(cleaned: str, *, words: int = 3) -> bool:
    """Whether a cleaned text says enough to speak for somebody: some words, or some characters of a script without spaces.

    Example:
        >>> has_substance("lol yes"), has_substance("Chef de partie, Lyon")
        (False, True)
    """
    return len(set(_WORD.findall(cleaned.lower()))) >= words or len(_DENSE.findall(cleaned)) >= 2 * words


@dataclass(frozen=True, slots=True)
class SpeakingTexts:
    """The cleaned texts that speak for the accounts of a dataset.

    Attributes:
        bios: one per account; empty where there is none worth encoding.
        posts: the texts of the posts in `post_rows`.
        post_rows: ascending rows of `Dataset.posts`.
        offsets: (n + 1,) account `i` speaks through `posts[offsets[i]:offsets[i + 1]]`.
    """

    bios: tuple[str, ...]
    posts: tuple[str, ...]
    post_rows: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]


def speaking_texts(data: Dataset, *, max_posts: int = 200) -> SpeakingTexts:
    """Choose the texts that speak for each account: the bio, and its newest posts that say something.

    Repeated posts of one account count once: saying a thing often does not make it a larger interest.

    Args:
        data: the dataset.
        max_posts: per account.

    Example:
        >>> from tweetfocus.data.records import Account, Post
        >>> posts = [Post(account_id="1", text="Queues in front of the warehouse"), Post(account_id="1", text="ok")]
        >>> speaking_texts(Dataset.from_records([Account(account_id="1", bio="SQL all day")], posts=posts)).posts
        ('Queues in front of the warehouse',)
    """
    bios = tuple(bio if has_substance(bio, words=1) else "" for bio in map(clean_text, data.accounts["bio"].to_pylist()))
    texts: list[str] = []
    rows: list[int] = []
    offsets = np.zeros(len(data) + 1, dtype=np.int64)
    starts = data.post_offsets
    for account in np.flatnonzero(np.diff(starts)):
        first, last = int(starts[account]), int(starts[account + 1])
        chosen: list[tuple[int, str]] = []
        seen: set[str] = set()
        for row, text in zip(range(last - 1, first - 1, -1), _newest_first(data, first, last), strict=True):
            cleaned = clean_text(text)
            if cleaned not in seen and has_substance(cleaned):
                seen.add(cleaned)
                chosen.append((row, cleaned))
                if len(chosen) == max_posts:
                    break
        for row, cleaned in reversed(chosen):
            rows.append(row)
            texts.append(cleaned)
        offsets[account + 1] = len(chosen)
    return SpeakingTexts(bios, tuple(texts), np.array(rows, dtype=np.int64), np.cumsum(offsets))


def _newest_first(data: Dataset, first: int, last: int) -> Sequence[str]:
    texts: list[str] = data.posts["text"].slice(first, last - first).to_pylist()
    return texts[::-1]
