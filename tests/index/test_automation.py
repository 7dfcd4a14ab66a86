from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Post
from tweetfocus.index import automation as module
from tweetfocus.index.automation import FEATURES, INTERCEPT, automation, automation_features
from tweetfocus.index.signals import addresses_somebody, measure_signals

NAMES = [feature.name for feature in FEATURES]
OF_BIOS = [name for name in NAMES if name.startswith("bio_")]
OF_POSTS = [name for name in NAMES if name.startswith("posts_")]


def _features(bio: str | None, *posts: str | Post) -> dict[str, float]:
    """The features of an account, by name."""
    wrote = [
        Post(account_id="1", text=post, post_id=str(number)) if isinstance(post, str) else post
        for number, post in enumerate(posts)
    ]
    data = Dataset.from_records([Account(account_id="1", bio=bio)], posts=wrote)
    return dict(zip(NAMES, automation_features(data, addresses_somebody(data))[0].tolist(), strict=True))


def _value(bio: str | None, *posts: str) -> float:
    wrote = [Post(account_id="1", text=text, post_id=str(number)) for number, text in enumerate(posts)]
    return float(measure_signals(Dataset.from_records([Account(account_id="1", bio=bio)], posts=wrote)).automation[0])


# -- features --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bio", "found"),
    [
        ("Heat pumps and grids", []),
        ("Poetry, by @ana", ["bio_credits_a_maker", "bio_speaks_of_content"]),
        ("Lovingly made on rainy days by ana", []),
        ("Made lovingly by ana", ["bio_credits_a_maker"]),
        ("Standby @ana", []),
        ("Heat from @ana", ["bio_explains"]),
        ("Randomly GENERATED haiku", ["bio_speaks_of_programs", "bio_speaks_of_content"]),
        ("Generations of gardens", []),
        ("RSS feed", ["bio_speaks_of_feeds"]),
        ("Clouds every hour", ["bio_names_a_schedule"]),
        ("Everyday clouds", []),
        ("Tweets clouds", ["bio_speaks_of_posting"]),
        ("Clouds that sing", ["bio_explains"]),
        ("The clouds", ["bio_has_articles"]),
        ("Chercheuse, Lyon", ["bio_names_a_person"]),
        ("Ärztin in Bremen", ["bio_names_a_person"]),
        ("Write to ana@heat.example", ["bio_gives_contact"]),
        ("Official!", ["bio_gives_contact"]),
        ("Clouds https://random.example/every/feed/by/official", []),
        ("Clouds with @random_feed @official", []),
    ],
)
def test_what_a_bio_says(bio: str, found: list[str]) -> None:
    features = _features(bio)
    assert [name for name in OF_BIOS if features[name]] == found
    assert {features[name] for name in OF_BIOS} <= {0.0, 1.0}
    assert all(isnan(features[name]) for name in OF_POSTS)


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ("heat pumps", []),
        ("Follow heat", ["posts_say_follow"]),
        ("follow-up", ["posts_say_follow"]),
        ("Followings", []),
        ("heat: pumps", ["posts_have_colon"]),
        ("heat at 12:30 https://heat.example:80", []),
        ("heat 🔥", ["posts_have_emoji"]),
        ("heat ☀️", ["posts_have_emoji"]),
        ("#heat", ["posts_have_hashtag"]),
        ("Heat TODAY", ["posts_speak_of_now"]),
        ("heat @bo", ["posts_address_somebody"]),
        ("bo@heat.example", []),
    ],
)
def test_what_a_post_says(post: str, found: list[str]) -> None:
    features = _features(None, post)
    flags = [name for name in OF_POSTS if name not in {"posts_log_words", "posts_repeat_words", "posts_echo_bio"}]
    assert [name for name in flags if features[name]] == found
    assert features["posts_repeat_words"] == 0
    assert isnan(features["posts_echo_bio"])  # there is no bio to echo
    assert all(isnan(features[name]) for name in OF_BIOS)


def test_posts_by_hand() -> None:
    features = _features(
        "Cold pumps of Bremen",
        "Heat: heat, heat! Pumps today #bremen",  # six words, four of them different; echoes the bio
        "@bo of https://heat.example/follow",  # one word, too short to be an echo
        "RT @cy: follow follow follow #pumps 🔥",
        "Cool",
    )
    assert {name: features[name] for name in OF_POSTS} == pytest.approx(
        {
            "posts_pass_on": 1 / 4,
            "posts_say_follow": 0,
            "posts_repeat_words": (2 / 6) / 3,
            "posts_have_colon": 1 / 3,
            "posts_have_emoji": 0,
            "posts_have_hashtag": 1 / 3,
            "posts_speak_of_now": 1 / 3,
            "posts_log_words": (math.log(7) + math.log(2) + math.log(2)) / 3,
            "posts_address_somebody": 1 / 3,
            "posts_echo_bio": 1 / 3,
        }
    )


def test_reposts_and_replies_that_only_the_record_tells() -> None:
    features = _features(
        None,
        Post(account_id="1", post_id="1", text="follow", repost_of_account_id="9"),
        Post(account_id="1", post_id="2", text="Heat", reply_to_account_id="9"),
        Post(account_id="1", post_id="3", text="Heat", mentions=("bo",)),
        Post(account_id="1", post_id="4", text="Heat"),
    )
    assert features["posts_pass_on"] == 1 / 4
    assert features["posts_address_somebody"] == pytest.approx(2 / 3)
    assert features["posts_say_follow"] == 0


def test_words_of_scripts_without_spaces() -> None:
    assert _features(None, "今日は東京です")["posts_log_words"] == pytest.approx(math.log(1 + 4))  # seven characters
    assert _features(None, "東京 heat")["posts_log_words"] == pytest.approx(math.log(1 + 2))


def test_every_listed_word_can_be_found() -> None:
    lists = (module._PROGRAMS, module._FEEDS, module._CONTACT, module._CONTENT, module._PERSON)
    for words in lists:
        listed = words.split()
        assert [module._read(word).words for word in listed] == [[word] for word in listed]
        assert len(set(listed)) == len(listed)
    named = [set(words.split()) for words in lists]
    assert not any(named[a] & named[b] for a in range(5) for b in range(a))  # a word is evidence once


# -- the model -------------------------------------------------------------------------------------------------------------------


def test_the_value_by_hand() -> None:
    features = np.array([[feature.mean for feature in FEATURES]] * 3)
    features[1, 0] += 1
    features[2, 1:] = np.nan  # not known is like the mean
    expected = [1 / (1 + math.exp(-log_odds)) for log_odds in (INTERCEPT, INTERCEPT + FEATURES[0].weight, INTERCEPT)]
    assert automation(features).tolist() == pytest.approx(expected)
    assert automation(features).dtype == np.float32


@pytest.mark.parametrize("column", range(len(FEATURES)))
def test_more_of_a_feature_moves_the_value_the_way_its_weight_says(column: int) -> None:
    features = np.tile([feature.mean for feature in FEATURES], (2, 1))
    features[1, column] += 0.5
    before, after = automation(features)
    assert np.sign(after - before) == np.sign(FEATURES[column].weight) != 0


def test_which_way_the_features_point() -> None:
    more = {
        *(
            "bio_credits_a_maker",
            "bio_speaks_of_programs",
            "bio_speaks_of_feeds",
            "bio_speaks_of_content",
            "bio_names_a_schedule",
        ),
        *("bio_speaks_of_posting", "bio_explains", "bio_has_articles"),
        *("posts_say_follow", "posts_repeat_words", "posts_have_colon", "posts_echo_bio"),
    }
    assert {feature.name for feature in FEATURES if feature.weight > 0} == more


def test_clear_cases() -> None:
    machine = _value("Randomly generated haiku, posted every hour. By @ana", "cold: cold haiku", "warm: warm haiku")
    person = _value("Engineer, mother, ana@heat.example", "@bo see you tonight 🔥", "RT @cy: heat", "So happy today #heat")
    assert machine > 0.9
    assert person < 0.1
    assert person < _value("Heat pumps and grids", "Heat pumps are warm") < machine


def test_nothing_to_judge() -> None:
    assert isnan(_value(None))
    assert isnan(_value(""))
    assert isnan(_value("🔥 ... 123 @ana https://heat.example"))
    assert isnan(_value("Bot"))
    assert not isnan(_value("Heat"))
    assert not isnan(_value(None, "https://heat.example"))


def test_reposts_alone_are_enough() -> None:
    features = _features(None, "RT @bo: heat")
    assert {name for name in NAMES if not isnan(features[name])} == {"posts_pass_on"}
    odds = INTERCEPT + (1 - module._REPOST.mean) * module._REPOST.weight
    assert _value(None, "RT @bo: heat") == pytest.approx(1 / (1 + math.exp(-odds)))


def test_no_accounts() -> None:
    assert measure_signals(Dataset.from_records()).automation.shape == (0,)


# -- what is not looked at -------------------------------------------------------------------------------------------------------

KIN = ["bot", "Bot", "BOTS", "bot's", "bots", "chatbot", "TwitterBots", "my_bot", "bot_7", "robot", "Robotic", "botted"]
KIN += ["BotArmy", "#bot", "#HaikuBot"]
WORDS = ["heat", "by", "@ana", "made", "every", "hour", "the", "Engineer", "today", "follow", "bottle", "#heat", "🔥"]
WORDS += [",", "|", ":", "'"]
TOKENS = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="@＠"), min_size=1, max_size=6)


def _all(bios: Sequence[str | None], posts: Sequence[str]) -> np.ndarray:
    accounts = [Account(account_id=f"{row:04}", bio=bio) for row, bio in enumerate(bios)]
    wrote = [Post(account_id=f"{row:04}", text=text) for row, text in enumerate(posts)]
    data = Dataset.from_records(accounts, posts=wrote)
    return automation_features(data, addresses_somebody(data))


@settings(max_examples=150, deadline=None)
@given(st.lists(TOKENS, min_size=1, max_size=8), st.sampled_from(KIN), st.sampled_from(KIN), st.data())
def test_the_word_bot_makes_no_difference(tokens: list[str], one: str, other: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(tokens)))
    texts = ["Heat " + " ".join([*tokens[:place], *added, *tokens[place:]]) for added in ([], [one], [other])]
    without, *with_it = _all(texts, texts)
    for features in with_it:
        np.testing.assert_array_equal(features, without)


def test_words_that_only_contain_its_letters_count() -> None:
    assert _features(None, "both bottles at the bottom")["posts_log_words"] == pytest.approx(math.log(1 + 5))


@pytest.mark.parametrize("name", ["@ana", "@hourly_bot", "@random.feed.example", "@engineer@rss.example"])
def test_whose_name_it_is_makes_no_difference(name: str) -> None:
    text = f"Heat by {name}, and {name} again"
    np.testing.assert_array_equal(_all([text], [text]), _all(["Heat by @bo, and @bo again"], ["Heat by @bo, and @bo again"]))


def test_nothing_but_bio_and_posts_makes_a_difference() -> None:
    plain = Account(account_id="1", bio="Haiku every hour")
    told = Account(
        account_id="1",
        bio="Haiku every hour",
        username="hourly_bot",
        name="Random feed bot",
        location="RSS",
        followers_count=3,
        following_count=0,
        post_count=100_000,
        protected=False,
        discoverable=True,
    )
    values = [measure_signals(Dataset.from_records([account])).automation.tolist() for account in (plain, told)]
    assert values[0] == values[1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.lists(TOKENS, max_size=5), st.lists(TOKENS, min_size=1, max_size=5)), min_size=1, max_size=6))
def test_an_account_does_not_depend_on_the_others(people: list[tuple[list[str], list[str]]]) -> None:
    texts = [(" ".join(bio), "x " + " ".join(post)) for bio, post in people]
    together = automation(_all([bio for bio, _ in texts], [post for _, post in texts]))
    alone = [automation(_all([bio], [post]))[0] for bio, post in texts]
    np.testing.assert_array_equal(together, alone)
    known = together[~np.isnan(together)]
    assert ((known >= 0) & (known <= 1)).all()


def test_no_recommendation_depends_on_it(hashed_world_index: tf.AccountIndex) -> None:
    index, hero = hashed_world_index, hashed_world_index.data.account_id(0)
    turned = replace(index, signals=replace(index.signals, automation=1 - index.signals.automation))
    one, other = (tf.recommend(each, hero, n=30) for each in (index, turned))
    assert [(r.account_id, r.score) for r in one] == [(r.account_id, r.score) for r in other]
    assert len(one) == 30


HOSTILE = [
    "bot",
    "botbot1",
    "bot_",
    "robot",
    "#",
    "#bot",
    "@a",
    "@a.",
    "www.",
    "by ",
    "made ",
    "made x ",
    "a'",
    "京",
    "A",
    "Bot",
    ":",
    "w@",
]


def test_every_pattern_reads_hostile_text_in_linear_work() -> None:
    # on these lengths a quadratic pattern takes more than half a minute of processor time, a linear one hundredths of a second
    program = f"""
import re, resource
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Post
from tweetfocus.index import automation
from tweetfocus.index.signals import measure_signals
patterns = [p for p in vars(automation).values() if isinstance(p, re.Pattern)]
assert len(patterns) == 9, len(patterns)
resource.setrlimit(resource.RLIMIT_CPU, (25, 25))
for unit in {HOSTILE!r}:
    text = "made a" + unit * (100_000 // len(unit)) + "é!"
    for pattern in patterns:
        sum(1 for _ in pattern.finditer(text))
    automation._read(text)
print("done")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("done\n", 0), ran.stderr
