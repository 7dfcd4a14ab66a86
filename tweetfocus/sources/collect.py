"""`collect`: from a source to a dataset folder, within a budget, and never twice.

A loop over small steps: choose what to read next, see that it can be paid, commit the intent, make one request, commit what it
brought. Everything that lasts is in `CollectState`, so that a run may end anywhere and the next one goes on from there.
"""

from __future__ import annotations

import random as random_module
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from os import PathLike
from pathlib import Path

from tweetfocus.data.tables import RawTable, read_table
from tweetfocus.errors import DataError, InvalidRequest
from tweetfocus.sources.export import check_folder
from tweetfocus.sources.plan import CollectPlan
from tweetfocus.sources.progress import Progress
from tweetfocus.sources.records import clean_table
from tweetfocus.sources.run import Collected, Run
from tweetfocus.sources.source import Kind, Source
from tweetfocus.sources.state import CollectState

__all__ = ["collect", "to_money"]


def collect(
    source: Source,
    folder: str | PathLike[str],
    *,
    plan: CollectPlan | None = None,
    budget: Decimal | float | str | None = None,
    max_requests: int | None = None,
    max_age: timedelta = timedelta(days=30),
    accounts: str | PathLike[str] | None = None,
    progress: bool = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    random: random_module.Random | None = None,
) -> Collected:
    """Read a person's network from a source into a dataset folder; go on where an earlier run has stopped.

    What is read comes in stages: the owner and whom they follow; who follows and mentions them; their lists; the followings of a
    sample of their followings, the closest first; profiles that did not come along, those with most evidence first; and posts of
    the short list. The tables are written after each stage and at every stop.

    Args:
        source: where to read.
        folder: the dataset folder; made when it is not there.
        plan: how much of each; `CollectPlan()` if None.
        budget: US dollars that a collection may cost, over all its runs. What lost answers may have cost counts as spent.
        max_requests: requests that a collection may make, over all its runs, the failed ones included.
        max_age: what was read longer ago is read again by a new collection. One that was interrupted just goes on.
        accounts: a table of accounts of your own to merge, as .csv, .parquet or .jsonl: bios that the source lacks.
        progress: show a bar on standard error.
        clock: the time in Unix seconds; for tests, as are the two that follow.
        sleep: waits for so many seconds.
        random: spreads tries over time.

    Returns:
        What is in the folder now, what it cost, and why it stopped, if it did.

    Raises:
        NotAuthorized: no key, or a key that is refused.
        SourceError: the platform does not answer, and nothing is known yet.
        DataError: the folder holds another person's or another platform's collection.
        StorageError: the folder cannot be written, or another process collects into it.
        InvalidRequest: a negative budget, or one for requests below 1.

    Example:
        >>> import tempfile
        >>> from tweetfocus.data.records import Account, Follow
        >>> from tweetfocus.sources.source import Kind, Offer, Page
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
        ...         return Page(follows=(Follow(source_id=request.account_id, target_id="2"),), items=1)
        >>> collect(Two(), tempfile.mkdtemp(), plan=CollectPlan(sample=0), progress=False)
        Collected(2 accounts, 0 posts, 1 follows, $0.00, complete)
    """
    folder = Path(folder)
    money = to_money(budget)
    if max_requests is not None and max_requests < 1:
        raise InvalidRequest(f"max_requests must be 1 or more, not {max_requests}")
    if max_age < timedelta(0):
        raise InvalidRequest(f"max_age must not be negative, not {max_age}")
    if Kind.ME not in source.offers:
        raise InvalidRequest(
            f"source {source.name} does not offer {Kind.ME.value!r}; nothing can be collected without an owner"
        )
    table = _own_table(accounts)
    check_folder(folder)
    with CollectState(folder) as state, Progress(source.name, money, shown=progress) as bar:
        state.belong_to(source.platform)
        if table is not None:
            state.merge(clean_table(table), clock())
        run = Run(
            source, state, folder, plan or CollectPlan(), money, max_requests, max_age, bar, clock, sleep,
            random or random_module.Random(),  # noqa: S311 (no secret)
        )  # fmt: skip
        return run.go()


def to_money(budget: Decimal | float | str | None) -> Decimal | None:
    """A budget as an amount in US dollars; `InvalidRequest` where it is none.

    Example:
        >>> to_money("5.00")
        Decimal('5.00')
    """
    if budget is None:
        return None
    try:
        money = Decimal(str(budget))
        if not money.is_finite() or money < 0:
            raise InvalidRequest(f"a budget is an amount in US dollars, 0 or more, not {budget}")
    except ArithmeticError:
        raise InvalidRequest(f"a budget is an amount in US dollars, such as 5.00, not {budget!r}") from None
    return money


def _own_table(path: str | PathLike[str] | None) -> RawTable | None:
    if path is None:
        return None
    path = Path(path)
    if path.suffix not in (".csv", ".parquet", ".jsonl"):
        raise DataError(f"{path}: a table of accounts is a .csv, .parquet or .jsonl file")
    return read_table(path)
