"""What a person's memory of earlier suggestions means for the accounts of an index."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from tweetfocus.data.memory import Memory, Remembered
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.eligibility import Left

__all__ = ["by_row", "put_off"]

Flags = npt.NDArray[np.bool_]


def by_row(index: AccountIndex, row: int, memory: Memory | None) -> dict[int, Remembered]:
    """What is remembered for the account in `row`, by the rows of the accounts that the index holds, ascending."""
    known = memory.of(index.data.account_id(row)) if memory else {}
    rows = index.data.rows_of(list(known)).tolist() if known else []
    found = {at: said for at, said in zip(rows, known.values(), strict=True) if at >= 0}
    return dict(sorted(found.items()))


def put_off(index: AccountIndex, row: int, memory: Memory | None, today: date) -> dict[Left, Flags]:
    """(n,) masks of the accounts that the person has dismissed, or put off to a later day."""
    masks = {code: np.zeros(len(index), dtype=bool) for code in (Left.DISMISSED, Left.SNOOZED)}
    for at, said in by_row(index, row, memory).items():
        masks[Left.DISMISSED][at] = said.dismissed(today)
        masks[Left.SNOOZED][at] = said.snoozed(today)
    return masks
