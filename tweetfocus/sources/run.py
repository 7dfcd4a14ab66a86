"""One run of a collection: choose what to read next, see that it can be paid, commit the intent, ask, commit what came."""

from __future__ import annotations

import random as random_module
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tweetfocus.data.records import Issue
from tweetfocus.errors import (
    DataError,
    OutOfCredit,
    RateLimited,
    Refused,
    SourceError,
    StaleCursor,
    Unavailable,
)
from tweetfocus.sources.export import write_tables
from tweetfocus.sources.plan import STAGES, CollectPlan, paid_page, reads_of
from tweetfocus.sources.progress import Progress
from tweetfocus.sources.records import Clean, clean_page
from tweetfocus.sources.source import Kind, Offer, Page, Request, Source
from tweetfocus.sources.state import Bill, CollectState, Owner, Read, from_micros, to_micros
from tweetfocus.sources.waiting import Pace, after_fault, for_limit

__all__ = ["Collected", "Run"]

_TRIES = 6
_LIMITS = 8  # rate limits in a row that do not end
_RESTARTS = 3
_EMPTY_PAGES = 50  # in a row, each with the promise of another one
_REFUSALS = 5  # in a row: then it is not about single things
_PAID_PAGE = 100  # items
_LONGEST_WAIT = 2 * 3600.0
_BETWEEN_WRITES = 30.0  # seconds: a folder that can be used, without writing all the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a run of `collect` has left in the folder.

    Attributes:
        folder: the dataset folder.
        owner: account id of the owner.
        accounts, posts, follows: how many there are now.
        bare: accounts whose profile is not known.
        gone: accounts that the platform no longer has.
        bill: what the collection has cost so far, earlier runs of it included.
        open: how many reads are left to do.
        stopped: why it ended before everything was read, in words; None when all was read.
        failure: the error behind `stopped` where it was not the budget.
        issues: what came and could not be taken as it stood.

    Example:
        >>> done = Collected(folder=Path("people"), owner="1", accounts=2, posts=0, follows=1, bare=1, gone=0, bill=Bill(), open=0)
        >>> done
        Collected(2 accounts, 0 posts, 1 follows, $0.00, complete)
    """

    folder: Path
    owner: str
    accounts: int
    posts: int
    follows: int
    bare: int
    gone: int
    bill: Bill
    open: int
    stopped: str | None = None
    failure: SourceError | None = None
    issues: tuple[Issue, ...] = ()

    def __repr__(self) -> str:
        text = f"{self.accounts:,} accounts, {self.posts:,} posts, {self.follows:,} follows"
        return f"Collected({text}, ${self.bill.spent:.2f}, {'stopped' if self.stopped else 'complete'})"


class _Stopped(Exception):
    """The run ends here, in good order."""

    def __init__(self, why: str, failure: SourceError | None = None) -> None:
        self.why, self.failure = why, failure
        super().__init__(why)


@dataclass(slots=True)
class Run:
    """One run: what it works with, and the steps."""

    source: Source
    state: CollectState
    folder: Path
    plan: CollectPlan
    budget: Decimal | None
    max_requests: int | None
    max_age: timedelta
    bar: Progress
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: random_module.Random
    collection: int = 0
    written: float = 0.0
    faults: int = 0
    limits: int = 0
    refusals: int = 0
    empty: int = 0
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.state.request_times)

    def go(self) -> Collected:
        """Read until all is read, the budget is used up, or the platform stops giving."""
        stopped: _Stopped | None = None
        found = self.state.unfinished(self.source.name)
        if found is not None:
            self._same_person()
        self.collection, stage, ceiling = found or (self.state.begin(self.source.name, self.clock()), -1, None)
        try:
            self._stages(stage, ceiling)
            self._write()  # before the end is noted, so that a kill in between costs nothing
            self.state.end(self.collection, self.clock())
        except _Stopped as stop:
            if stop.failure is not None and self.state.told("owner") is None:
                raise stop.failure from None
            self._write()
            stopped = stop
        except BaseException:  # Ctrl-C included
            self._write()
            raise
        return self._result(stopped)

    def _same_person(self) -> None:
        """An interrupted collection goes on for the person that it was begun for."""
        owner, asked = self.state.told("owner"), (self.source.handle or "").lower()
        if owner is None or not asked:
            return
        names = self.state.ask("SELECT username FROM accounts WHERE account_id = ?", owner)
        known = {owner, self.state.told(f"handle of {self.source.name}") or "", *(name for (name,) in names if name)}
        if asked not in {name.lower() for name in known}:
            raise DataError(f"{self.folder}: is being collected for account {owner}, not for {asked}; use another folder")

    def _stages(self, stage: int, ceiling: int | None) -> None:
        """All stages from `stage` on, each within its share; then what was too dear for its share, with what is left."""
        if stage >= 0:
            self._read_stage(stage, ceiling)
        for number in range(stage + 1, len(STAGES)):
            ceiling = self._ceiling(number)
            now = self.clock()
            stale = now - self.max_age.total_seconds()
            fresh = self.state.fresh(self.source.name, stale)
            reads = reads_of(number, self.plan, self.source, self.state, fresh=fresh, stale=stale)
            self.state.enter(self.collection, number, reads, ceiling)
            if self._read_stage(number, ceiling) and self.clock() - self.written > _BETWEEN_WRITES:
                self._write()
            if number == 0 and self.state.told("owner") is None:
                raise _Stopped(*self._too_dear())
        for number in range(len(STAGES)):
            self._read_stage(number, None)
        if self.state.open_reads(self.collection):
            raise _Stopped(*self._too_dear())

    def _write(self) -> None:
        if self.state.told("owner") is not None:
            write_tables(self.state, self.folder)
            self.written = self.clock()

    def _too_dear(self) -> tuple[str, None]:
        bill = self.state.bill(self.collection)
        lost = f" (and up to ${bill.uncertain:.2f} for answers that were lost)" if bill.uncertain else ""
        why = f"the budget of ${self.budget:.2f} does not reach further: ${bill.spent:.2f} is spent{lost}"
        return f"{why}; run it again with a larger budget to go on", None

    def _ceiling(self, stage: int) -> int | None:
        """How far the bill may go in a stage, in millionths of a dollar."""
        if self.budget is None:
            return None
        bill = self.state.bill(self.collection)
        gone = bill.spent + bill.uncertain
        return to_micros(gone) + int((self.budget - gone) * STAGES[stage].share / Decimal("0.000001"))

    def _read_stage(self, stage: int, ceiling: int | None) -> bool:
        """Read what is open in a stage; returns whether anything came of it."""
        todo = self.state.open_reads(self.collection, stage)
        if not todo:
            return False
        before, begun = len(todo), False
        while todo:
            reads, request = self._next(todo, ceiling)
            if request is None:  # too dear for now; others may be cheaper
                todo = todo[1:] if reads[0].kind is not Kind.ACCOUNTS else [r for r in todo if r.kind is not Kind.ACCOUNTS]
                continue
            if not begun:
                self.bar.begin(STAGES[stage].name, before)
                begun = True
            rest = self._attempt(reads, request)
            todo[: len(reads)] = rest
            self.bar.done(len(reads) - len(rest))
        return begun

    def _next(self, todo: list[Read], ceiling: int | None) -> tuple[list[Read], Request | None]:
        """The reads that the next request is for, and the largest request for them that can be paid."""
        read = todo[0]
        offer = self.source.offers[read.kind]
        if read.kind is Kind.ACCOUNTS:
            reads = [r for r in todo if r.kind is Kind.ACCOUNTS][: offer.most]
            most = len(reads)
        else:
            reads = [read]
            most = min(offer.most, max(offer.least, read.most - read.items))
        price = self.source.price(self._request(reads, most))
        if price > 0:
            most = min(most, max(offer.least, paid_page(price / most, self.budget), 1))
            most = min(most, max(offer.least, self._expected(read)))
            left = self._left(ceiling)
            if left is not None:
                low, high = offer.least - 1, most
                while low < high:  # the price grows with the limit
                    middle = (low + high + 1) // 2
                    low, high = (middle, high) if self.source.price(self._request(reads, middle)) <= left else (low, middle - 1)
                most = low
                if most < offer.least:
                    return reads, None
        return (reads[:most] if read.kind is Kind.ACCOUNTS else reads), self._request(reads, most)

    def _expected(self, read: Read) -> int:
        """How many items a list may still have by what the profile says, and a few more: to ask for more would only risk more."""
        column = {Kind.FOLLOWINGS: "following_count", Kind.FOLLOWERS: "followers_count", Kind.POSTS: "post_count"}.get(
            read.kind
        )
        found = self.state.ask(f"SELECT {column} FROM accounts WHERE account_id = ?", read.account_id) if column else []  # noqa: S608
        return max(0, found[0][0] - read.items) + 5 if found and found[0][0] is not None else _PAID_PAGE

    def _request(self, reads: list[Read], limit: int) -> Request:
        kind = reads[0].kind
        if kind is Kind.ACCOUNTS:
            return Request(kind=kind, account_ids=tuple(read.account_id for read in reads[:limit]), limit=limit)
        ids = () if kind is Kind.ME else (reads[0].account_id,)
        own = kind in (Kind.ME, Kind.LIST_MEMBERS) or reads[0].account_id == self.state.told("owner")
        return Request(kind=kind, account_ids=ids, cursor=reads[0].cursor, limit=limit, own=own)

    def _left(self, ceiling: int | None) -> Decimal | None:
        """What may still be spent, as what lost answers may have cost counts as spent; None without a budget."""
        if self.budget is None:
            return None
        bill = self.state.bill(self.collection)
        most = self.budget if ceiling is None else min(self.budget, from_micros(ceiling))
        return most - bill.spent - bill.uncertain

    # -- one request ----------------------------------------------------------------------------------------------------------

    def _attempt(self, reads: list[Read], request: Request) -> list[Read]:
        """Make one request; returns what is still to read of `reads`: all after a fault, the list from its next page, or nothing."""
        try:
            page, number = self._read(reads[0], request)
        except StaleCursor as error:
            return [self._restart(reads[0], error)]
        except Refused as error:
            self._refused(reads, error)
            return []
        except RateLimited as error:
            self.limits += 1
            self._wait_for_limit(error)
            return reads
        except Unavailable as error:
            self.faults += 1
            if self.faults >= _TRIES:
                why = f"{error}; {self.faults} tries in a row failed; run the same command again to go on"
                raise _Stopped(why, error) from None
            self._wait(after_fault(self.faults, self.random), str(error))
            return reads
        except OutOfCredit as error:
            raise _Stopped(f"{error}; what was read is kept, run the same command again to go on", error) from None
        self.faults = self.limits = self.refusals = 0
        return self._keep(reads, request, page, number)

    def _read(self, read: Read, request: Request) -> tuple[Page, int]:
        """Wait until it is polite, commit the intent, and ask."""
        offer: Offer = self.source.offers[request.kind]
        if self.max_requests is not None and self.state.bill(self.collection).requests >= self.max_requests:
            raise _Stopped(f"the budget of {self.max_requests:,} requests is used up; run it again with a larger one to go on")
        while (pause := self.pace.wait(offer.rate, self.clock())) > 0:
            self._wait(pause, "keeping below the rate limit")
        now = self.clock()
        bucket = offer.rate.bucket if offer.rate else None
        number = self.state.intend(self.collection, read, bucket, self.source.price(request), now)
        self.pace.note(offer.rate, now)
        try:
            return self.source.read(request), number
        except SourceError as error:
            self.state.failed(number, lost=isinstance(error, Unavailable) and error.charged)
            raise

    def _keep(self, reads: list[Read], request: Request, page: Page, number: int) -> list[Read]:
        """Commit a page; the bill and the place in the list go with it."""
        read = reads[0]
        single = read.kind in (Kind.ME, Kind.ACCOUNTS)
        profiles = single or self.source.offers[read.kind].profiles
        clean = clean_page(page, request, self.source.name, profiles=profiles)
        owner = self._owner(clean) if read.kind is Kind.ME else None
        items = read.items + page.items
        self.empty = self.empty + 1 if page.items == 0 and page.next_cursor is not None else 0
        ended = "done" if single or page.whole else "cut"
        state = ended if single or page.next_cursor is None else "cut" if items >= read.most else "open"
        if state == "open" and (page.next_cursor == request.cursor or self.empty >= _EMPTY_PAGES):
            why = f"the list of {read.account_id!r} does not come to an end; what it gave so far is kept"
            clean.issues.append(Issue(self.source.name, None, read.kind.value, why))
            state = "cut"
        if read.account_id in clean.missing and not single:
            state = "missing"
        try:
            self.state.commit(number, reads, clean, cost=page.cost, state=state, now=self.clock(), owner=owner)
        except DataError:  # somebody else's folder
            self.state.charge(number, page.cost)
            self.state.end(self.collection, self.clock())
            raise
        self.bar.tell(self.state.bill(self.collection), page.remaining)
        return [replace(read, cursor=page.next_cursor, items=items)] if state == "open" else []

    def _owner(self, page: Clean) -> Owner:
        if len(page.accounts) != 1:
            raise DataError(f"{self.source.name}: asked for the owner's profile and got {len(page.accounts)} of them")
        account_id, username = page.accounts[0]["account_id"], page.accounts[0]["username"]
        return Owner(account_id, f"@{username}" if username else account_id, self.source.name, self.source.handle or "")

    def _restart(self, read: Read, error: StaleCursor) -> Read:
        if read.cursor is None or read.restarts >= _RESTARTS:
            raise _Stopped(f"{error}; run the same command again later to go on", error) from None
        self.state.restart(read)
        return replace(read, cursor=None, items=0, restarts=read.restarts + 1)

    def _refused(self, reads: list[Read], error: Refused) -> None:
        """Leave out what this key may not read; too much of it means something else."""
        self.refusals += 1
        if reads[0].kind is Kind.ME:
            raise SourceError(str(error)) from None
        if self.refusals >= _REFUSALS:
            why = f"{error}; refused {self.refusals} times in a row"
            raise _Stopped(f"{why}, so that it seems to be about more than single accounts", error)
        issue = Issue(self.source.name, None, reads[0].kind.value, f"not read for {reads[0].account_id!r}: {error}")
        self.state.close_reads(reads, "refused", self.clock(), issue)

    def _wait_for_limit(self, error: RateLimited) -> None:
        seconds = for_limit(error, self.limits, self.clock(), self.random)
        if self.limits >= _LIMITS or seconds > _LONGEST_WAIT:
            ends = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self.clock() + seconds))
            raise _Stopped(f"{error}; run the same command again after {ends} to go on", error) from None
        self._wait(seconds, str(error))

    def _wait(self, seconds: float, why: str) -> None:
        self.bar.waiting(seconds, why)
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            self.sleep(left)

    def _result(self, stopped: _Stopped | None) -> Collected:
        state = self.state
        found = state.ask("SELECT file, row, field, why FROM issues ORDER BY rowid")
        return Collected(
            folder=self.folder,
            owner=state.told("owner") or "",
            accounts=state.count("accounts"),
            posts=state.count("posts"),
            follows=state.count("pairs", "kind = 'follows'"),
            bare=state.count("accounts", "profile_at IS NULL AND gone IS NULL"),
            gone=state.count("accounts", "gone IS NOT NULL"),
            bill=state.itemised(self.collection),
            open=len(state.open_reads(self.collection)),
            stopped=stopped.why if stopped else None,
            failure=stopped.failure if stopped else None,
            issues=tuple(Issue(*row) for row in found),
        )
