"""What is read, and in which order: stages from the owner outwards, so that requests and money go where they matter.

The plan is the same on all platforms; a source that does not offer a kind is not asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Protocol

from tweetfocus.errors import InvalidRequest
from tweetfocus.sources.closeness import candidates, close_followings
from tweetfocus.sources.source import Kind, Offer, Request, Source
from tweetfocus.sources.state import CollectState

__all__ = ["STAGES", "CollectPlan", "Estimate", "Priced", "Stage", "estimate", "paid_page", "reads_of"]

_ALL = 2**40
_SECONDS_A_REQUEST = 0.7
Reads = list[tuple[Kind, str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectPlan:
    """How much of each thing is read at the most; 0 leaves it out.

    Attributes:
        followings, followers, posts, mentions, likes: of the owner.
        lists, members: the owner's lists, and members of each.
        sample: how many of the owner's followings, the closest first, have their own followings read.
        sample_followings: followings of each of these.
        profiles: accounts looked up whose profile did not come along.
        shortlist: how many candidates, those with the most evidence first, have their posts read.
        shortlist_posts: posts of each of these.

    Example:
        >>> CollectPlan(sample=10).sample_followings
        300
    """

    followings: int = 10_000
    followers: int = 2_000
    posts: int = 200
    mentions: int = 200
    likes: int = 200
    lists: int = 5
    members: int = 100
    sample: int = 50
    sample_followings: int = 300
    profiles: int = 1_000
    shortlist: int = 200
    shortlist_posts: int = 20

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= getattr(self, field.name) <= _ALL:
                raise InvalidRequest(f"{field.name} must be 0 or more, not {getattr(self, field.name)}")

    @classmethod
    def whole(cls) -> CollectPlan:
        """All that the owner has, without limits: for archives, which cost nothing.

        Example:
            >>> CollectPlan.whole().posts > 10**9
            True
        """
        return cls(followings=_ALL, followers=_ALL, posts=_ALL, mentions=_ALL, likes=_ALL, lists=_ALL, members=_ALL)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the plan: what it is for, and which part of the money that is left when it begins it may use."""

    name: str
    share: Decimal


STAGES: tuple[Stage, ...] = (
    Stage("own profile", Decimal(1)),
    Stage("own posts and followings", Decimal("0.6")),
    Stage("own followers and mentions", Decimal("0.5")),
    Stage("own lists", Decimal("0.25")),
    Stage("followings of the closest", Decimal("0.5")),
    Stage("missing profiles", Decimal("0.5")),
    Stage("posts of the short list", Decimal(1)),
)


def reads_of(
    stage: int, plan: CollectPlan, source: Source, state: CollectState, *, fresh: set[tuple[str, str]], stale: float
) -> Reads:
    """What stage number `stage` reads, given what is known by then.

    What is `fresh`, as (kind, account id), is not read again, and profiles are looked up again when they were read before `stale`.
    """
    me = state.told("owner") or ""
    if stage == 0:
        asked = ("me", "") in fresh and state.told(f"handle of {source.name}") == (source.handle or "")
        wanted: Reads = [] if asked else [(Kind.ME, "", 1)]
    elif stage == 1:
        wanted = [(Kind.MUTES, me, _ALL), (Kind.BLOCKS, me, _ALL), (Kind.POSTS, me, plan.posts)]
        wanted.append((Kind.FOLLOWINGS, me, plan.followings))
    elif stage == 2:
        wanted = [(Kind.FOLLOWERS, me, plan.followers), (Kind.MENTIONS, me, plan.mentions)]
        wanted += [(Kind.LIKES, me, plan.likes), (Kind.LISTS, me, plan.lists)]
    elif stage == 3:
        wanted = [(Kind.LIST_MEMBERS, list_id, plan.members) for list_id in _own_lists(state)]
    elif stage == 4:
        closest = close_followings(state, me) if _open_to_others(source, Kind.FOLLOWINGS) else []
        wanted = [(Kind.FOLLOWINGS, account_id, plan.sample_followings) for account_id in closest[: plan.sample]]
    elif stage == 5:
        left = max(0, plan.profiles - sum(kind == "accounts" for kind, _ in fresh))
        unknown = _unknown(state, me, stale) if Kind.ACCOUNTS in source.offers else []
        wanted = [(Kind.ACCOUNTS, account_id, 1) for account_id in unknown[:left]]
    else:
        shortlist = candidates(state, me)[: plan.shortlist] if _open_to_others(source, Kind.POSTS) else []
        wanted = [(Kind.POSTS, account_id, plan.shortlist_posts) for account_id in shortlist]
    return [
        (kind, account_id, most)
        for kind, account_id, most in wanted
        if kind in source.offers and most > 0 and (kind in (Kind.ME, Kind.ACCOUNTS) or (kind.value, account_id) not in fresh)
    ]


def _open_to_others(source: Source, kind: Kind) -> bool:
    return kind in source.offers and source.offers[kind].others


def _own_lists(state: CollectState) -> list[str]:
    lists = (state.told("lists") or "").split()
    return list(dict.fromkeys(lists))


def _unknown(state: CollectState, me: str, stale: float = 0) -> list[str]:
    """Accounts whose profile is not known or old: the owner's followings and the candidates by turns, each the nearest first."""
    known = {i for (i,) in state.ask("SELECT account_id FROM accounts WHERE profile_at >= ?", stale)}
    own = [i for i in close_followings(state, me) if i not in known]
    others = [i for i in candidates(state, me) if i not in known]
    turns = chain.from_iterable(zip_longest(own, others))
    return [account_id for account_id in turns if account_id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a stage would read at the most."""

    stage: str
    items: int
    requests: int
    cost: Decimal
    seconds: float


def paid_page(each: Decimal, budget: Decimal | None) -> int:
    """How many items a page may have that costs `each` for one: what is lost when it is lost must be small.

    Example:
        >>> paid_page(Decimal("0.01"), Decimal(5)), paid_page(Decimal("0.01"), None)
        (25, 100)
    """
    return 100 if budget is None else max(10, min(100, int(budget / 20 / each)))


class Priced(Protocol):
    """What an estimate needs to know of a source: what it offers, and what that costs."""

    offers: Mapping[Kind, Offer]

    def price(self, request: Request) -> Decimal:
        """As in `Source`."""
        ...


def estimate(plan: CollectPlan, source: Priced, state: CollectState | None, budget: Decimal | None) -> list[Estimate]:
    """What each stage would read at the most, before anything is read; within `budget`, as the stages share it.

    Counts that an earlier run or an archive has told are used; where nothing is known, the limits of the plan are.
    """
    me = (state.told("owner") if state else None) or ""
    counts = state.ask("SELECT following_count, followers_count FROM accounts WHERE account_id = ?", me) if state else []
    following, followers = counts[0] if counts else (None, None)
    own_followings = min(plan.followings, following if following is not None else plan.followings)
    own_followers = min(plan.followers, followers if followers is not None else plan.followers)
    bare = len(_unknown(state, me)) if state and me else 0
    brings = Kind.FOLLOWINGS in source.offers and source.offers[Kind.FOLLOWINGS].profiles
    profiles = min(plan.profiles, bare if brings else plan.profiles)
    sample = min(plan.sample, own_followings)
    lists: Sequence[Sequence[tuple[Kind, int, int]]] = (
        [(Kind.ME, 1, 1)],
        [(Kind.MUTES, 1, 100), (Kind.BLOCKS, 1, 100), (Kind.POSTS, 1, plan.posts), (Kind.FOLLOWINGS, 1, own_followings)],
        [
            (Kind.FOLLOWERS, 1, own_followers),
            (Kind.MENTIONS, 1, plan.mentions),
            (Kind.LIKES, 1, plan.likes),
            (Kind.LISTS, 1, plan.lists),
        ],
        [(Kind.LIST_MEMBERS, plan.lists, plan.members)],
        [(Kind.FOLLOWINGS, sample, plan.sample_followings)],
        [(Kind.ACCOUNTS, 1, profiles)],
        [(Kind.POSTS, plan.shortlist, plan.shortlist_posts)],
    )
    found = []
    left = budget
    for number, (stage, wanted) in enumerate(zip(STAGES, lists, strict=True)):
        items = requests = 0
        seconds, cost = 0.0, Decimal(0)
        for kind, times, most in wanted:
            offer = source.offers.get(kind)
            if offer is None or not times or not most or (stage is not STAGES[1] and _of_others(kind) and not offer.others):
                continue
            single = Request(kind=kind, account_ids=() if kind is Kind.ME else ("0",), limit=1, own=number < 4)
            each = source.price(single)
            page = min(offer.most, max(offer.least, paid_page(each, left))) if each else offer.most
            pages = -(-most // page)
            items += times * most
            requests += times * pages
            cost += times * max(most, offer.least) * each
            # a whole span passes before requests beyond the allowance may go out
            spans = (times * pages - 1) // offer.rate.requests if offer.rate else 0
            seconds += times * pages * _SECONDS_A_REQUEST + (spans * offer.rate.seconds if offer.rate else 0)
        if left is not None:
            may = left * stage.share
            if cost > may:
                part_of = may / cost
                items, requests, seconds = int(items * part_of), -int(-requests * part_of // 1), seconds * float(part_of)
                cost = may
            left -= cost
        found.append(Estimate(stage=stage.name, items=items, requests=requests, cost=cost, seconds=seconds))
    return found


def _of_others(kind: Kind) -> bool:
    return kind in (Kind.FOLLOWINGS, Kind.POSTS)
