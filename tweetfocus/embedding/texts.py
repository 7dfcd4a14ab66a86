"""Which texts speak for an account, and what is left of a text once the machinery of the platform is taken out.

Names are not used: a person's name says nothing about their profession, and much that is nobody's business.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tweetfocus.data.dataset import Dataset

__all__ = ["SpeakingTexts", "clean_text", "has_substance", "speaking_texts"]

_MAX_RAW = 20_000  # characters read of a text, and
_MAX_CLEAN = 1_000  # kept: more than any encoder here takes in
_ROUNDS = 4  # how deep escapes may be nested; texts that went through several exports are escaped twice

_HUGE = re.compile(r"&#\d{10,};?")  # no character has such a number, and `html.unescape` fails on thousands of digits
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>|<(?=[a-zA-Z/!])")
_URL = re.compile(r"(?:https?://|www\.(?=\w))\S+|\b(?:pic\.twitter\.com|t\.co)/\S+", re.IGNORECASE)
_NAME = r"[@＠]+\w+(?:[.-]\w+|[@＠]+\w+)*"  # @ana, @ana.bsky.social, @ana@mastodon.social
_REPOST = re.compile(rf"^(?:\s*RT {_NAME}:?)+", re.IGNORECASE)
_HANDLE = re.compile(rf"(?<![\w@＠]){_NAME}")
_HASHTAG = re.compile(r"[#＃](\w+)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")  # scripts without spaces between words


def clean_text(text: str | None) -> str:
    """The words of a text: without URLs, @handles, HTML, hash signs, control characters and extra white space.

    Hashtags stay as words, #CamelCase taken apart; a reposter's `RT @name:` goes. What is clean stays as it is.

    Example:
        >>> clean_text("RT @ana: Grid &amp; storage <b>news</b>  https://x.example/1 #HeatPumps")
        'Grid & storage news Heat Pumps'
    """
    if not text:
        return ""
    # whatever goes leaves a space: what stood on its two sides must not become a word, tag or handle
    text = _TAG.sub(" ", _plain(text[:_MAX_RAW]))
    text = _REPOST.sub(" ", text)
    text = _URL.sub(" ", text)
    text = _HASHTAG.sub(lambda match: " " + _CAMEL.sub(" ", match.group(1)), text)
    text = _HANDLE.sub(" ", _URL.sub(" ", text))  # a hashtag taken apart may lay an address bare
    return " ".join(text.split())[:_MAX_CLEAN].strip()


def _plain(text: str) -> str:
    """Unescaped, composed, and without invisible characters; each of the three may bring up work for the others."""
    for _ in range(_ROUNDS):
        before = text = " ".join(text.split())
        text = html.unescape(_HUGE.sub(" ", text))
        if not text.isprintable():
            text = "".join(map(_visible, text))
        text = unicodedata.normalize("NFC", text)
        if text == before:
            return text
    return text.replace("&", " ")


def _visible(character: str) -> str:
    """Joiners inside emoji and words stay; soft hyphens and marks that turn the direction of reading go, other controls part words."""
    if character in "\u200c\u200d" or (kind := unicodedata.category(character))[0] != "C":
        return character
    return "" if kind == "Cf" and character != "\u200b" else " "


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

    def by_account(self) -> list[list[str]]:
        """What each account says: the bio, where there is one, and its posts."""
        posts = [self.posts[first:last] for first, last in pairwise(self.offsets.tolist())]
        return [[bio, *own] if bio else list(own) for bio, own in zip(self.bios, posts, strict=True)]


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
            if len(chosen) >= max_posts:
                break
            cleaned = clean_text(text)
            if cleaned not in seen and has_substance(cleaned):
                seen.add(cleaned)
                chosen.append((row, cleaned))
        for row, cleaned in reversed(chosen):
            rows.append(row)
            texts.append(cleaned)
        offsets[account + 1] = len(chosen)
    return SpeakingTexts(bios, tuple(texts), np.array(rows, dtype=np.int64), np.cumsum(offsets))


def _newest_first(data: Dataset, first: int, last: int) -> Sequence[str]:
    texts: list[str] = data.posts["text"].slice(first, last - first).to_pylist()
    return texts[::-1]
