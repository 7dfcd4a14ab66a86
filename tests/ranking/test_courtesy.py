from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking.courtesy import courtesy, courtesy_text


def _index(posts: list[tf.Post], follows: list[tf.Follow] = (), people: int = 8, **fields: int) -> tf.AccountIndex:  # type: ignore[assignment]
    accounts = [tf.Account(account_id=str(n), username=f"name{n}", **fields) for n in range(people)]  # type: ignore[arg-type]
    data = tf.Dataset.from_records(accounts, posts=posts, follows=follows)
    return tf.AccountIndex.build(data, encoder=tf.HashingEncoder(16), cache=False)


def _says(author: int, *texts: str) -> list[tf.Post]:
    return [tf.Post(account_id=str(author), post_id=str(n), text=text) for n, text in enumerate(texts)]


def test_manners_that_are_unknown_stay_unknown() -> None:
    index = _index(_says(1, "Heat pumps"))
    assert np.isnan(courtesy(index, 0)).all()
    assert courtesy_text(index, 1, index.engagement.towards(0).get(1, {})) == (
        "Too few posts and follows to judge their manners",
    )


def test_talking_with_people_counts_up_to_half_of_the_posts() -> None:
    index = _index(_says(1, "@name2 a", "@name2 b", "c", "d", "e", "f", "g", "h"))
    assert courtesy(index, 0)[1] == pytest.approx(2 * 2 / 8)
    assert courtesy_text(index, 1, index.engagement.towards(0).get(1, {})) == (
        "25 % of their posts answer, repost or mention somebody",
    )


def test_each_post_to_the_person_halves_what_is_missing_three_times_at_most() -> None:
    silent = ["a", "b", "c", "d", "e"]
    values = [courtesy(_index(_says(1, *silent, *["@name0 hi"] * n)), 0)[1] for n in (0, 1, 2, 3)]
    habit = [2 * n / (5 + n) for n in range(4)]
    assert values == pytest.approx([1 - (1 - min(h, 1)) * 0.5**n for n, h in enumerate(habit)])
    only = _index(_says(1, "@name0 hi"))
    assert courtesy(only, 0)[1] == 0.5  # one post is too little to judge habits, but it was to the person
    assert courtesy(only, 2)[1:2].tolist() == pytest.approx([np.nan], nan_ok=True)


def test_following_back_half_of_the_followers_is_all_of_it() -> None:
    to_one = [tf.Follow(source_id=str(n), target_id="1") for n in range(2, 8)]
    back = [tf.Follow(source_id="1", target_id=str(n)) for n in range(2, 5)]
    assert courtesy(_index([], [*to_one, *back]), 0)[1] == 1
    assert courtesy(_index([], [*to_one, *back[:1]]), 0)[1] == pytest.approx(2 / 6)
    assert courtesy_text(_index([], [*to_one, *back]), 1, {}) == ("Follows back 50 % of their followers",)


def test_link_spam_has_no_courtesy_however_often_it_writes() -> None:
    spam = [f"Offer https://shop.example/{n % 3}" for n in range(30)]
    index = _index(_says(1, *spam, "@name0 hi", "@name0 hi", "@name0 hi"))
    assert index.signals.link_spam[1] == 1
    assert courtesy(index, 0)[1] == 0


@pytest.mark.parametrize("followers", [0, 10, 10**7])
def test_follower_counts_play_no_role(followers: int) -> None:
    posts = _says(1, "@name2 a", "b", "c", "d", "e", "f")
    assert courtesy(_index(posts, followers_count=followers), 0)[1] == pytest.approx(1 / 3)


def test_what_they_wrote_is_told_first() -> None:
    posts = [*_says(1, "@name0 a", "@name0 b", "as @name0 said", "c", "d")]
    assert courtesy_text(_index(posts), 1, {"reply": 2, "mention": 1})[0] == "Replied to you 2 times and mentioned you once"
