from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.reasons import explain

REQUESTS: list[dict[str, Any]] = [
    {"who": "@mara_lindqvist"},
    {"who": "@labourlaw_lene"},
    {"who": "@copepod_nils"},
    {"interests": ["coral reefs and kelp", "dismissal"]},
    {"seeds": ["@camille_dbt", "@wen_pipelines"]},
    {"who": "@mara_lindqvist", "seeds": ["@copepod_nils"]},
    {"who": "@mara_lindqvist", "interests": ["sour dough bread"]},
]


EVERYTHING = tf.Weights({name: -1.0 if feature.never_helps else 1.0 for name, feature in FEATURES.items()})


@pytest.fixture(scope="module")
def everything(hashed_world_index: tf.AccountIndex) -> list[tuple[dict[str, Any], tf.Recommendations]]:
    return [(asked, tf.recommend(hashed_world_index, n=500, **asked)) for asked in REQUESTS]


def _each(everything: list[tuple[dict[str, Any], tf.Recommendations]]) -> Iterator[tuple[dict[str, Any], Any, tf.Reason]]:
    for asked, recs in everything:
        for rec in recs:
            for reason in rec.reasons:
                yield asked, rec, reason


def _following(index: tf.AccountIndex, asked: dict[str, Any]) -> set[int]:
    """Whose ties count: the examples, or those whom the person follows."""
    if asked.get("seeds"):
        return {index.data.row(seed) for seed in asked["seeds"]}
    return set(index.graph.following(index.data.row(asked["who"])).tolist()) if asked.get("who") else set()


def _quotes(reason: tf.Reason) -> list[str]:
    return [said[1:-1] for said in reason.evidence if said.startswith("“")]


def test_every_contribution_is_told(everything: list[tuple[dict[str, Any], tf.Recommendations]]) -> None:
    for _, recs in everything:
        assert len(recs) > 50
        for rec in recs:
            told = {feature for reason in rec.reasons for feature in reason.features}
            untold = {name: part for name, part in rec.contributions.items() if name not in told and abs(part) > 0.01}
            assert not untold, rec


def test_no_feature_is_told_twice_and_none_for_nothing(everything: list[tuple[dict[str, Any], tf.Recommendations]]) -> None:
    for _, recs in everything:
        for rec in recs:
            told = [feature for reason in rec.reasons for feature in reason.features]
            assert len(told) == len(set(told))
            assert all(rec.contributions[feature] != 0 for feature in told)


def test_a_reason_carries_what_its_features_contribute(everything: list[tuple[dict[str, Any], tf.Recommendations]]) -> None:
    for _, rec, reason in _each(everything):
        assert reason.contribution == pytest.approx(sum(rec.contributions[f] for f in reason.features), abs=1e-9)
        assert reason.text.startswith("Against it: ") == (reason.contribution < 0)


def test_the_weightiest_comes_first_and_what_speaks_against_last(
    everything: list[tuple[dict[str, Any], tf.Recommendations]],
) -> None:
    for _, recs in everything:
        for rec in recs:
            parts = [reason.contribution for reason in rec.reasons]
            speaks_for, against = [p for p in parts if p > 0], [p for p in parts if p < 0]
            assert parts == sorted(speaks_for, reverse=True) + sorted(against)


def test_what_is_quoted_was_written_by_that_account(
    hashed_world_index: tf.AccountIndex, everything: list[tuple[dict[str, Any], tf.Recommendations]]
) -> None:
    data, quoted = hashed_world_index.data, 0
    for _, rec, reason in _each(everything):
        for quote in _quotes(reason):
            row = data.row(rec.account_id)
            posts = data.posts[int(data.post_offsets[row]) : int(data.post_offsets[row + 1])].to_pylist()
            own = [post["text"] for post in posts if post["repost_of_account_id"] is None] + [rec.bio or ""]
            begins = quote.removesuffix("…")
            assert any(" ".join(text.split()).startswith(begins) for text in own), (rec.account_id, quote)
            quoted += 1
    assert quoted > 100


@pytest.mark.parametrize(
    ("sentence", "theirs"),
    [
        (
            r"Followed by (@.+?)(?: and (\d+) others?)?(?: you follow| of your examples|, whom you follow|, from your examples)",
            "followers",
        ),
        (r"You both follow (.+?)(?: and (\d+) others?)?", "following"),
        (r"Follows (@.+?)(?: and (\d+) others?)?(?: of your examples|, from your examples)", "following"),
    ],
)
def test_who_is_named_really_has_that_tie(
    hashed_world_index: tf.AccountIndex,
    everything: list[tuple[dict[str, Any], tf.Recommendations]],
    sentence: str,
    theirs: str,
) -> None:
    index, seen = hashed_world_index, 0
    for asked, rec, reason in _each(everything):
        if found := re.fullmatch(sentence, reason.text):
            ties = set(getattr(index.trusted, theirs)(index.data.row(rec.account_id)).tolist()) & _following(index, asked)
            named = {index.data.row(name) for name in re.split(", | and ", found[1])}
            assert named <= ties
            assert len(named) + int(found[2] or 0) == len(ties)
            assert len(named) == min(3, len(ties))
            assert {index.data.row(account_id) for account_id in reason.evidence} == ties
            seen += 1
    assert seen > 10


def test_an_account_is_told_alike_whoever_else_is_asked_for(
    hashed_world_index: tf.AccountIndex, everything: list[tuple[dict[str, Any], tf.Recommendations]]
) -> None:
    for asked, recs in everything:
        evidence = Evidence(hashed_world_index, make_query(hashed_world_index, **{"who": None} | asked))
        for rec in recs[::40]:
            (alone,) = explain(evidence, np.array([hashed_world_index.data.row(rec.account_id)]), [rec.contributions])
            assert alone == rec.reasons


def test_who_follows_or_spoke_really_did(
    hashed_world_index: tf.AccountIndex, everything: list[tuple[dict[str, Any], tf.Recommendations]]
) -> None:
    index = hashed_world_index
    follows = spoke = 0
    for asked, rec, reason in _each(everything):
        me = index.data.row(asked["who"]) if asked.get("who") else None
        if reason.text == "Follows you":
            assert index.data.row(rec.account_id) in index.graph.followers(me)
            follows += 1
        if reason.features == ("engaged",):
            counts = index.engagement.towards(me)[index.data.row(rec.account_id)]
            times = sum(1 if part.endswith("once") else int(part.split()[-2]) for part in reason.text.split(" and "))
            assert times == sum(counts.values())
            spoke += 1
    assert follows > 5
    assert spoke > 5


def _hand_made(posts: list[tf.Post], follows: list[str], **bios: str | None) -> tf.AccountIndex:
    people = [tf.Account(account_id=i, username=f"name_{i}", bio=bio) for i, bio in bios.items()]
    pairs = [tf.Follow(source_id=pair[0], target_id=pair[1]) for pair in follows]
    data = tf.Dataset.from_records(people, posts=posts, follows=pairs)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(4096), cache=False)


def _told(index: tf.AccountIndex, account: str, feature: str, who: str | None = "m", **asked: Any) -> tf.Reason | None:
    """The reason for `account` that speaks for `feature`, all weights being 1."""
    row = index.data.row(account)
    evidence = Evidence(index, make_query(index, who, **asked))
    parts = {name: float(np.nan_to_num(f.measure(evidence)[row])) for name, f in FEATURES.items()}
    (told,) = explain(evidence, np.array([row]), [parts])
    return next((reason for reason in told if feature in reason.features), None)


def test_sentences_about_text() -> None:
    posts = [
        tf.Post(account_id="c", text="it is all about that"),
        tf.Post(account_id="r", text="heat pumps for the island", repost_of_account_id="a"),
        tf.Post(account_id="s", text="RT @name_a: heat pumps for the island"),
    ]
    index = _hand_made(
        posts,
        [],
        m="heat pumps of the island it is all about",
        a="heat pumps now",
        b="it is the all of it about the of",
        c="dough",
        n="tax it",
        r=None,
        s=None,
        x="dough dough",
    )
    shares = _told(index, "a", "facets")
    assert shares
    assert shares.text == "Shares your field: heat pumps"
    assert shares.evidence == ("“heat pumps now”",)  # the bio, where no post is near
    assert _told(index, "b", "facets").text == "Their bio is close to your field"  # type: ignore[union-attr]
    writes = _told(index, "c", "facets")
    assert writes
    assert writes.text == "Writes close to your field, in words of their own"
    assert writes.evidence == ("“it is all about that”",)
    near = _told(index, "n", "facets")
    assert near
    assert (near.text, near.evidence) == ("Touches on your field", ())
    for reposter in "rs":
        passed_on = _told(index, reposter, "facets")
        assert passed_on
        assert passed_on.evidence == ()  # nobody is quoted with the words of others
    assert _told(index, "x", "facets") is None


def test_a_field_is_named_where_there_are_several() -> None:
    index = _hand_made([], [], a="heat pumps in hotels", b="heat pumps", c="sour dough", d="dough")
    told = _told(index, "a", "facets", who=None, interests=["heat pumps", "sour dough"])
    assert told
    assert told.text == "Shares your field “heat pumps”: heat pumps"


def test_sentences_about_ties() -> None:
    follows = ["mf", "mg", "fa", "ga", "bf", "bg", "cm", "hf", "hz", "xq", "qx"]
    posts = [tf.Post(account_id="c", text="@name_m hello"), tf.Post(account_id="c", text="so says @name_m")]
    posts += [tf.Post(account_id="c", text=f"RT @name_m: {i}") for i in range(3)]
    index = _hand_made(posts, follows, **dict.fromkeys("mfgabchzxq", "dough"))
    assert _told(index, "a", "friends").text == "Followed by @name_f and @name_g, whom you follow"  # type: ignore[union-attr]
    # fewer follow g than f
    assert _told(index, "b", "likeness").text == "You both follow @name_g and @name_f"  # type: ignore[union-attr]
    assert _told(index, "c", "follows_me").text == "Follows you"  # type: ignore[union-attr]
    assert _told(index, "c", "engaged").text == (  # type: ignore[union-attr]
        "Replied to you once and reposted you 3 times and mentioned you once"
    )
    # h follows f and z: z shares a follower with f, whom m follows, but nobody whom m follows follows z
    assert _told(index, "z", "co_follow").text.startswith("Followed by the same people as those you follow: more than")  # type: ignore[union-attr]
    assert _told(index, "z", "walk").text == "Within reach of you in the follow graph"  # type: ignore[union-attr]
    assert _told(index, "x", "walk") is None


def test_examples_are_not_called_yours() -> None:
    follows = ["sa", "bs", "hs", "hz"]
    index = _hand_made([], follows, **dict.fromkeys("msabhz", "dough"))
    texts = [
        _told(index, account, feature, who=None, seeds=["s"])
        for account, feature in [("a", "friends"), ("b", "likeness"), ("z", "co_follow"), ("z", "walk")]
    ]
    assert [reason.text if reason else None for reason in texts][:2] == [
        "Followed by @name_s, from your examples",
        "Follows @name_s, from your examples",
    ]
    assert texts[2]
    assert "as your examples" in texts[2].text
    assert texts[3]
    assert "your examples in the follow graph" in texts[3].text


# -- people like you -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gridders() -> tf.AccountIndex:
    """Nine gridders follow the same accounts, who say nothing; a follows some of them too, but bakes; x is one of them, unfollowed."""
    items = [f"i{number}" for number in range(6)]
    follows = [(f"g{who}", item) for who in range(9) for item in items if item != "i5" or who < 2]
    follows += [("a", item) for item in ("i3", "i4")] + [("b", item) for item in ("i0", "i1")]
    follows += [
        ("g7", "m"),
        ("g8", "m"),
        ("o", "m"),
        ("o", "z"),
        ("g7", "y"),
        ("g8", "y"),
        ("o", "y"),
        ("b", "g0"),
        ("b", "g1"),
    ]
    bios = {f"g{who}": f"heat pumps and grids {who}" for who in range(9)} | {
        "a": "sour dough",
        "b": "dough",
        "m": "heat pumps and grids",
    }
    bios |= {"x": "grids and heat pumps", "o": "dough"}
    people = [tf.Account(account_id=i, username=f"name_{i}", bio=bio) for i, bio in bios.items()]
    people += [tf.Account(account_id=i, username=f"name_{i}") for i in [*items, "y", "z"]]
    data = tf.Dataset.from_records(people, follows=[tf.Follow(source_id=a, target_id=b) for a, b in follows])
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(4096), cache=False)


@pytest.mark.parametrize(
    ("asked", "whose"),
    [
        ({"who": "m"}, "who share your field"),
        ({"who": None, "interests": ["heat pumps and grids"]}, "who share the field"),
        ({"who": None, "seeds": ["m"]}, "who share the field"),
    ],
)
def test_people_of_the_field_who_follow_somebody_are_named(
    gridders: tf.AccountIndex, asked: dict[str, Any], whose: str
) -> None:
    told = _told(gridders, "i5", "alike", **asked)
    assert told
    assert told.text == f"Followed by @name_g0 and @name_g1, {whose}"
    assert told.evidence == ("g0", "g1")
    many = _told(gridders, "i3", "alike", **asked)
    assert many
    assert re.fullmatch(rf"Followed by @name_g\d, @name_g\d and @name_g\d, {whose}", many.text)  # a, who bakes, is not named


@pytest.mark.parametrize(
    ("asked", "whom"),
    [
        ({"who": "m"}, "you"),
        ({"who": None, "interests": ["heat pumps and grids"]}, "that"),
        ({"who": None, "seeds": ["m"]}, "your examples"),
    ],
)
def test_kinds_of_people_are_spoken_of_where_nobody_can_be_named(
    gridders: tf.AccountIndex, asked: dict[str, Any], whom: str
) -> None:
    evidence = Evidence(gridders, make_query(gridders, **asked))
    row, unfollowed = gridders.data.row("z"), gridders.data.row("x")
    ((told,), (described,)) = explain(
        evidence, np.array([row, unfollowed]), [{"alike": 0.2, "alike_relative": 0.1}, {"spoken": 0.2, "spoken_relative": 0.1}]
    )
    assert (told.text, told.evidence) == (f"Followed by the kind of people who describe themselves like {whom}", ())
    assert (told.features, told.contribution) == (("alike", "alike_relative"), pytest.approx(0.3))
    assert (described.text, described.evidence) == (f"Describes itself like the accounts that people like {whom} follow", ())
    assert (described.features, described.contribution) == (("spoken", "spoken_relative"), pytest.approx(0.3))


def test_followers_in_common_are_named(gridders: tf.AccountIndex) -> None:
    told = {name: _told(gridders, name, "audience") for name in ("y", "z", "i5", "a")}
    assert told["y"]
    assert told["y"].text == "Followed by @name_o, @name_g7 and @name_g8, who follow you too"  # who follows few comes first
    assert told["y"].evidence == ("g7", "g8", "o")
    assert told["z"]
    assert told["z"].text == "Followed by @name_o, who follows you too"
    assert told["a"] is None
    evidence = Evidence(gridders, make_query(gridders, "m"))
    ((through,),) = explain(evidence, np.array([gridders.data.row("i5")]), [{"fellows": 0.4}])
    assert (through.text, through.evidence) == ("Followed by people who have followers in common with you", ())


def test_many_followers_in_common_are_counted() -> None:
    follows = [f"{fan}{one}" for fan in "abcde" for one in "mt"]
    index = _hand_made([], follows, **dict.fromkeys("abcdemt", "dough"))
    told = _told(index, "t", "audience")
    assert told
    assert told.text == "Followed by @name_a, @name_b, @name_c and 2 others, who follow you too"
    assert told.evidence == tuple("abcde")


@pytest.mark.parametrize("kind", ["co_follow", "peers", "neighbours"])
def test_what_people_like_me_follow_is_told_by_how_rare_that_is(hashed_world_index: tf.AccountIndex, kind: str) -> None:
    index = hashed_world_index
    evidence = Evidence(index, make_query(index, "@me"))
    kinds = ("co_follow", "peers", "neighbours")
    most = np.max([evidence.rarities[other] for other in kinds], axis=0)
    seen: set[str] = set()
    for row in range(len(index)):
        if evidence.rarities[kind][row] and not set(index.graph.following(row)) & set(evidence.query.following):
            ((told,),) = explain(evidence, np.array([row]), [{kind: 0.5}])
            share = 100 * (1 - 10 ** -most[row])
            if found := re.fullmatch(
                r"Followed by the same people as those you follow: more than ([\d.]+) % of accounts", told.text
            ):
                assert float(found[1]) == pytest.approx(share, abs=1)
                assert float(found[1]) <= share + 1e-9
            else:
                assert told.text == "Followed by some of the same people as those you follow"
                assert share <= 50.1
            seen.add(told.text.partition(":")[0])
    assert len(seen) == 2


def test_manners_in_numbers() -> None:
    posts = [tf.Post(account_id="s", post_id=str(i), text="Buy https://shop.example/pumps") for i in range(10)]
    posts += [tf.Post(account_id="t", text=f"@name_m number {i}") for i in range(3)]
    posts += [tf.Post(account_id="t", text=f"number {i}") for i in range(7)]
    index = _hand_made(posts, [], m="dough", s=None, t=None)
    assert _told(index, "s", "link_spam").text == "Against it: links in 100 % of the posts, 90 % of them repeated"  # type: ignore[union-attr]
    assert _told(index, "s", "self_promotion").text == (  # type: ignore[union-attr]
        "Against it: 100 % of the posts address nobody, 100 % of the links lead to one site"
    )
    assert _told(index, "t", "conversation").text == (  # type: ignore[union-attr]
        "Talks with people: 30 % of the posts answer, repost or mention somebody"
    )


def test_what_speaks_most_against_comes_first_among_the_last() -> None:
    posts = [tf.Post(account_id="s", post_id=str(i), text="Buy https://shop.example/pumps") for i in range(10)]
    index = _hand_made(posts, ["sm"], m="dough", s=None)
    parts = {"link_spam": -1.0, "self_promotion": -3.0, "follows_me": 0.5, "conversation": 0.7, "engaged": 0.0, "walk": 0.005}
    (told,) = explain(Evidence(index, make_query(index, "m")), np.array([index.data.row("s")]), [parts])
    assert [reason.features[0] for reason in told] == ["conversation", "follows_me", "self_promotion", "link_spam"]


def test_nobody_is_nearer_than_all() -> None:
    people = [f"p{number:04}" for number in range(5000)]
    follows = [tf.Follow(source_id="m", target_id="f"), tf.Follow(source_id="h", target_id="f")]
    follows += [tf.Follow(source_id="h", target_id="z")]
    data = tf.Dataset.from_records([tf.Account(account_id=i) for i in [*people, "m", "f", "h", "z"]], follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    told = {rec.account_id: str(rec) for rec in tf.recommend(index, "m")}
    assert "more than 99.9 % of accounts" in told["z"]
    assert not any("100" in text for text in told.values())


CONTROLS = "\x1b[31m\x85\u202e\u2066\u200f\u2028\ufeff\x07"


def test_hostile_texts_do_not_disguise_a_reason() -> None:
    long = "x" * 480
    endless = "pumps" * 150
    bios = {
        "m": f"heat pumps {CONTROLS} grids {endless} {endless}b",
        "a": f"heat {CONTROLS}pumps\n\n<b>grids</b> {endless} {endless}b",
        "b": f"{CONTROLS}heat pumps{CONTROLS}",
    }
    people = [tf.Account(account_id=i, username=f"{i}{CONTROLS[1:]}{long}", bio=bio) for i, bio in bios.items()]
    friends = [f"f{number}" for number in range(6)]
    people += [tf.Account(account_id=i, username=f"{i}\u202e{long}", bio="grids") for i in friends]
    posts = [
        tf.Post(account_id="a", text=f"heat\n pumps{CONTROLS} {endless} on\r\nlines {CONTROLS}"),
        tf.Post(account_id="a", text=f"@m {CONTROLS}\nheat"),
    ]
    pairs = [("m", i) for i in friends] + [(i, "a") for i in friends] + [("b", i) for i in friends]
    follows = [tf.Follow(source_id=source, target_id=target) for source, target in pairs]
    data = tf.Dataset.from_records(people, posts=posts, follows=follows)
    index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
    seen: set[str] = set()
    for asked in ({"who": "m"}, {"seeds": friends}, {"interests": [bios["m"], "grids"]}, {"who": "m", "seeds": ["b"]}):
        recs = tf.recommend(index, weights=EVERYTHING, **asked)  # type: ignore[arg-type]
        for rec in recs:
            for reason in rec.reasons:
                seen.add(reason.text)
                for text in (reason.text, *_quotes(reason)):
                    assert len(text) < 300
                    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in text), ascii(text)
        assert len(str(recs).splitlines()) == 1 + len(recs.notes) + len(recs)
        assert not any(unicodedata.category(c) in {"Cc", "Cf"} for c in str(recs).replace("\n", ""))
    for begin in ("Shares your field: ", "Shares your field “", "Followed by @", "You both follow @", "Follows @"):
        assert any(text.startswith(begin) for text in seen), begin
