"""The words of an account's own name: they say who it is, and nothing of its field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tweetfocus.data.dataset import Dataset

__all__ = ["name_words", "names_among"]

_PART = re.compile(r"[A-Z]?[a-zß-öø-ÿ]+|[A-Z]+(?![a-z])|[^\W\dA-Za-z_]+")
_COMMON = 0.2  # of its uses: names are seldom written so, and a common word at the beginning of a sentence is not
_WORD = re.compile(r"[^\W\d_]{2,}")


def name_words(data: Dataset, row: int) -> frozenset[str]:
    """The words of the account's name and username, in lower case, and both as one word each.

    Example:
        >>> from tweetfocus.data.records import Account
        >>> people = Dataset.from_records([Account(account_id="1", username="SenAnaLyon", name="Ana Lyon")])
        >>> sorted(name_words(people, 0))
        ['ana', 'analyon', 'lyon', 'sen', 'senanalyon']
    """
    name, username = data.accounts["name"][row].as_py() or "", data.username(row) or ""
    parts = [*_WORD.findall(name), *_PART.findall(username), "".join(_WORD.findall(name)), username]
    return frozenset(part.lower() for part in parts if len(part) > 1)


def names_among(words: frozenset[str], texts: Iterable[str]) -> frozenset[str]:
    """Those of the words of a name that are a name in these texts as well: not written small, or large throughout, like a common word.

    Example:
        >>> sorted(names_among(frozenset({"heat", "etl", "lyon"}), ["Heat and heat, by Lyon", "ETL for heat"]))
        ['lyon']
    """
    if not words:
        return words
    uses: Counter[str] = Counter()
    common: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text):
            if (small := word.lower()) in words:
                uses[small] += 1
                common[small] += word.islower() or word.isupper()
    return frozenset(word for word in words if common[word] < _COMMON * max(uses[word], 1))
