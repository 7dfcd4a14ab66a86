"""Signals: facts about one account's manners, read from its posts. Facts, not verdicts: what follows from them is decided in ranking.

Every share is NaN where there are too few posts to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import is_reply, is_repost
from tweetfocus.embedding.texts import clean_text

__all__ = ["Signals", "measure_signals"]

Floats = npt.NDArray[np.float32]

_FEWEST = 5  # posts of one's own; below, a share says nothing
_FEWEST_LINKS = 3
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@])@\w")
# links through these say nothing about where they lead
_SHORTENERS = {"t.co", "bit.ly", "buff.ly", "ow.ly", "tinyurl.com", "goo.gl", "lnkd.in", "dlvr.it", "trib.al", "fb.me", "is.gd"}


@dataclass(frozen=True, eq=False)
class Signals:
    """One value per account; shares lie in [0, 1].

    Attributes:
        posts: how many posts of the account the dataset holds.
        last_post: microseconds since 1970, or the smallest int64 where unknown.
        reply_share: part of all posts that answer somebody.
        repost_share: part of all posts that pass on somebody else's words.
        link_share: part of its own words (neither repost nor reply) that carry a link.
        repeat_share: part of its own words that repeat an earlier post of the account.
        one_site_share: of its posts with a link that can be read, the part that leads to the site it links most.
        alone_share: part of all posts that neither answer, pass on nor mention anybody.
        follow_back: part of its followers in the dataset that it follows back; NaN below five followers, or where its followings
            are not in the dataset.
    """

    posts: npt.NDArray[np.int64]
    last_post: npt.NDArray[np.int64]
    reply_share: Floats
    repost_share: Floats
    link_share: Floats
    repeat_share: Floats
    one_site_share: Floats
    alone_share: Floats
    follow_back: Floats

    UNKNOWN_TIME: ClassVar[int] = int(np.iinfo(np.int64).min)

    @cached_property
    def link_spam(self) -> Floats:
        """(n,) in [0, 1]: hardly anything but links, the same ones again and again, and no word to anybody; NaN where unknown.

        Links alone are not spam: newsrooms and legislators link in most of their posts, but hardly repeat themselves.
        """
        return _ramp(self.link_share, 0.6, 0.9) * _ramp(self.alone_share, 0.6, 0.9) * _ramp(self.repeat_share, 0.04, 0.12)

    @cached_property
    def self_promotion(self) -> Floats:
        """(n,) in [0, 1]: speaks to nobody and links to one site only, its own as like as not; 0 where its links cannot be read."""
        one_site = np.nan_to_num(_ramp(self.one_site_share, 0.5, 0.9))
        return _ramp(self.alone_share, 0.7, 0.95) * _ramp(self.link_share, 0.1, 0.3) * one_site

    @cached_property
    def conversation(self) -> Floats:
        """(n,) in [0, 1]: half of the posts answer, pass on or mention somebody, or more, is 1; NaN where unknown."""
        return np.minimum(2 * (1 - self.alone_share), 1).astype(np.float32)

    def of(self, row: int) -> dict[str, float]:
        """The signals of one account by name."""
        return {field.name: getattr(self, field.name)[row].item() for field in fields(self)}


def _ramp(values: Floats, low: float, high: float) -> Floats:
    """0 up to `low`, 1 from `high` on, straight in between; NaN stays NaN."""
    return np.clip((values - low) / (high - low), 0, 1).astype(np.float32)


def measure_signals(data: Dataset) -> Signals:
    """Read the signals of every account out of its posts and follows.

    Example:
        >>> from tweetfocus.data.records import Account, Post
        >>> posts = [Post(account_id="1", text=f"Offer {i} https://shop.example/{i}") for i in range(9)]
        >>> signals = measure_signals(Dataset.from_records([Account(account_id="1")], posts=posts))
        >>> signals.link_share.tolist(), signals.one_site_share.tolist(), signals.reply_share.tolist()
        ([1.0], [1.0], [0.0])
    """
    n, posts, author = len(data), data.posts, data.post_authors
    texts: list[str] = posts["text"].to_pylist()
    urls: list[list[str] | None] = posts["urls"].to_pylist()
    replies, reposts = is_reply(data), is_repost(data)
    own = ~reposts & ~replies
    links = [
        found if found is not None else _URL.findall(text) if "://" in text else []
        for found, text in zip(urls, texts, strict=True)
    ]
    has_link = np.fromiter((bool(found) for found in links), bool, len(links))
    listed = pc.fill_null(pc.list_value_length(posts["mentions"]), 0).to_numpy() > 0
    mentions = listed | np.fromiter(("@" in t and bool(_MENTION.search(t)) for t in texts), bool, len(texts))

    def count(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        return np.bincount(author[flags], minlength=n).astype(np.float64)

    def share(flags: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> Floats:
        whole = count(among)
        enough = whole >= _FEWEST
        return np.where(enough, count(flags & among) / np.where(enough, whole, 1), np.nan).astype(np.float32)

    every = np.ones(len(texts), dtype=bool)
    return Signals(
        posts=np.diff(data.post_offsets),
        last_post=_last_post(data),
        reply_share=share(replies & ~reposts, every),
        repost_share=share(reposts, every),
        link_share=share(has_link, own),
        repeat_share=share(_repeats(texts, author, own), own),
        one_site_share=_one_site(links, author, own, n),
        alone_share=share(own & ~mentions, every),
        follow_back=_follow_back(data),
    )


def _last_post(data: Dataset) -> npt.NDArray[np.int64]:
    unknown = Signals.UNKNOWN_TIME
    last = data.accounts["last_post_at"].cast("int64").fill_null(unknown).to_numpy().copy()
    times = data.posts["created_at"].cast("int64").fill_null(unknown).to_numpy()
    np.maximum.at(last, data.post_authors, times)
    return last


def _repeats(texts: list[str], author: npt.NDArray[np.int64], own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    seen: set[tuple[int, str]] = set()
    repeats = np.zeros(len(texts), dtype=bool)
    for position in np.flatnonzero(own):
        said = (int(author[position]), clean_text(texts[position]).lower())
        repeats[position] = bool(said[1]) and said in seen
        seen.add(said)
    return repeats


def _one_site(links: list[list[str]], author: npt.NDArray[np.int64], own: npt.NDArray[np.bool_], n: int) -> Floats:
    sites: dict[int, dict[str, int]] = {}
    total = np.zeros(n)
    for position in np.flatnonzero(own):
        named = {site for url in links[position] if (site := _site(url)) and site not in _SHORTENERS}
        if named:
            total[author[position]] += 1
            own_sites = sites.setdefault(int(author[position]), {})
            for site in named:
                own_sites[site] = own_sites.get(site, 0) + 1
    result = np.full(n, np.nan, dtype=np.float32)
    for row, counted in sites.items():
        if total[row] >= _FEWEST_LINKS:
            result[row] = max(counted.values()) / total[row]
    return result


def _site(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _follow_back(data: Dataset) -> Floats:
    n = len(data)
    source, target = data.pair_rows("follows")
    back = np.isin(source * n + target, target * n + source)
    followers = np.bincount(target, minlength=n)
    returned = np.bincount(target[back], minlength=n)
    follows_known = np.bincount(source, minlength=n) > 0
    enough = (followers >= 5) & follows_known
    return np.where(enough, returned / np.maximum(followers, 1), np.nan).astype(np.float32)
