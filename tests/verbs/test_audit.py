"""`audit` and `audience` on accounts that are odd in some way: every answer is complete, and says what it could not judge."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tweetfocus as tf

LINK = "https://shop.example/offer"
HEBREW = [
    "משאבת חום בחורף",
    "רשת החשמל בערב",
    "שנאי ותחנת משנה",
    "תחזית עומס ליום קר",
    "סוללות ביתיות ורשת",
    "קווי מתח גבוה בחורף",
]
MANY = [
    "Wärmepumpen im Winter am Netz 🔥",
    "Les pompes à chaleur en hiver",
    "ヒートポンプと電力網の冬の負荷",
    "热泵与冬季电网负荷预测",
    "Тепловые насосы зимой в сети",
]


def _posts(who: str, texts: list[str], **fields: Any) -> list[tf.Post]:
    return [tf.Post(account_id=who, post_id=f"{who}{n}", text=text, **fields) for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def odd(hashed_world_index: tf.AccountIndex) -> tf.AccountIndex:
    numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    own = [f"Heat pump note {number} on the feeder" for number in numbers]
    accounts = [
        tf.Account(account_id="silent"),
        tf.Account(account_id="nobio"),
        tf.Account(account_id="noposts", bio="Grid planner, heat pumps"),
        tf.Account(account_id="three", bio="Grid planner"),
        tf.Account(account_id="reposts"),
        tf.Account(account_id="undated"),
        tf.Account(account_id="future"),
        tf.Account(account_id="rtl", username="\u202egnol", bio="מהנדס חשמל \u202e<script>alert(1)</script>"),
        tf.Account(account_id="many", bio="Energie & Netze 🌍"),
        tf.Account(account_id="shop", bio="Best offers"),
    ]
    posts = [
        *_posts("nobio", own),
        *_posts("three", own[:3]),
        *_posts("reposts", [f"RT @mara_lindqvist: {text}" for text in own]),
        *_posts("undated", own),
        *_posts("future", own, created_at="2190-01-01"),
        *_posts("rtl", [text + " \u202e👩‍🔧" for text in HEBREW]),
        *_posts("many", MANY * 3),
        *_posts(
            "shop", [f"Offer {word} {LINK}?utm_source={word}" for word in ("red", "blue", "green", "black", "white", "grey")]
        ),
    ]
    return hashed_world_index.add(tf.Dataset.from_records(accounts, posts=posts), cache=False, progress=False)


ODD = ["silent", "nobio", "noposts", "three", "reposts", "undated", "future", "rtl", "many", "shop"]


@pytest.mark.parametrize("who", ODD)
def test_every_answer_is_plain_and_whole(odd: tf.AccountIndex, who: str) -> None:
    for found in (tf.audit(odd, who), tf.audience(odd, who)):
        assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["account_id"] == who
        assert str(found).startswith(repr(found))
        assert "nan" not in str(found).split()
        assert "<script>" not in found._repr_html_()
        assert "\u202e" not in found.label


@pytest.mark.parametrize("who", ["silent", "noposts", "three"])
def test_too_few_posts_are_no_number(odd: tf.AccountIndex, who: str) -> None:
    found = tf.audit(odd, who)
    assert found.focus is None
    assert found.focus_rank is None
    assert found.on_topic is None
    assert found.off_topic == ()
    assert found.agreement.agreement is None
    assert found.balance.position is None
    assert found.split.accounts == ()
    assert found.split.verdict.startswith("too few posts to judge")
    assert any(note.startswith("too few posts to judge") for note in found.notes)
    assert "too few posts to judge" in repr(found)
    assert all(facet["share"] is None for facet in found.to_dict()["facets"])
    assert " %" not in str(found)  # nor is the share of a field told, which is that of one text or two


def test_without_a_bio_the_advice_is_to_write_one(odd: tf.AccountIndex) -> None:
    found = tf.audit(odd, "nobio")
    assert found.agreement.agreement is None
    assert "no bio, or none with words in it" in found.notes
    assert "no_bio" in {change.code for change in found.changes} or "unfocused" in {change.code for change in found.changes}


def test_only_reposts(odd: tf.AccountIndex) -> None:
    found = tf.audit(odd, "reposts")
    assert found.balance.of("repost").share == 1
    assert any("nothing but reposts" in note for note in found.notes)
    assert "too_many_reposts" in {change.code for change in found.changes}


def test_missing_and_future_dates_are_said(odd: tf.AccountIndex) -> None:
    undated, future = tf.audit(odd, "undated"), tf.audit(odd, "future")
    assert undated.quarters == future.quarters == ()
    assert "12 posts have no date: they are in no quarter" in undated.notes
    assert "12 posts are dated in the future: their dates are left out" in future.notes


def test_a_repeated_link_is_seen_through_its_tracking(odd: tf.AccountIndex) -> None:
    found = tf.audit(odd, "shop")
    assert found.balance.links.repeated == ((LINK, 6),)
    repeated = next(change for change in found.changes if change.code == "repeated_links")
    assert repeated.effect == pytest.approx(5 / 6)
    assert len(repeated.post_ids) == 6
    assert found.balance.position == 1


def test_telling_words_are_words(world_index: tf.AccountIndex) -> None:
    from tweetfocus.index.stop_words import STOP_WORDS

    for row in range(0, len(world_index), 7):
        for facet in tf.audit(world_index, world_index.data.account_id(row)).facets:
            for word in (part for term in facet.words for part in term.split()):
                assert word not in STOP_WORDS | {"amp", "rt", "http", "https"}
                assert not word.startswith(("@", "#", "http"))
                assert "/" not in word


def test_declared_fields_take_the_place_of_ones_own(world_index: tf.AccountIndex) -> None:
    found = tf.audit(world_index, "@mara_lindqvist", fields=["data engineering", "energy systems"])
    assert found.fields == ("data engineering", "energy systems")
    assert [account.field for account in found.split.accounts] == ["data engineering", "energy systems"]
    assert all(account.gain > 0 for account in found.split.accounts)
    words = [" ".join(facet.words) for facet in found.facets]
    assert "dbt" in words[0]
    assert "load" in words[1]
    assert found.split.unsorted == found.judged - sum(account.posts for account in found.split.accounts)


def test_a_field_nobody_posts_about(world_index: tf.AccountIndex) -> None:
    found = tf.audit(world_index, "@mara_lindqvist", fields=["marine biology", "pastry and bread"])
    own = tf.audit(world_index, "@mara_lindqvist")
    assert found.on_topic is not None
    assert own.on_topic is not None
    assert found.on_topic < own.on_topic / 2
    assert len(found.off_topic) > 30


@pytest.mark.parametrize("fields", [[], ["?!"], "cooking", [""], [3], ["x y"] * 11])
def test_impossible_fields_are_refused(hashed_world_index: tf.AccountIndex, fields: Any) -> None:
    with pytest.raises(tf.InvalidRequest, match="field"):
        tf.audit(hashed_world_index, "@mara_lindqvist", fields=fields)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("chosen", 0),
        ("random", True),
        ("inactive_days", -1),
        ("inactive_days", float("nan")),
        ("random_share", 1.5),
        ("as_of", "today"),
        ("chance", 0),
        ("candidates", "@ola_streams"),
    ],
)
def test_options_out_of_range_are_refused(hashed_world_index: tf.AccountIndex, option: str, value: Any) -> None:
    with pytest.raises(tf.InvalidRequest, match=option):
        tf.audience(hashed_world_index, "@mara_lindqvist", **{option: value})


def test_nobody_of_that_name(hashed_world_index: tf.AccountIndex) -> None:
    for verb in (tf.audit, tf.audience):
        with pytest.raises(tf.UnknownAccount):
            verb(hashed_world_index, "@nobody_at_all")


def test_what_candidates_would_add(world_index: tf.AccountIndex) -> None:
    before = tf.audience(world_index, "@mara_lindqvist")
    fan = before.followers.members[0].label
    asked = ["@ola_streams", "@chef_ottavio", fan, "@mara_lindqvist", "@stranger_1"]
    found = tf.audience(world_index, "@mara_lindqvist", candidates=asked)
    assert found.adding is not None
    assert {member.label for member in found.adding.members} == {"@ola_streams", "@chef_ottavio"}
    assert found.adding.effective == 1
    assert found.strangers == ("@stranger_1",)
    assert any(note.startswith("2 of the accounts that were asked about follow already") for note in found.notes)
    assert found.followers == before.followers


def test_results_cannot_be_changed(hashed_world_index: tf.AccountIndex) -> None:
    for found in (tf.audit(hashed_world_index, "@mara_lindqvist"), tf.audience(hashed_world_index, "@mara_lindqvist")):
        with pytest.raises(AttributeError):
            found.account_id = "other"  # type: ignore[misc]
        with pytest.raises(TypeError):
            found.settings["who"] = "other"  # type: ignore[index]
