"""The `Source` protocol: one request, one page; and the values that go in and out.

A source translates. It makes one request to its platform, turns the answer into records, and says in `errors` what went wrong. It
keeps no state that matters, does not wait, does not retry, and does not decide what is read: `collect` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from tweetfocus.data.records import Account, Follow, Issue, Post

__all__ = ["Kind", "Like", "Offer", "Page", "Rate", "Request", "Source"]

Value = str | int | float | bool | None


class Kind(StrEnum):
    """What can be asked of a source. All but `ME` and `ACCOUNTS` are about exactly one account (or one list).

    Example:
        >>> Kind("followings") is Kind.FOLLOWINGS
        True
    """

    ME = "me"
    """The owner's profile; asked first, without account ids. The page holds exactly one account."""
    ACCOUNTS = "accounts"
    """Profiles of up to `Offer.most` accounts at once."""
    FOLLOWINGS = "followings"
    """Whom the account follows: `follows`, and `accounts` as far as the platform sends profiles along."""
    FOLLOWERS = "followers"
    """Who follows the account; as above, with the account as target."""
    POSTS = "posts"
    """The account's own posts, replies and reposts, newest first."""
    MENTIONS = "mentions"
    """Posts by others that mention the account, newest first; their authors as `accounts` where they come along."""
    LIKES = "likes"
    """What the account likes: `likes`."""
    MUTES = "mutes"
    """Whom the account mutes: `mutes`."""
    BLOCKS = "blocks"
    """Whom the account blocks: `blocks`."""
    LISTS = "lists"
    """The lists that the account keeps: `lists`, their ids."""
    LIST_MEMBERS = "list_members"
    """Who is on a list; `Request.account_ids` holds the id of the list: `members`."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in any span of `seconds`; offers with the same `bucket` share them."""

    bucket: str
    requests: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """How a source gives one kind: how many items a page (for `ACCOUNTS`: how many ids a request) may have, and how often.

    `least` is the smallest page that can be asked for. `profiles` says that the items bring their profiles, so that these
    accounts need no look-up of their own. `others` is False where only the owner's can be read, as from an archive.
    """

    most: int
    least: int = 1
    rate: Rate | None = None
    profiles: bool = False
    others: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One page of one kind.

    Attributes:
        kind: what is asked for.
        account_ids: whose; empty for `ME`, up to `Offer.most` ids for `ACCOUNTS`, one id for everything else.
        cursor: `Page.next_cursor` of the page before, None for the first; it may have been kept for days.
        limit: the most items that the page may hold, between `Offer.least` and `Offer.most`. More would break a budget.
        own: whether it is about the owner, which some platforms charge less for.

    Example:
        >>> Request(kind=Kind.POSTS, account_ids=("7",), limit=50).account_id
        '7'
    """

    kind: Kind
    account_ids: tuple[str, ...] = ()
    cursor: str | None = None
    limit: int = 100
    own: bool = False

    @property
    def account_id(self) -> str:
        """The one account (or list) that is asked about."""
        (only,) = self.account_ids
        return only


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """`account_id` likes a post; whose it is and what it says, where the platform tells.

    Example:
        >>> Like(account_id="7", post_id="70", text="Heat pumps, again.").author_id is None
        True
    """

    account_id: str
    post_id: str
    author_id: str | None = None
    text: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one request brought.

    Attributes:
        accounts: profiles. A field that the platform did not send is None, and leaves what is known. Protected accounts come with
            `protected=True`, those that do not want to be found with `discoverable=False`; `is_me` and `is_source` are left alone.
        posts: posts.
        follows, mutes, blocks: pairs.
        likes: likes.
        lists: ids of lists.
        members: account ids of the members of a list.
        missing: accounts that the platform says it does not have (any more), with its word for it: "suspended", "not found". Ids of
            an `ACCOUNTS` request that are neither in `accounts` nor here are taken as missing as well. Whose list is closed, such
            as that of a protected account, stands here and, with `protected=True`, in `accounts`.
        extra: further columns by account id, such as labels. They become columns of the accounts table.
        next_cursor: where the next page begins; None after the last. An empty page with a cursor is not the last.
        whole: False on the last page of a list that the platform does not show in full, such as a hidden one.
        items: how many rows the platform sent, the unusable ones included.
        cost: what the platform charges for this page, in US dollars.
        resources: what is charged for, by the platform's name: {"user": 100}.
        remaining: how many requests of this kind are left before the rate limit, where the platform tells.
        issues: what came and could not be taken as it stood.
    """

    accounts: tuple[Account, ...] = ()
    posts: tuple[Post, ...] = ()
    follows: tuple[Follow, ...] = ()
    mutes: tuple[Follow, ...] = ()
    blocks: tuple[Follow, ...] = ()
    likes: tuple[Like, ...] = ()
    lists: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    extra: Mapping[str, Mapping[str, Value]] = field(default_factory=lambda: MappingProxyType({}))
    next_cursor: str | None = None
    whole: bool = True
    items: int = 0
    cost: Decimal = Decimal(0)
    resources: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    remaining: int | None = None
    issues: tuple[Issue, ...] = ()


@runtime_checkable
class Source(Protocol):
    """Anything that answers requests about accounts, one page at a time.

    Attributes:
        name: what people call it: "x", "bluesky". No spaces.
        platform: whose ids these are. Sources of one platform may fill one folder; a Mastodon id holds on its own server only,
            so that its server belongs in here.
        handle: whom `ME` is about as the caller wrote it, or None where the key or the archive says it.
        offers: the kinds that it can answer; a kind that is not here is not asked for. `ME` must be.

    Errors that `read` may raise (all of them are `SourceError`s): `NotAuthorized` (the key is missing or refused: everything
    stops), `Refused` (this one thing is not open to this key: it is skipped), `OutOfCredit` (stops cleanly), `RateLimited`
    (waits), `Unavailable` (tries again), `StaleCursor` (begins this list again). No message, repr or log may hold a token.
    Whatever the platform sends, `read` raises nothing but these; a record that it cannot use becomes an `Issue`.

    Example:
        >>> class Two:
        ...     name = platform = "two"
        ...     handle = None
        ...     offers = {Kind.ME: Offer(most=1), Kind.FOLLOWINGS: Offer(most=100)}
        ...
        ...     def price(self, request):
        ...         return Decimal(0)
        ...
        ...     def read(self, request):
        ...         if request.kind is Kind.ME:
        ...             return Page(accounts=(Account(account_id="1", username="ana"),), items=1)
        ...         return Page(follows=(Follow(source_id="1", target_id="2"),), items=1)
        >>> isinstance(Two(), Source)
        True
    """

    name: str
    platform: str
    handle: str | None
    offers: Mapping[Kind, Offer]

    def price(self, request: Request) -> Decimal:
        """What `read(request)` costs at the most, in US dollars, before it is read. Zero where reading is free."""
        ...

    def read(self, request: Request) -> Page:
        """Make one request to the platform and return its page. Never more than one: a try again is `collect`'s to make."""
        ...
