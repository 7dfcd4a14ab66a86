"""Reasons: contributions in words, with the evidence behind them. The only English about accounts."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.index.mapped import some_rows
from tweetfocus.index.words import MANY_TEXTS
from tweetfocus.kernels.similarity import row_products
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.labels import label, one_line

__all__ = ["Reason", "explain", "weightiest_first"]


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


def explain(
    evidence: Evidence, rows: npt.NDArray[np.int64], contributions: Iterable[Mapping[str, float]]
) -> list[tuple[Reason, ...]]:
    """The reasons for each of some accounts, the weightiest first; what speaks against an account comes last.

    Every contribution above a hundredth of a point is told in one of them.

    Args:
        evidence: what speaks for whom.
        rows: (m,) the accounts; to ask for many at once takes a fraction of the time.
        contributions: of each of them, weight x feature by feature.
    """
    teller = _Teller(evidence, rows)
    sentences: tuple[tuple[tuple[str, ...], Callable[[int], Told]], ...] = (
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
    )

    def reasons(row: int, parts: Mapping[str, float]) -> tuple[Reason, ...]:
        told: list[Reason] = []
        for features, tell in sentences:
            present = {name: parts[name] for name in features if parts.get(name)}
            if sum(map(abs, present.values())) > _TOLD:
                told.append(Reason(tuple(present), sum(present.values()), *tell(row)))
        return weightiest_first(told)

    return [reasons(row, parts) for row, parts in zip(rows.tolist(), contributions, strict=True)]


def weightiest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """In the order in which they are told; what speaks against the account comes last."""
    return tuple(sorted(reasons, key=lambda reason: (reason.contribution < 0, -abs(reason.contribution))))


Told = tuple[str, tuple[str, ...]]
Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


class _Teller:
    """The sentences about some accounts, asked for row by row; what several of them need is looked up once."""

    def __init__(self, evidence: Evidence, rows: npt.NDArray[np.int64]) -> None:
        self.evidence, self.query, self.index, self.rows = evidence, evidence.query, evidence.index, rows
        data = self.index.data
        self._id = cache(data.account_id)
        self._label = cache(lambda row: label(data.account_id(row), data.username(row), _NAME))
        # nothing here may lead back to the teller: what it holds of a large index has to go when it goes
        self._rarities: dict[str, dict[int, float]] = {}
        self._terms: dict[int, tuple[npt.NDArray[np.float32], dict[int, str]]] = {}

    def _by_row(self, values: npt.NDArray[Any]) -> dict[int, Any]:
        return dict(zip(self.rows.tolist(), values.tolist(), strict=True))

    def _rarity(self, kind: str) -> dict[int, float]:
        if kind not in self._rarities:
            self._rarities[kind] = self._by_row(self.evidence.rarity_of(kind, self.rows))
        return self._rarities[kind]

    # -- what they say --------------------------------------------------------------------------------------------------------

    def topic(self, row: int) -> Told:
        facet = self._facet[row]
        field, shared = self._fields[facet], [one_line(term, _WORD) for term in self._shared_words(row, facet)]
        post = self._near_post(row, facet)
        bio = None if post else self._near_bio(row, facet)
        if shared:
            text = f"Shares {field}: {', '.join(shared)}"
        elif post:
            text = f"Writes close to {field}, in words of their own"
        else:
            text = f"Their bio is close to {field}" if bio else f"Touches on {field}"
        quote = post or bio
        return text, ((f"“{one_line(quote, _QUOTED)}”",) if quote else ())

    @cached_property
    def _facet(self) -> dict[int, int]:
        """Which of my fields is the nearest."""
        return self._by_row(np.nan_to_num(self.evidence.facet_likeness[self.rows], nan=-1).argmax(axis=1))

    @cached_property
    def _fields(self) -> list[str]:
        """What to call each of my fields."""
        words = [", ".join(one_line(word, _WORD) for word in telling[:3]) for telling in self.query.words]
        return [f"your field “{named}”" if len(words) > 1 and named else "your field" for named in words]

    def _field_terms(self, facet: int) -> tuple[npt.NDArray[np.float32], dict[int, str]]:
        """(v,) the weights of the terms of a field that tell people apart, and these terms by column."""
        if facet not in self._terms:
            weights = self.query.terms[facet] * self.index.words.telling_terms
            terms = {column: self.index.words.vocabulary[column] for column in np.flatnonzero(weights).tolist()}
            self._terms[facet] = weights, terms
        return self._terms[facet]

    def _shared_words(self, row: int, facet: int, n: int = 4) -> list[str]:
        """The terms that account for most of the TF-IDF cosine; a word is not named beside a pair that holds it."""
        (weights, terms), words = self._field_terms(facet), self.index.words
        columns, own = words.weights_of(row)
        parts = own * weights[columns]
        if self._posts[row] >= MANY_TEXTS:
            parts[words.counts[words.indptr[row] : words.indptr[row + 1]] < 2] = 0
        shared = parts > 0
        ranked = sorted(
            (-part, " " not in terms[column], column)
            for part, column in zip(parts[shared].tolist(), columns[shared].tolist(), strict=True)
        )
        chosen: list[str] = []
        for *_, column in ranked:
            if not any(set(terms[column].split()) & set(other.split()) for other in chosen):
                chosen.append(terms[column])
            if len(chosen) == n:
                break
        return chosen

    def _near_post(self, row: int, facet: int) -> str | None:
        """The post nearest to the field, if it is near and in the account's own words."""
        posts = self.index.nearest_posts(row, self.query.facets[facet], 5) if self._posts[row] else []
        near = [text for text, cosine in posts if cosine >= _NEAR]
        passed_on = self._passed_on(row) if near else ()
        return next((text for text in near if text not in passed_on and not text.startswith("RT @")), None)

    @cached_property
    def _posts(self) -> dict[int, int]:
        """How many posts of each account speak for it."""
        offsets = self.index.post_offsets
        return self._by_row(offsets[self.rows + 1] - offsets[self.rows])

    def _passed_on(self, row: int) -> set[str]:
        """The words of others among an account's posts."""
        data = self.index.data
        first, last = data.post_offsets[row : row + 2].tolist()
        posts = data.posts.slice(first, last - first)
        texts = posts["text"].filter(posts["repost_of_account_id"].is_valid()).to_pylist()
        return {html.unescape(text) for text in texts}  # as posts are quoted

    def _near_bio(self, row: int, facet: int) -> str | None:
        return str(self.index.data.accounts["bio"][row].as_py()) if self._bio_is_near[row][facet] else None

    @cached_property
    def _bio_is_near(self) -> dict[int, list[bool]]:
        """To which of my fields."""
        bios = some_rows(self.index.bio_vectors, self.rows)
        return self._by_row(np.stack([row_products(bios, facet) for facet in self.query.facets], axis=1) >= _NEAR)

    def spoken(self, _: int) -> Told:
        return f"Describes itself like the accounts that people like {self._whom} follow", ()

    def alike(self, row: int) -> Told:
        common, near = _those(self._of_my_field, self.evidence.graph.followers(row)), self.evidence.facets
        if common.size:
            ordered = common[np.lexsort((common, -near[common]))][:_NAMED]
            whose = "your field" if self.query.row is not None and not self.query.seeds.size else "the field"
            shares = "shares" if common.size == 1 else "share"
            return f"Followed by {self._names(ordered, self.evidence.graph.out_degree)}, who {shares} {whose}", self._ids(
                ordered
            )
        return f"Followed by the kind of people who describe themselves like {self._whom}", ()

    def audience(self, row: int) -> Told:
        graph = self.evidence.graph
        common = _those(self._my_followers, graph.followers(row))
        if common.size:
            follow = "follows" if common.size == 1 else "follow"
            return f"Followed by {self._names(common, graph.out_degree)}, who {follow} you too", self._ids(common)
        return "Followed by people who have followers in common with you", ()

    def followed(self, row: int) -> Told:
        graph = self.evidence.graph
        common = _those(self._my_following, graph.followers(row))
        if common.size:  # those who follow few choose with care: they are named first
            return f"Followed by {self._known(common, graph.out_degree)}", self._ids(common)
        where = "your examples" if self.query.seeds.size else "you"
        value = self._rarity("walk")[row]
        if value >= _MANY:
            return f"Near {where} in the follow graph: nearer than {_percent(value)} of accounts", ()
        return f"Within reach of {where} in the follow graph", ()

    def together(self, row: int) -> Told:
        graph = self.evidence.graph
        common = _those(self._my_following, graph.following(row))
        if common.size:  # what few follow says more than what everybody follows
            if self.query.seeds.size:
                return f"Follows {self._known(common, graph.in_degree)}", self._ids(common)
            return f"You both follow {self._names(common, graph.in_degree)}", self._ids(common)
        if not self.query.following.size:
            return f"Fits what people like {self._whom} follow", ()
        value = max(self._rarity(kind)[row] for kind in ("co_follow", "peers", "neighbours"))
        what = "your examples" if self.query.seeds.size else "those you follow"
        if value >= _MANY:
            return f"Followed by the same people as {what}: more than {_percent(value)} of accounts", ()
        return f"Followed by some of the same people as {what}", ()

    def follows_me(self, _: int) -> Told:
        return "Follows you", ()

    def engaged(self, row: int) -> Told:
        verbs = {"reply": "replied to you", "repost": "reposted you", "quote": "quoted you", "mention": "mentioned you"}
        parts = [f"{verbs[kind]} {_times(count)}" for kind, count in self._spoke_to_me.get(row, {}).items()]
        return _capital(" and ".join(parts)), ()

    def conversation(self, row: int) -> Told:
        share = 1 - float(self.index.signals.alone_share[row])
        return f"Talks with people: {share:.0%}".replace("%", " %") + " of the posts answer, repost or mention somebody", ()

    def link_spam(self, row: int) -> Told:
        signals = self.index.signals
        link, repeat = float(signals.link_share[row]), float(signals.repeat_share[row])
        return f"Against it: links in {link:.0%} of the posts, {repeat:.0%} of them repeated".replace("%", " %"), ()

    def self_promotion(self, row: int) -> Told:
        signals = self.index.signals
        alone, site = float(signals.alone_share[row]), float(signals.one_site_share[row])
        return f"Against it: {alone:.0%} of the posts address nobody, {site:.0%} of the links lead to one site".replace(
            "%", " %"
        ), ()

    # -- whom they name -------------------------------------------------------------------------------------------------------

    @property
    def _whom(self) -> str:
        return "your examples" if self.query.seeds.size else "you" if self.query.row is not None else "that"

    @cached_property
    def _my_following(self) -> Flags:
        return self._mask(self.query.following)

    @cached_property
    def _my_followers(self) -> Flags:
        return self._mask([] if self.query.row is None else self.evidence.graph.followers(self.query.row))

    @cached_property
    def _of_my_field(self) -> Flags:
        return np.asarray(self.evidence.facets >= _ALIKE_COSINE)

    def _mask(self, rows: npt.ArrayLike) -> Flags:
        flags = np.zeros(len(self.index), dtype=bool)
        flags[np.asarray(rows, dtype=np.int64)] = True
        return flags

    @cached_property
    def _spoke_to_me(self) -> dict[int, dict[str, int]]:
        return {} if self.query.row is None else self.index.engagement.towards(self.query.row)

    def _known(self, rows: Rows, degree: npt.NDArray[np.int64]) -> str:
        """The names, and how the person knows them."""
        few, seeds = len(rows) <= _NAMED, bool(self.query.seeds.size)
        how = (
            (", from your examples" if seeds else ", whom you follow")
            if few
            else (" of your examples" if seeds else " you follow")
        )
        return self._names(rows, degree) + how

    def _names(self, rows: Rows, degree: npt.NDArray[np.int64]) -> str:
        ordered = rows[np.lexsort((rows, degree[rows]))]
        names = [self._label(row) for row in ordered[:_NAMED].tolist()]
        rest = len(rows) - len(names)
        if rest:
            return f"{', '.join(names)} and {rest} {'other' if rest == 1 else 'others'}"
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

    def _ids(self, rows: Rows) -> tuple[str, ...]:
        return tuple(map(self._id, rows[:50].tolist()))


def _those(flags: Flags, rows: Rows) -> Rows:
    return rows[flags[rows]]


def _percent(rarity: float) -> str:
    share = 100 * (1 - 10.0**-rarity)
    # rounded down: nobody is nearer than 100 %
    return f"{math.floor(10 * share) / 10:.1f} %" if share > 99 else f"{math.floor(share)} %"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
