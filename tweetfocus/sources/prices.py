"""What X charges: data with a date, to be replaced when X changes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from os import PathLike
from pathlib import Path

from tweetfocus.errors import DataError

__all__ = ["XPrices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class XPrices:
    """US dollars for each resource that X returns, as X published them at `as_of`.

    `owned` is charged for the owner's own followings, followers, posts, mentions, likes, lists, mutes and blocks, but only if the
    owner signs in and the app that the key belongs to is theirs as well.

    Example:
        >>> XPrices().user
        Decimal('0.010')
        >>> XPrices(user=Decimal("0.02")).user
        Decimal('0.02')
    """

    as_of: str = "2026-08-22"
    user: Decimal = Decimal("0.010")
    follow: Decimal = Decimal("0.010")
    post: Decimal = Decimal("0.005")
    list: Decimal = Decimal("0.005")
    like: Decimal = Decimal("0.001")
    mute: Decimal = Decimal("0.001")
    block: Decimal = Decimal("0.001")
    owned: Decimal = Decimal("0.001")

    @classmethod
    def read(cls, path: str | PathLike[str]) -> XPrices:
        """Prices from a JSON file, such as {"as_of": "2027-01-01", "post": 0.004}; what it leaves out stays as it is.

        Raises:
            DataError: no such file, not JSON, a name that is none of ours, or a price that is no amount.

        Example:
            >>> import pathlib, tempfile
            >>> file = pathlib.Path(tempfile.mkdtemp()) / "prices.json"
            >>> _ = file.write_text('{"as_of": "2027-01-01", "post": 0.004}')
            >>> XPrices.read(file).post
            Decimal('0.004')
        """
        path = Path(path)
        try:
            said = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
        except (ValueError, RecursionError, ArithmeticError) as error:
            raise DataError(f"{path}: not JSON ({error})") from error
        names = [field.name for field in fields(cls)]
        if not isinstance(said, dict):
            raise DataError(f"{path}: must hold an object with prices, one of {', '.join(names)} each")
        for name, value in said.items():
            if name not in names:
                raise DataError(f"{path}: {name!r} is not a price; there are {', '.join(names)}")
            if name != "as_of" and not (isinstance(value, Decimal) and value.is_finite() and 0 <= value < 1000):
                raise DataError(f"{path}: {name} must be an amount in US dollars, not {str(value)[:40]!r}")
        return replace(cls(), **({**said, "as_of": str(said["as_of"])} if "as_of" in said else said))
