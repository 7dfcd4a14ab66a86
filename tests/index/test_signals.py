from __future__ import annotations

import csv
from datetime import UTC, datetime
from math import isnan, nan
from pathlib import Path

import numpy as np
import pytest

import tweetfocus.data
from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.building import facet_table
from tweetfocus.index.signals import Signals, addresses_somebody, measure_signals, off_topic_link_share
from tweetfocus.kernels.interests import TopicSpace

SHARES = ("reply_share", "repost_share", "link_share", "repeat_share", "alone_share")


def _signals(posts: list[Post], **options: list[Follow]) -> Signals:
    return measure_signals(Dataset.from_records([Account(account_id="1", username="ana")], posts=posts, **options))


def _texts(*texts: str) -> list[Post]:
    return [Post(account_id="1", text=text, post_id=str(i)) for i, text in enumerate(texts)]


def test_shares_by_hand() -> None:
    signals = _signals(
        [
            *_texts(
                "@bo yes",
                "RT @cy: heat pumps",
                "New https://a.example/1",
                "New https://a.example/2",
                "Hello @bo",
                "Grid",
                "Ward",
            ),
            Post(account_id="1", post_id="7", text="marked reply", reply_to_account_id="9"),
            Post(account_id="1", post_id="8", text="own thread", reply_to_account_id="1"),
            Post(account_id="1", post_id="9", text="marked repost", repost_of_account_id="9"),
        ]
    )
    # ten posts: two replies, two reposts, six of its own, of which two link, one repeats ("New"), one mentions
    assert signals.of(0) == {
        "posts": 10,
        "last_post": Signals.UNKNOWN_TIME,
        "reply_share": pytest.approx(0.2),
        "repost_share": pytest.approx(0.2),
        "link_share": pytest.approx(2 / 6),
        "repeat_share": pytest.approx(1 / 6),
        "one_site_share": pytest.approx(nan, nan_ok=True),  # two links that can be read, not three
        "alone_share": pytest.approx(0.5),
        "follow_back": pytest.approx(nan, nan_ok=True),
        "off_topic_link_share": pytest.approx(nan, nan_ok=True),  # nothing is embedded
        "automation": pytest.approx(float(signals.automation[0])),
    }
    assert 0 < signals.automation[0] < 1
    assert signals.conversation[0] == 1


def test_too_few_posts_to_judge() -> None:
    four, five = (_signals(_texts(*[f"@bo number {i}" for i in range(n)], "own words")) for n in (3, 4))
    assert all(isnan(four.of(0)[name]) for name in SHARES)
    assert isnan(four.conversation[0])
    assert isnan(four.link_spam[0])
    assert isnan(four.self_promotion[0])
    assert five.reply_share[0] == pytest.approx(0.8)
    assert five.alone_share[0] == pytest.approx(0.2)
    assert isnan(five.link_share[0])  # five posts, but one of its own words
    assert isnan(five.repeat_share[0])


def test_an_account_without_posts() -> None:
    of = _signals([]).of(0)
    assert (of["posts"], of["last_post"]) == (0, Signals.UNKNOWN_TIME)
    assert all(isnan(of[name]) for name in (*SHARES, "one_site_share", "follow_back", "off_topic_link_share", "automation"))


def test_urls_and_mentions_of_the_record_go_before_the_text() -> None:
    posts = [Post(account_id="1", text=f"number {i} https://a.example", urls=()) for i in range(4)]
    posts.append(Post(account_id="1", text="number 4", urls=("https://a.example",), mentions=("bo",)))
    signals = _signals(posts)
    assert signals.link_share[0] == pytest.approx(0.2)
    assert signals.alone_share[0] == pytest.approx(0.8)


def test_repeats_are_of_words_not_of_links_and_not_of_others() -> None:
    same = ["Offer! https://a.example/1", "offer!  https://a.example/2", "https://a.example/3", "https://a.example/4", "Grid"]
    assert _signals(_texts(*same)).repeat_share[0] == pytest.approx(0.2)  # posts without words repeat nothing
    two = [Post(account_id=author, text="Good morning all", post_id=f"{author}{i}") for i, author in enumerate("1122222")]
    assert measure_signals(Dataset.from_records(posts=two)).repeat_share.tolist() == pytest.approx([nan, 0.8], nan_ok=True)


def test_the_site_linked_most() -> None:
    links = [
        "https://a.example/1",
        "http://www.A.example/2 https://c.example",
        "https://b.example",
        "https://bit.ly/x",
        "https://t.co/y",
    ]
    assert _signals(_texts(*links)).one_site_share[0] == pytest.approx(2 / 3)  # two of the three that can be read
    assert isnan(_signals(_texts(*links[:2], *links[3:])).one_site_share[0])
    assert isnan(_signals(_texts("https://[bad", "https://[bad/2", "https://[bad/3")).one_site_share[0])


def test_last_post_is_the_later_of_what_is_known() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    accounts = [
        Account(account_id="1", last_post_at=datetime(2025, 1, 1, tzinfo=UTC)),
        Account(account_id="2", last_post_at=at),
        Account(account_id="3"),
    ]
    posts = [Post(account_id="1", text="x", created_at=at), Post(account_id="1", text="y"), Post(account_id="3", text="z")]
    assert measure_signals(Dataset.from_records(accounts, posts=posts)).last_post.tolist() == [
        int(at.timestamp()) * 1_000_000,
        int(at.timestamp()) * 1_000_000,
        Signals.UNKNOWN_TIME,
    ]


def _follows(*pairs: str) -> np.ndarray:
    return measure_signals(Dataset.from_records(follows=[Follow(source_id=p[0], target_id=p[1]) for p in pairs])).follow_back


def test_follow_back_by_hand() -> None:
    fans = ["b1", "c1", "d1", "e1", "f1"]
    assert _follows(*fans, "1b", "1c", "1x")[0] == pytest.approx(2 / 5)  # of five followers two are followed; x is no follower
    assert isnan(_follows(*fans[:4], "1b")[0])  # four followers say nothing
    assert isnan(_follows(*fans)[0])  # whom it follows is not known


def test_whom_a_post_addresses() -> None:
    posts = [
        *_texts("@bo yes", "Hello @bo", "Grid", "ana@heat.example"),
        Post(account_id="1", post_id="4", text="Grid", reply_to_account_id="9"),
        Post(account_id="1", post_id="5", text="Grid", reply_to_account_id="1"),
        Post(account_id="1", post_id="6", text="Grid", mentions=("bo",)),
    ]
    data = Dataset.from_records([Account(account_id="1")], posts=posts)
    assert addresses_somebody(data).tolist() == [True, True, False, False, True, False, True]


# -- links that have nothing to do with the rest -----------------------------------------------------------------------------

E0, E1, E2, E3 = np.eye(4)
NO_BIO = np.zeros(4)


def _off_topic(*accounts: tuple[np.ndarray, list[np.ndarray], list[int]]) -> list[float]:
    """From (bio vector, post vectors, which of them are linked) per account."""
    bios = np.array([bio for bio, _, _ in accounts], dtype=np.float32)
    posts = np.array([post for _, own, _ in accounts for post in own], dtype=np.float16).reshape(-1, 4)
    linked = np.array([number in chosen for _, own, chosen in accounts for number in range(len(own))], dtype=bool)
    offsets = np.cumsum([0] + [len(own) for _, own, _ in accounts])
    space = TopicSpace(np.zeros(4, np.float32), np.eye(4, dtype=np.float32))
    return off_topic_link_share(linked, bios, posts, offsets, facet_table(bios, posts, offsets, space)).tolist()


def test_off_topic_links_by_hand() -> None:
    assert _off_topic(
        (NO_BIO, [E0] * 5 + [E1], [3, 4, 5]),  # one of three
        (E1, [E0] * 5 + [E1], [3, 4, 5]),  # its bio says so: 5 e0 + 3 e1, cosine 0.51
        (NO_BIO, [E0] * 6 + [E1] * 6, [0, 1, 6, 7]),  # each belongs to one of two fields
        (NO_BIO, [E0] * 6 + [E1] * 6 + [E2], [0, 6, 12, 7]),  # one belongs to neither
        (NO_BIO, [-E0, *[E0] * 5], [0, 1, 2]),
    ) == pytest.approx([1 / 3, 0, 0, 1 / 4, 1 / 3])


def test_a_link_does_not_count_as_its_own_company() -> None:
    posts = [E0, E1, E2, E3, E0]  # the centre is nearer than 0.3 to each of them, but e1, e2 and e3 stand alone
    assert _off_topic((NO_BIO, posts, [1, 2, 3]), (NO_BIO, posts, [0, 1, 4])) == pytest.approx([1, 1 / 3])


@pytest.mark.parametrize(("cosine", "share"), [(0.19, 1 / 3), (0.21, 0)])
def test_where_off_topic_begins(cosine: float, share: float) -> None:
    beside = cosine * E0 + np.sqrt(1 - cosine**2) * E1
    assert _off_topic((NO_BIO, [E0, E0, E0, E0, beside], [0, 1, 4])) == pytest.approx([share])


def test_too_few_links_to_judge() -> None:
    assert _off_topic(
        (NO_BIO, [E0] * 5, [0, 1]), (NO_BIO, [E0] * 4, [0, 1, 2]), (E0, [], []), (NO_BIO, [E0] * 5, [0, 1, 2])
    ) == pytest.approx([nan, nan, nan, 0], nan_ok=True)


def test_off_topic_links_against_facets_made_again_without_each() -> None:
    rng = np.random.default_rng(3)
    people = []
    for _ in range(20):
        bio = E0 if rng.random() < 0.5 else NO_BIO
        posts = [post / np.linalg.norm(post) for post in rng.normal([1.5, 0, 0, 0], 1, size=(rng.integers(5, 9), 4))]
        people.append((bio, posts, [int(n) for n in rng.choice(len(posts), 3, replace=False)]))
    expected = []
    for bio, posts, linked in people:  # below ten texts there is one facet, the mean of all
        off = []
        for number in linked:
            post = posts[number].astype(np.float16)
            rest = 3 * bio + sum(other.astype(np.float16) for place, other in enumerate(posts) if place != number)
            off.append(post @ rest / np.linalg.norm(rest) / np.linalg.norm(post) < 0.2)
        expected.append(np.mean(off))
    assert len(set(expected)) > 2
    assert _off_topic(*people) == pytest.approx(expected)


def test_an_index_knows_the_off_topic_links() -> None:
    pumps = [f"Heat pumps in a cold grid, part {word}" for word in "abcde"]
    casino = [f"{words} https://x.example" for words in ("Jackpot roulette tonight", "Slots bonus free", "Poker winners list")]
    others = ["@bo jackpot https://x.example/1", "RT @bo: Slots https://x.example/2", "Jackpot"]
    linked = [f"Cold grid and heat pumps, {word} https://y.example" for word in "xyz"]
    wrote = {"1": [*pumps, *casino, *others], "2": [*pumps, *linked], "3": [*pumps, *linked[:2], *others]}
    posts = [
        Post(account_id=author, text=text, post_id=f"{author}{number}")
        for author, texts in wrote.items()
        for number, text in enumerate(texts)
    ]
    index = AccountIndex.build(Dataset.from_records(posts=posts), encoder=HashingEncoder(), cache=False)
    assert index.signals.off_topic_link_share.tolist() == pytest.approx([1, 0, nan], nan_ok=True)


# -- what follows from the shares ----------------------------------------------------------------------------------------------


def _planted(*, link: float = 0, alone: float = 0, repeat: float = 0, one_site: float = nan) -> Signals:
    def column(value: float) -> np.ndarray:
        return np.array([value], dtype=np.float32)

    return Signals(
        np.array([20]),
        np.array([0]),
        column(0),
        column(0),
        column(link),
        column(repeat),
        column(one_site),
        column(alone),
        column(nan),
        column(nan),
        column(nan),
    )


def test_link_spam_by_hand() -> None:
    assert _planted(link=1, alone=1, repeat=0.5).link_spam[0] == 1
    assert _planted(link=0.75, alone=1, repeat=0.5).link_spam[0] == pytest.approx(0.5)
    assert _planted(link=0.75, alone=0.75, repeat=0.08).link_spam[0] == pytest.approx(0.125)
    assert _planted(link=1, alone=1, repeat=0.04).link_spam[0] == 0  # a newsroom
    assert _planted(link=1, alone=0.6, repeat=0.5).link_spam[0] == 0  # speaks to people
    assert _planted(link=0.6, alone=1, repeat=0.5).link_spam[0] == 0  # says the same, but without links


def test_self_promotion_by_hand() -> None:
    assert _planted(link=0.3, alone=0.95, one_site=0.9).self_promotion[0] == pytest.approx(1)
    assert _planted(link=0.2, alone=0.825, one_site=0.7).self_promotion[0] == pytest.approx(0.125)
    assert _planted(link=1, alone=0.7, one_site=1).self_promotion[0] == 0
    assert _planted(link=1, alone=1, one_site=0.5).self_promotion[0] == 0
    assert _planted(link=1, alone=1).self_promotion[0] == 0  # where its links lead cannot be read


def test_conversation_by_hand() -> None:
    assert [_planted(alone=alone).conversation[0] for alone in (0, 0.5, 0.75, 1)] == [1, 1, 0.5, 0]


def test_three_planted_characters() -> None:
    spam = [f"Grow your account now https://spam{i}.example" for i in range(20)]
    promoter = [f"Chapter {word} of my book is out https://book.example/{word}" for word in "abcdefghijklmnopqrst"]
    talker = [f"@friend{i} yes, number {i}" for i in range(15)] + [f"Own thought {word}" for word in "vwxyz"]
    posts = [
        Post(account_id=author, text=text, post_id=f"{author}{i}")
        for author, texts in (("1", spam), ("2", promoter), ("3", talker))
        for i, text in enumerate(texts)
    ]
    signals = measure_signals(Dataset.from_records(posts=posts))
    assert signals.link_spam.tolist() == [1, 0, 0]
    assert signals.self_promotion.tolist() == [0, 1, 0]  # the spammer's links lead everywhere
    assert signals.conversation.tolist() == [0, 0, 1]


def test_the_invented_worlds_characters_stand_apart() -> None:
    folder = Path(tweetfocus.data.__file__).parent / "invented"
    data = read_dataset(folder)
    with open(folder / "truth.csv", encoding="utf-8", newline="") as file:
        roles = {record["account_id"]: record["role"] for record in csv.DictReader(file)}
    signals = measure_signals(data)
    role = np.array([roles[data.account_id(row)] for row in range(len(data))])
    spammer, promoter = role == "link_spammer", role == "self_promoter"
    assert signals.link_spam[spammer].min() == 1
    assert signals.link_spam[~spammer].max() == 0
    assert signals.self_promotion[promoter].min() > 0.9
    assert signals.self_promotion[~promoter & ~spammer].max() < 0.5
    assert np.median(signals.conversation[role == "professional"]) > 0.5
    assert signals.conversation[spammer | promoter].max() < 0.2
