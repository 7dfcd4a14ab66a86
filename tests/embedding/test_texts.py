from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Post
from tweetfocus.embedding.texts import clean_text, has_substance, speaking_texts

CLEANED = {
    # addresses
    "see https://x.example/a?b=1#c now": "see now",
    "HTTPS://X.EXAMPLE/ www.x.example/y": "",
    "new work pic.twitter.com/AbC t.co/xyz": "new work",
    "microsoft.co/x": "microsoft.co/x",
    "Awww...so cute": "Awww...so cute",
    # handles
    "@ana hello @bo_2, how are you": "hello , how are you",
    "＠ana hello": "hello",
    "@ana.bsky.social and @bo@mastodon.social": "and",
    "thanks @ana...great talk": "thanks ...great talk",
    "@@ana @a@@b hello": "hello",
    "mail ana@uni.example, meet @ 9": "mail ana@uni.example, meet @ 9",
    # reposts
    "RT @ana: heat pumps": "heat pumps",
    "rt @ana.bsky.social: RT @bo: heat pumps": "heat pumps",
    "ART @ana: heat pumps": "ART : heat pumps",
    # HTML and entities
    "<p>Grid</p>storage<br/><!-- note --><a href='x'>more</a>": "Grid storage more",
    "a < b and c > d, I <3 pumps": "a < b and c > d, I <3 pumps",
    "<a <b> >deep": "a >deep",
    "R&amp;D &#38; caf&eacute; &#x1F600;": "R&D & café 😀",
    "&lt;b&gt;bold&lt;/b&gt;": "bold",
    "&amp;lt;b&amp;gt;escaped twice": "escaped twice",
    "&#lt;b&#gt;": "& lt;b& gt;",
    "&#64;ana hello": "hello",
    # hashtags
    "#HeatPumps and #XMLParser": "Heat Pumps and XML Parser",
    "#AI#ML ##grid": "AI ML # grid",
    "＃日本語 #data_science2024": "日本語 data_science2024",
    "C# is # one": "C# is # one",
    "#aT.co/x": "a",
    # control characters, marks, white space
    "a\x00b\x1fc\x7fd\x9fe": "a b c d e",
    "a\u200bb": "a b",
    "in\u00adfor\u00adma\u00adtion\ufeff": "information",
    "\u202eevil\u202c \u2067abc\u2069 \u200eleft\u200f": "evil abc left",
    "@\u202eana hello": "hello",
    "ht\u00adtps://x.example/ hello": "hello",
    "cafe\u0301": "café",
    " two\n\nlines\tand\u00a0more\u2028 ": "two lines and more",
    # what must survive
    "🚀 launch ❤️ 👩\u200d💻": "🚀 launch ❤️ 👩\u200d💻",
    "می\u200cخواهم برق": "می\u200cخواهم برق",
    "データ基盤と分析。東京": "データ基盤と分析。東京",
    "": "",
}


@pytest.mark.parametrize(("raw", "cleaned"), CLEANED.items())
def test_cleaning(raw: str, cleaned: str) -> None:
    assert clean_text(raw) == cleaned


def test_no_text_is_an_empty_text() -> None:
    assert clean_text(None) == ""


def test_lone_surrogates_go() -> None:
    assert clean_text("a\ud800b") == "a b"


def test_numbers_of_thousands_of_digits_are_no_characters() -> None:
    assert clean_text("&#" + "9" * 5_000 + "; ok") == "ok"
    assert clean_text("&#x" + "9" * 5_000 + "; ok") == "\ufffd ok"


def test_escapes_nested_deeper_than_anybody_exports_still_end() -> None:
    deep = clean_text("&" + "amp;" * 4_000 + "lt;b>")
    assert "&" not in deep
    assert clean_text(deep) == deep


def test_only_the_start_of_a_long_text_counts() -> None:
    assert clean_text("word " * 200_000) == ("word " * 200).strip()
    assert clean_text(" " * 20_000 + "late") == ""
    assert clean_text(" " * 19_996 + "last word") == "last"


HOSTILE = [
    "<",
    "@",
    "#",
    "&",
    "<a",
    "<!",
    "&#38;",
    "&amp;",
    "a@",
    "@a.",
    "@a..",
    "@a-",
    "@a@",
    "RT @a ",
    "www.",
    "t.co/",
    "\u202e",
]
HOSTILE += ["aA", "A", "#aB", "'", "a'", "a-", "e\u0301", "\u0301", ".", "x", "１", "http://", " ", "&#9"]


def test_every_pattern_reads_hostile_text_in_linear_work() -> None:
    # on these lengths a quadratic pattern takes more than half a minute of processor time, a linear one hundredths of a second
    program = f"""
import re, resource
from tweetfocus.embedding import texts
from tweetfocus.index import signals, words
patterns = [p for module in (texts, signals, words) for p in vars(module).values() if isinstance(p, re.Pattern)]
assert len(patterns) >= 12
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
for unit in {HOSTILE!r}:
    text = "<a@a" + unit * (100_000 // len(unit)) + "!"
    for pattern in patterns:
        sum(1 for _ in pattern.finditer(text))
    texts.clean_text(text)
print("done")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("done\n", 0), ran.stderr


FRAGMENTS = [
    "&",
    "amp;",
    "&amp",
    "&#38;",
    "&#8203;",
    "&#894;",
    "&lt;",
    "&gt",
    "lt;",
    ";",
    "#",
    "＃",
    "@",
    "＠",
    "<",
    ">",
    "/",
    "!",
]
FRAGMENTS += [
    "a",
    "B",
    "aB",
    "ana",
    "RT ",
    "RT @",
    "https://",
    "www.",
    "Www.",
    "t.co/",
    "T.co/",
    "pic.twitter.com/",
    ".",
    "-",
    "_",
    ":",
]
FRAGMENTS += [
    " ",
    "\n",
    "\0",
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u0301",
    "\u0338",
    "\u037e",
    "e",
    "日",
    "1",
    "🚀",
    "&#9",
    "&#x40",
]
MESSY = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(MESSY)
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=3, max_size=12).map("".join), st.integers(980, 1020))
def test_what_is_cut_at_the_limit_is_clean_too(text: str, filling: int) -> None:
    cleaned = clean_text("x" * filling + text * 30)
    assert len(cleaned) <= 1_000
    assert clean_text(cleaned) == cleaned


@settings(max_examples=300, deadline=None)
@given(MESSY)
def test_no_machinery_is_left(text: str) -> None:
    cleaned = clean_text(text)
    assert not re.search(r"(?<![\w@＠])[@＠]\w", cleaned)
    assert not re.search(r"https?://\S|www\.\w|\b(?:t\.co|pic\.twitter\.com)/\S", cleaned, re.IGNORECASE)
    assert not re.search(r"<[a-zA-Z/!]|[#＃]\w", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c)[0] == "C" and c not in "\u200c\u200d"]
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())


def test_substance() -> None:
    assert has_substance("heat heat pump grid")
    assert not has_substance("heat Heat HEAT pump")  # two words, however often
    assert not has_substance("a 1 2 3 22")  # no words of two letters
    assert has_substance("Chef", words=1)
    assert not has_substance("🚀 🚀 !", words=1)
    assert has_substance("データ基盤です")
    assert not has_substance("東京です")  # four characters, and one word


# -- which texts speak ---------------------------------------------------------------------------------------------------------


def _post(text: str, day: int, author: str = "1") -> Post:
    return Post(account_id=author, text=text, created_at=datetime(2026, 1, day, tzinfo=UTC))


def test_bios_are_cleaned_and_must_hold_a_word() -> None:
    bios = {"1": "Chef @lyon https://x.example", "2": "🚀🚀", "3": None, "4": "日本語の先生"}
    data = Dataset.from_records([Account(account_id=i, bio=bio) for i, bio in bios.items()])
    assert speaking_texts(data).bios == ("Chef", "", "", "日本語の先生")


def test_newest_posts_are_chosen_and_stand_in_order_of_time() -> None:
    data = Dataset.from_records(posts=[_post(f"Post number {word} of mine", day) for day, word in enumerate("abcd", 1)])
    texts = speaking_texts(data, max_posts=2)
    assert texts.posts == ("Post number c of mine", "Post number d of mine")
    assert data.posts["text"].take(texts.post_rows).to_pylist() == list(texts.posts)
    assert texts.offsets.tolist() == [0, 2]


def test_repeated_posts_count_once_by_their_newest_copy() -> None:
    posts = [_post("Buy my great book https://a.example", 1), _post("Heat pumps in winter", 2), _post("Buy my great book", 3)]
    texts = speaking_texts(Dataset.from_records(posts=posts))
    assert texts.posts == ("Heat pumps in winter", "Buy my great book")
    assert texts.post_rows.tolist() == [1, 2]


def test_repeats_and_empty_words_leave_room_for_older_posts() -> None:
    posts = [
        _post("The oldest true words", 1),
        _post("ok", 2),
        _post("The newest true words", 3),
        _post("The newest true words", 4),
    ]
    assert speaking_texts(Dataset.from_records(posts=posts), max_posts=2).posts == (
        "The oldest true words",
        "The newest true words",
    )


def test_accounts_keep_their_own_posts_even_with_equal_words() -> None:
    posts = [_post("Heat pumps in winter", 1, author) for author in "13"]
    texts = speaking_texts(Dataset.from_records([Account(account_id="2")], posts=posts))
    assert texts.posts == ("Heat pumps in winter",) * 2
    assert texts.offsets.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize("most", [0, -1])
def test_no_posts_where_none_are_wanted(most: int) -> None:
    texts = speaking_texts(Dataset.from_records(posts=[_post("Heat pumps in winter", 1)]), max_posts=most)
    assert texts.posts == ()
    assert texts.offsets.tolist() == [0, 0]


def test_what_each_account_says() -> None:
    accounts = [Account(account_id="1", bio="Chef"), Account(account_id="2"), Account(account_id="3", bio="Nurse")]
    posts = [
        _post("Heat pumps in winter", 1, "2"),
        _post("Night shift again today", 1, "3"),
        _post("Staffing on the ward", 2, "3"),
    ]
    said = [["Chef"], ["Heat pumps in winter"], ["Nurse", "Night shift again today", "Staffing on the ward"]]
    assert speaking_texts(Dataset.from_records(accounts, posts=posts)).by_account() == said


def test_a_dataset_without_texts() -> None:
    texts = speaking_texts(Dataset.from_records([Account(account_id="1")]))
    assert (texts.bios, texts.posts, texts.post_rows.tolist(), texts.offsets.tolist()) == (("",), (), [], [0, 0])
