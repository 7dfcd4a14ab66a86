"""Words that an audit does not put forward as somebody's field: what is nobody's business, and what says nothing."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["fit_words"]

# Faith, origin, party and orientation: the library infers professions, and must not advise anybody to show these in a bio. Words of
# health stay, since they are the field of many.
# The list is short and English: it keeps the plainest cases out of the advice, and cannot know every word.
_WORDS = {
    "private": """
    african africans allah arab arabs asian asians atheist bible bisexual bless blessed buddhist catholic catholics chinese
    christ christian christians church conservative conservatives cuban dem democrat democrats dems easter faith gay gays god
    gop hanukkah hindu hispanic hispanics immigrant immigrants indian islam israel israeli jesus jew jewish jews latina
    latino latinos lesbian lgbt lgbtq liberal liberals mexican mexicans mosque muslim muslims obamacare palestinian pope pray
    prayer prayers praying queer quran rabbi racial racist ramadan refugee refugees religion religious republican republicans
    socialist tories tory transgender trump woke
    """,
    "empty": """
    ago aka anniversary bday birthday btw congrats congratulations cool ff fwiw fyi glad happy hat hello hi ht http https icymi idk imho
    imo joining meeting mt nice proud saddened smh speaking tba tbh tbt thx tip ty watch welcome wkd wknd yay
    """,
}
_UNFIT = frozenset(word for words in _WORDS.values() for word in words.split())


def fit_words(words: Iterable[str]) -> tuple[str, ...]:
    """Those of the terms in which no word is unfit, in their order.

    Example:
        >>> fit_words(["heat pumps", "icymi", "prayer meeting", "grid"])
        ('heat pumps', 'grid')
    """
    return tuple(term for term in words if not _UNFIT.intersection(term.lower().split()))
