"""A platform in memory: an invented network, pages, prices, a bill of its own, and whatever goes wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.errors import SourceError
from tweetfocus.sources.source import Kind, Like, Offer, Page, Rate, Request

PRICES = {
    Kind.ME: Decimal("0.01"),
    Kind.ACCOUNTS: Decimal("0.01"),
    Kind.FOLLOWINGS: Decimal("0.01"),
    Kind.FOLLOWERS: Decimal("0.01"),
    Kind.POSTS: Decimal("0.005"),
    Kind.MENTIONS: Decimal("0.005"),
    Kind.LIKES: Decimal("0.001"),
    Kind.MUTES: Decimal("0.001"),
    Kind.BLOCKS: Decimal("0.001"),
    Kind.LISTS: Decimal("0.005"),
    Kind.LIST_MEMBERS: Decimal("0.01"),
}
START = datetime(2026, 1, 1, tzinfo=UTC)
ME = "100"


@dataclass
class MadeWorld:
    """Invented people, numbered from 100. `100` is the owner: follows the next eight, is followed by the fifth to twelfth; everybody
    follows the next seven. The last but one is blocked, the one before it muted, the third last protected."""

    size: int = 20
    accounts: dict[str, Account] = field(default_factory=dict)
    follows: dict[str, list[str]] = field(default_factory=dict)
    posts: dict[str, list[Post]] = field(default_factory=dict)
    mutes: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=lambda: {"9001": ["103", "106"], "9002": []})
    gone: dict[str, str] = field(default_factory=lambda: {"105": "suspended"})
    protected: str = ""

    def __post_init__(self) -> None:
        size = self.size
        people = [str(100 + number) for number in range(size)]
        self.mutes, self.blocks, self.protected = [people[-2]], [people[-1]], people[-3]
        for number, who in enumerate(people):
            self.accounts[who] = Account(
                account_id=who, username=f"user_{who}", bio=f"Pipeline planner {number}", followers_count=number,
                following_count=7, protected=who == self.protected,
            )  # fmt: skip
            self.follows[who] = [people[(number + step) % size] for step in range(1, min(8, size // 2))]
            self.posts[who] = [
                Post(
                    account_id=who, post_id=f"{who}{n}", text=f"Post {n} of {who}", created_at=START + timedelta(hours=n),
                    reply_to_account_id=people[(number + 1) % size] if n == 0 else None,
                    mentions=("user_100",) if n == 1 and number % 3 == 1 else (),
                )
                for n in range(6)
            ]  # fmt: skip
        self.follows[ME] = people[1 : min(9, size // 2 + 1)]
        for who in people[min(5, size // 2) : 13]:
            self.follows[who] = sorted({*self.follows[who], ME})


class MadeSource:
    """Answers from a `MadeWorld`; `fault` is asked before each answer is given and after it was charged for, and may raise."""

    name = platform = "made"
    handle: str | None = None

    def __init__(
        self,
        world: MadeWorld | None = None,
        *,
        page: int = 3,
        free: bool = False,
        profiles: bool = False,
        rate: Rate | None = None,
        fault: Callable[[str, Request], None] = lambda when, request: None,
    ) -> None:
        self.world = world or MadeWorld()
        self.free, self.profiles, self.fault = free, profiles, fault
        self.offers: Mapping[Kind, Offer] = {
            kind: Offer(most=page, rate=rate, profiles=profiles and kind in (Kind.FOLLOWINGS, Kind.FOLLOWERS)) for kind in Kind
        }
        self.asked: list[Request] = []
        self.charged = Decimal(0)

    def price(self, request: Request) -> Decimal:
        return Decimal(0) if self.free else PRICES[request.kind] * request.limit

    def read(self, request: Request) -> Page:
        self.asked.append(request)
        self.fault("before", request)
        page = self._page(request)
        self.charged += page.cost
        self.fault("after", request)
        return page

    def _page(self, request: Request) -> Page:
        world, kind = self.world, request.kind
        if kind is Kind.ME:
            return self._of(kind, 1, accounts=(world.accounts[ME],))
        if kind is Kind.ACCOUNTS:
            found = tuple(world.accounts[i] for i in request.account_ids if i in world.accounts and i not in world.gone)
            gone = {i: world.gone[i] for i in request.account_ids if i in world.gone}
            return self._of(kind, len(found), accounts=found, missing=gone)
        who = request.account_id
        if who in world.gone:
            return self._of(kind, 0, missing={who: world.gone[who]})
        rows = self._rows(kind, who)
        start = int(request.cursor or 0)
        part = rows[start : start + request.limit]
        after = str(start + len(part)) if start + len(part) < len(rows) else None
        return self._of(kind, len(part), next_cursor=after, **self._records(kind, who, part))

    def _of(self, kind: Kind, items: int, **more: object) -> Page:
        cost = Decimal(0) if self.free else PRICES[kind] * items
        return Page(items=items, cost=cost, resources={kind.value: items}, **more)  # type: ignore[arg-type]

    def _rows(self, kind: Kind, who: str) -> list:
        world = self.world
        if kind is Kind.FOLLOWINGS:
            return world.follows[who]
        if kind is Kind.FOLLOWERS:
            return sorted(source for source, targets in world.follows.items() if who in targets)
        if kind is Kind.POSTS:
            return world.posts[who][::-1]
        if kind is Kind.MENTIONS:
            name = world.accounts[who].username
            return [post for posts in world.posts.values() for post in posts if name in (post.mentions or ())]
        if kind is Kind.LIKES:
            return [post for posts in world.posts.values() for post in posts[:1]]
        return {Kind.MUTES: world.mutes, Kind.BLOCKS: world.blocks, Kind.LISTS: list(world.lists)}.get(
            kind, world.lists.get(who, [])
        )

    def _records(self, kind: Kind, who: str, part: list) -> dict[str, object]:
        if kind in (Kind.FOLLOWINGS, Kind.FOLLOWERS):
            out = kind is Kind.FOLLOWINGS
            pairs = tuple(Follow(source_id=who if out else i, target_id=i if out else who) for i in part)
            accounts = tuple(self.world.accounts[i] for i in part) if self.profiles else ()
            return {"follows": pairs, "accounts": accounts}
        if kind in (Kind.MUTES, Kind.BLOCKS):
            return {kind.value: tuple(Follow(source_id=who, target_id=i) for i in part)}
        if kind is Kind.LIKES:
            return {"likes": tuple(Like(account_id=who, post_id=p.post_id, author_id=p.account_id, text=p.text) for p in part)}
        return {"lists" if kind is Kind.LISTS else "members" if kind is Kind.LIST_MEMBERS else "posts": tuple(part)}


class Time:
    """A clock that only sleeping moves."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Killed(BaseException):
    """The process ends here: nothing of the library may catch this."""


def failing(*errors: tuple[int, SourceError]) -> Callable[[str, Request], None]:
    """A fault that raises the error given for the n-th request, from 1 on, before it is answered."""
    planned, count = dict(errors), 0

    def fault(when: str, request: Request) -> None:
        nonlocal count
        if when == "before":
            count += 1
            if count in planned:
                raise planned[count]

    return fault
