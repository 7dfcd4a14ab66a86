"""The words of each account: tokens, a sparse term matrix over the index, and the most telling terms of a facet."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tweetfocus.index.compounds import told_apart
from tweetfocus.index.names import names_among
from tweetfocus.index.stop_words import STOP_WORDS
from tweetfocus.index.vocabulary import Vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["MANY_TEXTS", "WordTable", "terms", "word_table"]

_TOKEN = re.compile(r"[^\W_](?:[\w'’+#-]*[\w+#])?")
_NUMBER = re.compile(r"[\d'’+#-]+(?:st|nd|rd|th|h|am|pm|k|m|km|kg|min)?")
_MOST_TELLING = 8
MANY_TEXTS = 10  # from here on a term counts as somebody's own when it stands in two texts
_WIDEST = 0.25  # a term that more than this part of the accounts use tells nobody apart


def terms(text: str) -> list[str]:
    """The content words of a cleaned text and the pairs of them that stand side by side; numbers and stop words are left out.

    Example:
        >>> terms("The data pipelines of 2024 aren't slow")
        ['data', 'pipelines', 'data pipelines', 'slow']
    """
    found: list[str] = []
    before: str | None = None
    for match in _TOKEN.finditer(text.lower()):
        word = match.group().replace("’", "'").removesuffix("'s")
        if len(word) < 2 or word in STOP_WORDS or _NUMBER.fullmatch(word) or ("'" in word and word.split("'")[0] in STOP_WORDS):
            before = None
            continue
        word = word.split("'", 1)[1] if len(word) > 3 and word[1:2] == "'" else word  # l'énergie
        if word in STOP_WORDS or len(word) < 2:
            before = None
            continue
        found.append(word)
        if before and before != word:  # "very very"
            found.append(f"{before} {word}")
        before = word
    return found


@dataclass(frozen=True, eq=False)
class WordTable:
    """Which terms each account uses, in how many of its texts.

    Attributes:
        vocabulary: (v,) the terms that at least two accounts use, in alphabetical order.
        idf: (v,) log of accounts over accounts that use the term.
        indptr, indices, counts: CSR (n, v); in how many texts of the account the term stands.
    """

    vocabulary: Sequence[str]
    idf: npt.NDArray[np.float32]
    indptr: npt.NDArray[np.int64]
    indices: npt.NDArray[np.int32]
    counts: npt.NDArray[np.float32]

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {term: column for column, term in enumerate(self.vocabulary)}

    def column(self, term: str) -> int | None:
        """The column of a term, if it is known."""
        return self.vocabulary.place(term) if isinstance(self.vocabulary, Vocabulary) else self._columns.get(term)

    @cached_property
    def weights(self) -> csr_array:
        """(n, v) TF-IDF with unit rows: (1 + log count) x idf."""
        from scipy.sparse import csr_array

        n = len(self.indptr) - 1
        owner = np.repeat(np.arange(n), np.diff(self.indptr))
        values = _unit_tf_idf(self.counts, self.idf[self.indices], owner, n)
        return csr_array((values, self.indices, self.indptr), shape=(n, len(self.vocabulary)))

    def weights_of(self, row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """Columns and values of one row of `weights`, to the bit, without the matrix.

        Example:
            >>> table = word_table([["heat pumps"], ["pumps and valves"], ["valves"]])
            >>> columns, values = table.weights_of(1)
            >>> columns.tolist(), values.astype(float).round(2).tolist()
            ([0, 1], [0.71, 0.71])
        """
        own = slice(*self.indptr[row : row + 2].tolist())
        columns, counts = np.asarray(self.indices[own]), np.asarray(self.counts[own])
        return columns, _unit_tf_idf(counts, np.asarray(self.idf)[columns], np.zeros(len(columns), dtype=np.int64), 1)

    @cached_property
    def telling_terms(self) -> npt.NDArray[np.bool_]:
        """(v,) which terms tell people apart; in a handful of accounts, all."""
        return np.asarray((self.idf >= -np.log(_WIDEST)) | (len(self.indptr) <= 20))

    def _uses(self, word: str) -> float:
        """Log of the part of the accounts that use a word; of stop words, all."""
        if word in STOP_WORDS:
            return 0.0
        column = self.column(word)
        return -np.inf if column is None else -float(self.idf[column])

    def vector(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(v,) the unit TF-IDF vector of some texts; zeros where none of their terms is known.

        With ten texts or more, a term that stands in one of them is an accident and left out.
        """
        found = np.zeros(len(self.vocabulary), dtype=np.float32)
        fewest = 2 if len(texts) >= MANY_TEXTS else 1
        for term, count in _count(texts).items():
            if count >= fewest and (column := self.column(term)) is not None:
                found[column] = (1 + np.log(count)) * self.idf[column]
        length = float(np.sqrt(found @ found))
        return found / length if length else found

    def telling(
        self, texts: Sequence[str], others: Sequence[str] = (), *, names: frozenset[str] = frozenset(), n: int = _MOST_TELLING
    ) -> tuple[str, ...]:
        """The terms that tell `texts` apart from the rest of the index and from `others`: class-based TF-IDF (Grootendorst, 2022).

        A term counts by the texts it stands in, so that one long rant does not decide; with ten texts or more it must stand in two.
        Terms with one of `names` in them (see `name_words`) are left out, unless the texts mostly write it small.
        """
        inside, outside = (_count(told_apart(text, self._uses) for text in given) for given in (texts, others))
        own_name = names_among(names, texts)
        fewest = 2 if len(texts) >= MANY_TEXTS else 1
        scored: list[tuple[float, str]] = []
        for term, count in inside.items():
            column = self.column(term)
            if column is None or count < fewest or not self.telling_terms[column] or not own_name.isdisjoint(term.split()):
                continue
            here = count / len(texts)
            elsewhere = outside.get(term, 0) / max(len(others), 1)
            scored.append((float(count * self.idf[column] * here / (here + elsewhere)), term))
        # "pumps" that stand mostly in "heat pumps" are named by the pair
        pairs = [term for _, term in scored if " " in term]
        covered = {word for pair in pairs for word in pair.split() if inside[pair] >= 0.6 * inside[word]}
        scored = [(value, term) for value, term in scored if term not in covered]
        chosen: list[str] = []
        for _, term in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
            words = set(term.split())
            if any(words & set(other.split()) for other in chosen):
                continue
            chosen.append(term)
            if len(chosen) == n:
                break
        return tuple(chosen)


def _unit_tf_idf(
    counts: npt.NDArray[np.float32], idf: npt.NDArray[np.float32], owner: npt.NDArray[np.int64], n: int
) -> npt.NDArray[np.float32]:
    """(1 + log count) x idf of every entry, with length 1 for each of the `n` owners."""
    values = (1 + np.log(counts)) * idf
    length = np.sqrt(np.bincount(owner, values.astype(np.float64) ** 2, minlength=n))
    return (values / np.where(length > 0, length, 1)[owner]).astype(np.float32)


def _count(texts: Iterable[str]) -> Counter[str]:
    return Counter(term for text in texts for term in dict.fromkeys(terms(text)))


def word_table(texts: Sequence[Sequence[str]], *, progress: bool = False) -> WordTable:
    """Count the terms of every account; `texts[i]` are the cleaned texts of account `i`.

    Example:
        >>> table = word_table([["heat pumps"], ["pumps and valves"], ["valves"]])
        >>> table.vocabulary
        ('pumps', 'valves')
    """
    from tqdm import tqdm

    # terms by number, account after account: a million accounts as counters would take gigabytes
    numbers: dict[str, int] = {}
    met, often = array("q"), array("q")
    ends = np.zeros(len(texts) + 1, dtype=np.int64)
    for row, own in enumerate(tqdm(texts, desc="words", unit="account", unit_scale=True, disable=not progress)):
        counted = _count(own)
        met.extend([numbers.setdefault(term, len(numbers)) for term in counted])
        often.extend(counted.values())
        ends[row + 1] = len(met)
    writers = max(int((np.diff(ends) > 0).sum()), 1)
    terms_met, counts = np.array(met, dtype=np.int64), np.array(often, dtype=np.float32)
    users = np.bincount(terms_met, minlength=len(numbers))
    vocabulary = tuple(sorted(term for term, number in numbers.items() if users[number] >= 2))
    number_of = np.array([numbers[term] for term in vocabulary], dtype=np.int64)
    idf = np.log(writers / users[number_of].astype(np.float64))
    column = np.full(len(numbers), -1, dtype=np.int64)
    column[number_of] = np.arange(len(vocabulary))
    columns, owner = column[terms_met], np.repeat(np.arange(len(texts)), np.diff(ends))
    kept = np.flatnonzero(columns >= 0)
    kept = kept[np.argsort(owner[kept] * max(len(vocabulary), 1) + columns[kept])]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owner[kept], minlength=len(texts)))]).astype(np.int64)
    return WordTable(vocabulary, idf.astype(np.float32), indptr, columns[kept].astype(np.int32), counts[kept])
