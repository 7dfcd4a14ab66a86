"""What a mention is for: to ask, to comment, to thank, to pass on, or nothing that could be answered.

Rules over the text alone, see `mention_words`. docs/inbox.md says how often they are right.
"""

from __future__ import annotations

import re
from enum import StrEnum

from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.mention_words import (
    ADVERTISES,
    AIMLESS,
    ASKS,
    ASKS_FIRST,
    NO_THANKS,
    PRAISES,
    RHETORICAL,
    SECOND_PERSON,
    THANKS,
)

__all__ = ["MentionKind", "mention_kind"]

_READ = 2_000  # characters
_MANY_NAMES = 5  # who names so many talks to none of them
_MANY_TAGS = 3
_SHORT = 10  # words of a plain thank-you, at most
_SHORT_PRAISE = 5
_ASKED = 2  # points from which on a question mark makes a question

_SOMEBODY = "0"  # stands for a name within a sentence: neither a letter nor a mark
_ADDRESSED = re.compile(r"^[\s.]*(?:[@＠]\w+(?:[.@-]\w+)*[\s,:]*)+")
_HANDLE = re.compile(r"(?<![\w@＠/])[@＠]\w+(?:[.-]\w+|@\w+)*")
_REPOSTED = re.compile(r"\s*RT @\w", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w@])@\w")
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_TAG = re.compile(r"(?<!\w)[#＃](?=\w)")
_QUOTED = re.compile(r"\"[^\"]{0,300}\"|“[^”]{0,300}”|«[^»]{0,300}»|„[^“”]{0,300}[“”]|「[^」]{0,300}」")
_GREEK_MARK = re.compile(r"(?<=[\u0370-\u03ff\u1f00-\u1fff]);(?=\s|$)")
_SENTENCE = re.compile(r"[^.!?…。！？؟՞\n]*[.!?…。！？؟՞]*(?:\s|$)?")
_MARK = re.compile(r"[?？؟՞]")
_END = re.compile(r"[\W_]+$")
_LETTERS = re.compile(r"[^\W\d_]+")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
# what stands in front of the question itself
_GREETING = "hi|hey|hello|dear|salut|bonjour|hallo|moin|hola|ciao|olá|hej|cześć|merhaba|здравствуйте|привет|مرحبا|سلام|היי|नमस्ते|안녕하세요"
_LEAD_IN = (
    "so|and|but|ok|okay|well|hm+|sorry|also|btw|by the way|just|oh|same here|honest question|et|mais|alors|und|aber|y|pero|e|ma|mas|och|"
    "men|a|peki|а|и|но|이|혹시"
)
_OPENING = re.compile(rf"^(?:[\W_]|{_SOMEBODY}[\W_]*[,:!]|(?:{_GREETING}) {_SOMEBODY}\b|(?:{_GREETING}|{_LEAD_IN})\b[\s,!:]*)*")


class MentionKind(StrEnum):
    """What a mention is for.

    Example:
        >>> MentionKind.QUESTION == "question"
        True
    """

    QUESTION = "question"
    COMMENT = "comment"
    THANKS = "thanks"
    REPOST = "repost"
    OTHER = "other"


def mention_kind(text: str) -> MentionKind:
    """What a post that names somebody is for, by its text alone.

    A question wants an answer, with or without a question mark; a rhetorical one is a comment. Thanks are thanks or praise and
    nothing more. A repost passes on somebody else's words. Other is what no answer is due to: laughter, greetings, bare links, lists
    of names, advertisements.

    Example:
        >>> [str(mention_kind(said)) for said in ("@ana which grid?", "@ana ours has 25 hours as well", "@ana thanks a lot!", "@ana 😂")]
        ['question', 'comment', 'thanks', 'other']
    """
    text = text[:_READ]
    if _REPOSTED.match(text):
        return MentionKind.REPOST
    said = clean_text(_HANDLE.sub(f" {_SOMEBODY}", _ADDRESSED.sub(" ", text))).casefold().replace("’", "'")
    words = _size(said)
    asked = _asks(said)
    if _aimless(text, said, words):
        return MentionKind.THANKS if "🙏" in text and not words else MentionKind.OTHER
    if asked:
        return MentionKind.QUESTION
    if _thanks(said, words):
        return MentionKind.THANKS
    return MentionKind.COMMENT


def _size(said: str) -> int:
    """Words, or what counts as one in a script without spaces."""
    dense = len(_DENSE.findall(said))
    return len(_LETTERS.findall(_DENSE.sub(" ", said))) + (dense + 1) // 2


def _aimless(text: str, said: str, words: int) -> bool:
    names, tags = len(_NAME.findall(text)), len(_TAG.findall(text))
    return (
        not words
        or names >= _MANY_NAMES
        or (tags >= _MANY_TAGS and (bool(_LINK.search(text)) or words <= tags + 1))
        or AIMLESS.fullmatch(said) is not None
        or ADVERTISES.search(said) is not None
    )


def _asks(said: str) -> bool:
    plain = _QUOTED.sub(" _ ", _GREEK_MARK.sub("?", said))
    sentences = [part for part in (found.strip() for found in _SENTENCE.findall(plain)) if _LETTERS.search(part)]
    return any(_wants_an_answer(part, last=place == len(sentences) - 1) for place, part in enumerate(sentences))


def _wants_an_answer(sentence: str, *, last: bool) -> bool:
    body = _OPENING.sub("", sentence)
    asks = ASKS_FIRST.match(body) is not None or _marked(sentence, body, last=last) or ASKS.search(body) is not None
    return asks and RHETORICAL.search(_END.sub("", body)) is None


def _marked(sentence: str, body: str, *, last: bool) -> bool:
    """Whether a question mark makes it a question: at the end of all, or to somebody; an echo or an outcry is none."""
    if _MARK.search(sentence) is None and "¿" not in sentence:
        return False
    points = 1 + last + (SECOND_PERSON.search(body) is not None)
    points -= ("!" in sentence[-3:]) + 2 * (_size(body) <= 3 and not last)
    return points >= _ASKED


def _thanks(said: str, words: int) -> bool:
    if THANKS.search(said):
        return words <= _SHORT and NO_THANKS.search(said) is None
    return words <= _SHORT_PRAISE and PRAISES.search(said) is not None
