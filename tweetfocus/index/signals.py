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
from tweetfocus.index.automation import automation, automation_features
from tweetfocus.index.building import BIO_WEIGHT, FacetTable
from tweetfocus.kernels.similarity import unit_rows

__all__ = [
    "SHORTENERS",
    "Signals",
    "addresses_somebody",
    "follow_back",
    "links_of",
    "measure_signals",
    "off_topic_link_share",
    "own_with_link",
    "site_of",
]

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_SPAM = 0.8  # of `Signals.link_spam`
_FEWEST = 5  # posts of one's own; below, a share says nothing
_FEWEST_LINKS = 3
# With all-MiniLM-L6-v2: in the invented world, when a third of those who link got strangers' links in place of their own, 4 % of the
# honest links and 64 % of the strangers' lay farther off than this; of US legislators' links, who post on everything, 3 to 4 % do.
_OFF_TOPIC = 0.2  # cosine
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@])@\w")
# links through these say nothing about where they lead
SHORTENERS = {"t.co", "bit.ly", "buff.ly", "ow.ly", "tinyurl.com", "goo.gl", "lnkd.in", "dlvr.it", "trib.al", "fb.me", "is.gd"}


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
        off_topic_link_share: of its own posts with a link that are embedded, the part that has nothing to do with what else it says;
            NaN below three of them or five embedded posts, and until the texts are embedded.
        automation: how automated the account looks, from its bio and posts alone, see `tweetfocus.index.automation`; NaN without
            either. For people to look at; nothing is ranked or left out by it.
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
    off_topic_link_share: Floats
    automation: Floats

    UNKNOWN_TIME: ClassVar[int] = int(np.iinfo(np.int64).min)

    @cached_property
    def spammers(self) -> Flags:
        """(n,) whose `link_spam` is so high that they are left out, and that whom they follow says nothing."""
        return np.asarray(np.nan_to_num(self.link_spam) >= _SPAM)

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
    n, author = len(data), data.post_authors
    texts: list[str] = data.posts["text"].to_pylist()
    replies, reposts = is_reply(data), is_repost(data)
    own, addressed, links = ~reposts & ~replies, addresses_somebody(data), links_of(data)

    def count(flags: Flags) -> npt.NDArray[np.float64]:
        return np.bincount(author[flags], minlength=n).astype(np.float64)

    def share(flags: Flags, among: Flags) -> Floats:
        whole = count(among)
        enough = whole >= _FEWEST
        return np.where(enough, count(flags & among) / np.where(enough, whole, 1), np.nan).astype(np.float32)

    every = np.ones(len(texts), dtype=bool)
    return Signals(
        posts=np.diff(data.post_offsets),
        last_post=_last_post(data),
        reply_share=share(replies & ~reposts, every),
        repost_share=share(reposts, every),
        link_share=share(own_with_link(data), own),
        repeat_share=share(_repeats(texts, author, own), own),
        one_site_share=_one_site(links, author, own, n),
        alone_share=share(~reposts & ~addressed, every),
        follow_back=follow_back(data),
        off_topic_link_share=np.full(n, np.nan, dtype=np.float32),
        automation=automation(automation_features(data, addressed)),
    )


def addresses_somebody(data: Dataset) -> Flags:
    """(posts,) which answer or mention somebody."""
    texts = data.posts["text"].to_pylist()
    listed = pc.fill_null(pc.list_value_length(data.posts["mentions"]), 0).to_numpy() > 0
    named = np.fromiter(("@" in text and bool(_MENTION.search(text)) for text in texts), bool, len(texts))
    return is_reply(data) | listed | named


def own_with_link(data: Dataset) -> Flags:
    """(posts,) which are the author's own words, neither repost nor reply, with a link."""
    links = links_of(data)
    return np.fromiter(map(bool, links), bool, len(links)) & ~is_repost(data) & ~is_reply(data)


def off_topic_link_share(
    linked: Flags, bios: Floats, posts: npt.NDArray[np.float16], offsets: Ints, facets: FacetTable
) -> Floats:
    """(n,) of each account's `linked` posts, the part that lies far from all its facets.

    A post is held against what the account says besides: with few posts a facet leans towards each of them.

    Args:
        linked: (m,) which posts to judge.
        bios: (n, d) unit rows, or zeros.
        posts: (m, d) unit rows.
        offsets: (n + 1,) account `i` wrote `posts[offsets[i]:offsets[i + 1]]`.
        facets: made of these bios and posts.
    """
    result = np.full(len(bios), np.nan, dtype=np.float32)
    for row in np.flatnonzero(np.diff(offsets) >= _FEWEST).tolist():
        own = slice(int(offsets[row]), int(offsets[row + 1]))
        judged = np.flatnonzero(linked[own])
        if len(judged) < _FEWEST_LINKS:
            continue
        texts, labels = unit_rows(posts[own]), facets.post_facets[own]
        centres = facets.vectors[facets.offsets[row] : facets.offsets[row + 1]]
        sums = np.stack([texts[labels == facet].sum(axis=0) for facet in range(len(centres))])
        sums[np.argmax(centres @ bios[row])] += BIO_WEIGHT * bios[row]
        rest = np.repeat(sums[None], len(judged), axis=0)
        rest[np.arange(len(judged)), labels[judged]] -= texts[judged]
        cosines = np.einsum("jfd,jd->jf", rest, texts[judged]) / np.maximum(np.linalg.norm(rest, axis=2), 1e-6)
        result[row] = np.mean(cosines.max(axis=1) < _OFF_TOPIC)
    return result


def links_of(data: Dataset) -> list[list[str]]:
    """The links of every post: those listed, or where nothing is listed those in its text."""
    texts, urls = data.posts["text"].to_pylist(), data.posts["urls"].to_pylist()
    return [
        found if found is not None else _URL.findall(text) if "://" in text else []
        for found, text in zip(urls, texts, strict=True)
    ]


def _last_post(data: Dataset) -> npt.NDArray[np.int64]:
    unknown = Signals.UNKNOWN_TIME
    last = data.accounts["last_post_at"].cast("int64").fill_null(unknown).to_numpy().copy()
    times = data.posts["created_at"].cast("int64").fill_null(unknown).to_numpy()
    np.maximum.at(last, data.post_authors, times)
    return last


def _repeats(texts: list[str], author: npt.NDArray[np.int64], own: Flags) -> Flags:
    seen: set[tuple[int, str]] = set()
    repeats = np.zeros(len(texts), dtype=bool)
    for position in np.flatnonzero(own):
        said = (int(author[position]), clean_text(texts[position]).lower())
        repeats[position] = bool(said[1]) and said in seen
        seen.add(said)
    return repeats


def _one_site(links: list[list[str]], author: npt.NDArray[np.int64], own: Flags, n: int) -> Floats:
    sites: dict[int, dict[str, int]] = {}
    total = np.zeros(n)
    for position in np.flatnonzero(own):
        named = {site for url in links[position] if (site := site_of(url)) and site not in SHORTENERS}
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


def site_of(url: str) -> str | None:
    """The host that a link names, without www; None where it cannot be read.

    Example:
        >>> site_of("https://www.grid.example/a?b=1")
        'grid.example'
    """
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def follow_back(data: Dataset) -> Floats:
    """(n,) part of its followers that each account follows back, see `Signals`."""
    n = len(data)
    source, target = data.pair_rows("follows")
    back = np.isin(source * n + target, target * n + source)
    followers = np.bincount(target, minlength=n)
    returned = np.bincount(target[back], minlength=n)
    follows_known = np.bincount(source, minlength=n) > 0
    enough = (followers >= 5) & follows_known
    return np.where(enough, returned / np.maximum(followers, 1), np.nan).astype(np.float32)
