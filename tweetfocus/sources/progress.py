"""What a collection is doing, as a bar on standard error: rate, time left, requests, money, quota, and what is waited for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tweetfocus.sources.state import Bill

__all__ = ["Progress"]

_FORMAT = "{desc} {bar:6} {n}/{total} {elapsed}<{remaining} {rate_fmt}{postfix}"


class Progress:
    """A bar for each stage; silent when not `shown`."""

    def __init__(self, name: str, budget: Decimal | None, *, shown: bool) -> None:
        self.name, self.budget, self.shown = name, budget, shown
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def begin(self, stage: str, total: int) -> None:
        """A stage with so many lists and accounts to read."""
        self._close()
        if self.shown:
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc=f"{self.name}: {stage}", ncols=100, bar_format=_FORMAT)

    def done(self, number: int) -> None:
        """So many of them are read."""
        if self._bar is not None:
            self._bar.update(number)

    def tell(self, bill: Bill, remaining: int | None) -> None:
        """What it has cost so far, and how many requests the platform still allows."""
        if self._bar is None:
            return
        parts = [f"{bill.requests:,} req"]
        if self.budget is not None:
            parts.append(f"${bill.spent + bill.uncertain:.2f} of ${self.budget:.2f}")
        if remaining is not None:
            parts.append(f"{remaining:,} left")
        self._bar.set_postfix_str(", ".join(parts), refresh=False)

    def waiting(self, seconds: float, why: str) -> None:
        """Nothing happens for so many seconds, and why; short waits are not worth a word."""
        if self._bar is not None and seconds >= 5:
            self._bar.write(f"{why}; waiting {_span(seconds)}", file=self._bar.fp)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
