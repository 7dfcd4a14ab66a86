"""Reasons: contributions in words, with the evidence behind them. The only English about accounts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.words import MANY_TEXTS
from tweetfocus.kernels.similarity import row_products
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.labels import label, one_line

__all__ = ["Reason", "explain"]


def _both(*kinds: str) -> tuple[str, ...]:
    return tuple(name for kind in kinds for name in (kind, f"{kind}_relative"))


# features that say the same thing to a person are told as one reason
_TOPIC = (*_both("facets", "bio", "words"), "facets_cosine")
_SPOKEN = _both("spoken", "echo")
_ALIKE = _both("alike")
_FOLLOWED = _both("friends", "trust", "walk")
_AUDIENCE = _both("audience", "fellows")
_TOGETHER = _both("likeness", "co_follow", "peers", "neighbours", "pattern")

_QUOTED = 150  # characters of a post
_NAME = 60  # characters of a username
_WORD = 36  # characters of a term
_NAMED = 3  # accounts
_NEAR = 0.3  # cosine of a post or bio worth quoting
_ALIKE_COSINE = 0.5  # of two fields that count as one
_MANY = 0.3  # rarity: nearer than half of all accounts; less is not worth a number
_TOLD = 0.01  # points of score; less is not worth a sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not: what some features contribute, in words.

    Attributes:
        features: the features it speaks for.
        contribution: what they add to the score; negative where they speak against.
        text: one sentence, on one line.
        evidence: account ids and quoted posts behind it.

    Example:
        >>> print(Reason(("follows_me",), 0.4, "Follows you"))
        Follows you
    """

    features: tuple[str, ...]
    contribution: float
    text: str
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def explain(evidence: Evidence, row: int, contributions: Mapping[str, float]) -> tuple[Reason, ...]:
    """The reasons for one account, the weightiest first; what speaks against it comes last.

    Every contribution above a hundredth of a point is told in one of them.
    """
    teller = _Teller(evidence, row)
    told: list[Reason] = []
    for features, tell in (
        (_TOPIC, teller.topic),
        (_SPOKEN, teller.spoken),
        (_ALIKE, teller.alike),
        (_FOLLOWED, teller.followed),
        (_AUDIENCE, teller.audience),
        (_TOGETHER, teller.together),
        (("follows_me",), teller.follows_me),
        (("engaged",), teller.engaged),
        (("conversation",), teller.conversation),
        (("link_spam",), teller.link_spam),
        (("self_promotion",), teller.self_promotion),
    ):
        present = tuple(f for f in features if contributions.get(f))
        if sum(abs(contributions[f]) for f in present) > _TOLD:
            told.append(Reason(present, sum(contributions[f] for f in present), *tell()))
    return tuple(sorted(told, key=lambda reason: (reason.contribution < 0, -abs(reason.contribution))))


Told = tuple[str, tuple[str, ...]]


class _Teller:
    """The sentences about one account."""

    def __init__(self, evidence: Evidence, row: int) -> None:
        self.evidence, self.query, self.index, self.row = evidence, evidence.query, evidence.index, row

    def topic(self) -> Told:
        likeness = self.evidence.facet_likeness[self.row]
        facet = int(np.argmax(np.nan_to_num(likeness, nan=-1)))
        words = [one_line(word, _WORD) for word in self.query.words[facet][:3]]
        field = f"your field “{', '.join(words)}”" if len(likeness) > 1 and words else "your field"
        shared = [one_line(word, _WORD) for word in _shared_words(self.index, self.row, self.query.terms[facet])]
        post, bio = self._near_post(facet), self._near_bio(facet)
        if shared:
            text = f"Shares {field}: {', '.join(shared)}"
        elif post:
            text = f"Writes close to {field}, in words of their own"
        else:
            text = f"Their bio is close to {field}" if bio else f"Touches on {field}"
        quote = post or bio
        return text, ((f"“{one_line(quote, _QUOTED)}”",) if quote else ())

    def _near_post(self, facet: int) -> str | None:
        """The post nearest to the field, if it is near and in the account's own words."""
        data = self.index.data
        written = slice(int(data.post_offsets[self.row]), int(data.post_offsets[self.row + 1]))
        posts = data.posts.select(["text", "repost_of_account_id"])[written].to_pylist()
        passed_on = {post["text"] for post in posts if post["repost_of_account_id"] is not None}
        for text, cosine in self.index.nearest_posts(self.row, self.query.facets[facet], 5):
            if cosine >= _NEAR and text not in passed_on and not text.startswith("RT @"):
                return text
        return None

    def _near_bio(self, facet: int) -> str | None:
        vector = np.asarray(self.index.bio_vectors[self.row : self.row + 1])
        near = row_products(vector, self.query.facets[facet])[0] >= _NEAR
        return str(self.index.data.accounts["bio"][self.row].as_py()) if near else None

    def spoken(self) -> Told:
        return f"Describes itself like the accounts that people like {self._whom} follow", ()

    def alike(self) -> Told:
        near = self.evidence.facets
        followers = self.evidence.graph.followers(self.row).astype(np.int64)
        common = followers[near[followers] >= _ALIKE_COSINE]
        if common.size:
            ordered = common[np.lexsort((common, -near[common]))][:_NAMED]
            whose = "your field" if self.query.row is not None and not self.query.seeds.size else "the field"
            shares = "shares" if common.size == 1 else "share"
            return f"Followed by {self._names(ordered, self.evidence.graph.out_degree)}, who {shares} {whose}", self._ids(
                ordered
            )
        return f"Followed by the kind of people who describe themselves like {self._whom}", ()

    def audience(self) -> Told:
        graph, me = self.evidence.graph, self.query.row
        mine = np.zeros(0, dtype=np.int64) if me is None else graph.followers(me).astype(np.int64)
        common = np.intersect1d(mine, graph.followers(self.row))
        if common.size:
            follow = "follows" if common.size == 1 else "follow"
            return f"Followed by {self._names(common, graph.out_degree)}, who {follow} you too", self._ids(common)
        return "Followed by people who have followers in common with you", ()

    @property
    def _whom(self) -> str:
        return "your examples" if self.query.seeds.size else "you" if self.query.row is not None else "that"

    def followed(self) -> Told:
        graph = self.evidence.graph
        common = np.intersect1d(self.query.following, graph.followers(self.row))
        if common.size:  # those who follow few choose with care: they are named first
            return f"Followed by {self._known(common, graph.out_degree)}", self._ids(common)
        where = "your examples" if self.query.seeds.size else "you"
        value = float(self.evidence.rarity_of("walk", np.array([self.row]))[0])
        if value >= _MANY:
            return f"Near {where} in the follow graph: nearer than {_percent(value)} of accounts", ()
        return f"Within reach of {where} in the follow graph", ()

    def together(self) -> Told:
        graph = self.evidence.graph
        common = np.intersect1d(self.query.following, graph.following(self.row))
        if common.size:  # what few follow says more than what everybody follows
            if self.query.seeds.size:
                return f"Follows {self._known(common, graph.in_degree)}", self._ids(common)
            return f"You both follow {self._names(common, graph.in_degree)}", self._ids(common)
        if not self.query.following.size:
            return f"Fits what people like {self._whom} follow", ()
        own = np.array([self.row])
        value = max(float(self.evidence.rarity_of(kind, own)[0]) for kind in ("co_follow", "peers", "neighbours"))
        what = "your examples" if self.query.seeds.size else "those you follow"
        if value >= _MANY:
            return f"Followed by the same people as {what}: more than {_percent(value)} of accounts", ()
        return f"Followed by some of the same people as {what}", ()

    def follows_me(self) -> Told:
        return "Follows you", ()

    def engaged(self) -> Told:
        me = self.query.row
        spoke = {} if me is None else self.index.engagement.towards(me).get(self.row, {})
        verbs = {"reply": "replied to you", "repost": "reposted you", "quote": "quoted you", "mention": "mentioned you"}
        parts = [f"{verbs[kind]} {_times(count)}" for kind, count in spoke.items()]
        return _capital(" and ".join(parts)), ()

    def conversation(self) -> Told:
        share = 1 - float(self.index.signals.alone_share[self.row])
        return f"Talks with people: {share:.0%}".replace("%", " %") + " of the posts answer, repost or mention somebody", ()

    def link_spam(self) -> Told:
        signals = self.index.signals
        link, repeat = float(signals.link_share[self.row]), float(signals.repeat_share[self.row])
        return f"Against it: links in {link:.0%} of the posts, {repeat:.0%} of them repeated".replace("%", " %"), ()

    def self_promotion(self) -> Told:
        signals = self.index.signals
        alone, site = float(signals.alone_share[self.row]), float(signals.one_site_share[self.row])
        return f"Against it: {alone:.0%} of the posts address nobody, {site:.0%} of the links lead to one site".replace(
            "%", " %"
        ), ()

    def _known(self, rows: npt.NDArray[np.int64], degree: npt.NDArray[np.int64]) -> str:
        """The names, and how the person knows them."""
        few, seeds = len(rows) <= _NAMED, bool(self.query.seeds.size)
        how = (
            (", from your examples" if seeds else ", whom you follow")
            if few
            else (" of your examples" if seeds else " you follow")
        )
        return self._names(rows, degree) + how

    def _names(self, rows: npt.NDArray[np.int64], degree: npt.NDArray[np.int64]) -> str:
        ordered = rows[np.lexsort((rows, degree[rows]))]
        data = self.index.data
        names = [label(data.account_id(row), data.username(row), _NAME) for row in ordered[:_NAMED].tolist()]
        rest = len(rows) - len(names)
        if rest:
            return f"{', '.join(names)} and {rest} {'other' if rest == 1 else 'others'}"
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def _ids(self, rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
        return tuple(self.index.data.account_id(int(r)) for r in rows[:50])


def _shared_words(index: AccountIndex, row: int, terms: npt.NDArray[np.float32], n: int = 4) -> list[str]:
    """The terms that account for most of the TF-IDF cosine; a word is not named beside a pair that holds it."""
    weights = index.words.weights
    own = slice(int(weights.indptr[row]), int(weights.indptr[row + 1]))
    columns = weights.indices[own]
    parts = weights.data[own] * terms[columns] * index.words.telling_terms[columns]
    if index.post_offsets[row + 1] - index.post_offsets[row] >= MANY_TEXTS:
        parts = np.where(index.words.counts[own] >= 2, parts, 0)
    terms_of = [index.words.vocabulary[column] for column in columns.tolist()]
    pairs = np.array([" " in term for term in terms_of], dtype=bool)
    chosen: list[str] = []
    for place in np.lexsort((columns, ~pairs, -parts)).tolist():
        if parts[place] <= 0:
            break
        term = terms_of[place]
        if not any(set(term.split()) & set(other.split()) for other in chosen):
            chosen.append(term)
        if len(chosen) == n:
            break
    return chosen


def _percent(rarity: float) -> str:
    share = 100 * (1 - 10.0**-rarity)
    # rounded down: nobody is nearer than 100 %
    return f"{math.floor(10 * share) / 10:.1f} %" if share > 99 else f"{math.floor(share)} %"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
