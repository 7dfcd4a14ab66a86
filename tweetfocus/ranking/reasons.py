"""Reasons: contributions in words, with the evidence behind them. The only English about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.similarity import row_products
from tweetfocus.ranking.evidence import Evidence

__all__ = ["Reason", "explain"]

# features that say the same thing to a person are told as one reason
_TOPIC = ("facets", "facets_cosine", "bio", "words")
_FOLLOWED = ("friends", "trust", "walk")
_TOGETHER = ("likeness", "co_follow", "peers")

_QUOTED = 150  # characters of a post
_NAMED = 3  # accounts
_NEAR = 0.3  # cosine of a post worth quoting


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, or why not: what some features contribute, in words.

    Attributes:
        features: the features it speaks for.
        contribution: what they add to the score; negative where they speak against.
        text: one sentence.
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
    """The reasons for one account, the weightiest first; what speaks against it comes last."""
    teller = _Teller(evidence, row)
    told: list[Reason] = []
    for features, tell in (
        (_TOPIC, teller.topic),
        (_FOLLOWED, teller.followed),
        (_TOGETHER, teller.together),
        (("follows_me",), teller.follows_me),
        (("engaged",), teller.engaged),
        (("conversation",), teller.conversation),
        (("link_spam",), teller.link_spam),
        (("self_promotion",), teller.self_promotion),
    ):
        present = tuple(f for f in features if contributions.get(f))
        points = sum(contributions[f] for f in present)
        said = tell() if present else None
        if said and abs(points) > 0.01:
            told.append(Reason(present, points, *said))
    return tuple(sorted(told, key=lambda reason: (reason.contribution < 0, -abs(reason.contribution))))


Told = tuple[str, tuple[str, ...]]


class _Teller:
    """The sentences about one account."""

    def __init__(self, evidence: Evidence, row: int) -> None:
        self.evidence, self.query, self.index, self.row = evidence, evidence.query, evidence.index, row
        self.others = "of your examples" if self.query.seeds.size else "you follow"

    def topic(self) -> Told | None:
        likeness = self.evidence.facet_likeness[self.row]
        if not likeness.size:
            return None
        facet = int(np.argmax(np.nan_to_num(likeness, nan=-1)))
        shared = _shared_words(self.index, self.row, self.query.terms[facet])
        quote = self._quote(facet)
        field = (
            f"your field “{', '.join(self.query.words[facet][:3])}”"
            if len(likeness) > 1 and self.query.words[facet]
            else "your field"
        )
        if shared:
            text = f"Shares {field}: {', '.join(shared)}"
        elif quote:
            text = f"Writes close to {field}, in words of their own"
        elif self.index.has_bio[self.row]:
            text = f"Their bio is close to {field}"
        else:
            return None
        return text, ((f"“{quote}”",) if quote else ())

    def _quote(self, facet: int) -> str | None:
        nearest = self.index.nearest_posts(self.row, self.query.facets[facet], 5)
        own = [text for text, cosine in nearest if cosine >= _NEAR and not text.startswith("RT @")]
        if own:
            return _short(own[0])
        vector = np.asarray(self.index.bio_vectors[self.row : self.row + 1])
        if not nearest and row_products(vector, self.query.facets[facet])[0] >= _NEAR:
            return _short(str(self.index.data.accounts["bio"][self.row].as_py()))
        return None

    def followed(self) -> Told | None:
        graph = self.index.graph
        common = np.intersect1d(self.query.following, graph.followers(self.row))
        if common.size:  # those who follow few choose with care: they are named first
            return f"Followed by {self._names(common, graph.out_degree)} {self.others}", self._ids(common)
        value = self.evidence.rarities["walk"][self.row]
        return (f"Near you in the follow graph: nearer than {_percent(value)} of accounts", ()) if value >= 0.3 else None

    def together(self) -> Told | None:
        graph = self.index.graph
        common = np.intersect1d(self.query.following, graph.following(self.row))
        if common.size:  # what few follow says more than what everybody follows
            begin = "Follows" if self.query.seeds.size else "You both follow"
            return (
                f"{begin} {self._names(common, graph.in_degree)}{' ' + self.others if self.query.seeds.size else ''}",
                self._ids(common),
            )
        value = max(self.evidence.rarities[kind][self.row] for kind in ("co_follow", "peers"))
        what = "your examples" if self.query.seeds.size else "those you follow"
        return (f"Followed by the same people as {what}: more than {_percent(value)} of accounts", ()) if value >= 0.3 else None

    def follows_me(self) -> Told:
        return "Follows you", ()

    def engaged(self) -> Told | None:
        if self.query.row is None:
            return None
        spoke = self.index.engagement.towards(self.query.row).get(self.row, {})
        verbs = {"reply": "replied to you", "repost": "reposted you", "quote": "quoted you", "mention": "mentioned you"}
        parts = [f"{verbs[kind]} {_times(count)}" for kind, count in spoke.items()]
        return (_capital(" and ".join(parts)), ()) if parts else None

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

    def _names(self, rows: npt.NDArray[np.int64], degree: npt.NDArray[np.int64]) -> str:
        ordered = rows[np.lexsort((rows, degree[rows]))]
        names = [self.index.data.label(int(r)) for r in ordered[:_NAMED]]
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
    parts = weights.data[own] * terms[columns]
    chosen: list[str] = []
    for place in np.lexsort((columns, -parts)).tolist():
        if parts[place] <= 0:
            break
        term = index.words.vocabulary[int(columns[place])]
        if not any(set(term.split()) & set(other.split()) for other in chosen):
            chosen.append(term)
        if len(chosen) == n:
            break
    return chosen


def _percent(rarity: float) -> str:
    share = 100 * (1 - 10.0**-rarity)
    return f"{share:.1f} %" if share > 99 else f"{share:.0f} %"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[: _QUOTED - 1].rsplit(" ", 1)[0] + "…"
