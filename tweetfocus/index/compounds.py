"""Words that a hashtag ran together, told apart by the words that an index knows.

#GOPshutdown and #GOPAddress have the same shape, so `clean_text`, which sees one text, can only guess where the acronym ends. An index
knows who uses "gop", "shutdown" and "pshutdown": of the readings of such a tag, the one whose rarest word is the most used is right
(the idea of Norvig, 2009).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

__all__ = ["told_apart"]

_GUESSED = re.compile(r"(?<![^\W_])([A-Z]+) ([A-Z])([a-z]+)(?![^\W_])")  # where `clean_text` may have cut one letter too early
_JOINED = re.compile(r"(?<![^\W_])([A-Z][a-z]{3,})(the|for|our|your)(?= [A-Z])")  # #StoptheSham


def told_apart(text: str, uses: Callable[[str], float]) -> str:
    """A cleaned text in which the tags that were taken apart wrongly are taken apart as its words say.

    Args:
        text: cleaned.
        uses: how much used a lower-case word is, as a logarithm; minus infinity for words that nobody uses.

    Example:
        >>> used = {"gop": 50, "shutdown": 20, "address": 9, "go": 90, "hbcus": 8, "stop": 30}
        >>> uses = lambda word: math.log(used.get(word, 0) or 1e-9)
        >>> [told_apart(text, uses) for text in ("GO Pshutdown now", "GOP Address", "HBC Us", "Stopthe Sham")]
        ['GOP shutdown now', 'GOP Address', 'HBCUs', 'Stop the Sham']
    """

    def read(found: re.Match[str]) -> str:
        before, letter, after = found.groups()
        readings = [f"{before} {letter}{after}", f"{before}{letter} {after}", f"{before}{letter}{after}"]
        values = [min(uses(word.lower()) if len(word) > 1 else -math.inf for word in reading.split()) for reading in readings]
        if before in ("A", "I"):  # the two words of one letter
            values[0] = uses(f"{letter}{after}".lower())
        best = max(range(3), key=values.__getitem__)
        return readings[best] if values[best] > values[0] else readings[0]

    def cut(found: re.Match[str]) -> str:
        whole, first, last = found.group(), *found.groups()
        return f"{first} {last}" if uses(first.lower()) > uses(whole.lower()) else whole

    return _JOINED.sub(cut, _GUESSED.sub(read, text))
