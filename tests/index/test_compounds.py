from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.compounds import told_apart
from tweetfocus.index.words import word_table

USED = {
    "gop": 50, "shutdown": 20, "pshutdown": 9, "address": 9, "go": 90, "hbcus": 8, "hbc": 3, "stop": 30, "stopthe": 4, "sham": 2, "us": 99,
    "senate": 40, "sd": 5, "in": 99, "din": 3, "dc": 9, "for": 99, "cs": 9, "all": 99, "teacher": 9, "at": 99,
    "reform": 9, "cj": 2, "jreform": 2,
    "leadership": 8, "the": 99, "brea": 1, "breathe": 4, "lea": 1, "day": 50,
}  # fmt: skip
TAGS = {
    "#GOPshutdown": "GOP shutdown",
    "#GOPAddress": "GOP Address",
    "#HBCUs": "HBCUs",
    "#USSenate": "US Senate",
    "#SDinDC": "SD in DC",
    "#CSforAll": "CS for All",
    "#ThankATeacher": "Thank A Teacher",
    "#CJreform": "CJ reform",
    "#TrueLEADership": "True LEADership",
    "#StoptheSham": "Stop the Sham",
    "#BreatheDeep": "Breathe Deep",
    "#DDay": "D Day",
    "#QZxwvut": "Q Zxwvut",  # nobody uses any of it: as it was
}


def uses(word: str) -> float:
    return math.log(USED[word]) if word in USED else -math.inf


@pytest.mark.parametrize(("tag", "words"), TAGS.items())
def test_tags_are_read_by_the_words_that_people_use(tag: str, words: str) -> None:
    assert told_apart(clean_text(f"On {tag}, 2016"), uses) == f"On {words}, 2016"


@given(st.text(max_size=40))
def test_not_a_letter_is_lost_or_added(text: str) -> None:
    cleaned = clean_text(text)
    assert told_apart(cleaned, uses).replace(" ", "") == cleaned.replace(" ", "")
    assert told_apart(cleaned, lambda word: -math.inf) == cleaned


def test_telling_words_are_words() -> None:
    tagged = [clean_text(f"No #GOPdefault {extra}") for extra in ("please", "again", "today")]
    table = word_table([tagged, tagged, ["the gop"], ["gop speaks"], ["a default"], ["default again"], ["gop default risk"]])
    assert "pdefault" in table.vocabulary
    assert table.telling(tagged) == ("default", "gop")
