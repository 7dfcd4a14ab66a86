"""Courtesy: how an account treats people, whatever its size. What it takes from whom is in `Signals` and `Engagement`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex

__all__ = ["courtesy", "courtesy_text"]

_HALF = 0.5  # of the followers: whoever follows back so many follows back readily
_TIMES = 3  # posts; who has written so often is no more courteous for writing more often

Floats = npt.NDArray[np.float64]


def courtesy(index: AccountIndex, row: int) -> Floats:
    """(n,) in [0, 1]: how courteous each account is, to people and to the one in `row`; NaN where its manners are unknown.

    The mean of what is known of two habits, talking with people (`Signals.conversation`) and following back (half of the
    followers or more is all of it). Each post to the person, up to three, halves what is missing to 1. Link spam and
    self-promotion take away their part. Follower counts play no role.

    Example:
        >>> import tweetfocus as tf
        >>> posts = [tf.Post(account_id="2", post_id=str(n), text=f"@bo thought {n}") for n in range(6)]
        >>> people = [tf.Account(account_id=i, username=name) for i, name in {"1": "bo", "2": "ana", "3": "cy"}.items()]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(), cache=False)
        >>> courtesy(index, index.data.row("@bo")).tolist()
        [nan, 1.0, nan]
    """
    signals = index.signals
    habits = np.stack([signals.conversation, np.minimum(signals.follow_back / _HALF, 1)]).astype(np.float64)
    known = np.isfinite(habits).sum(axis=0)
    mean = np.where(known > 0, np.nansum(habits, axis=0) / np.maximum(known, 1), np.nan)
    wrote = np.zeros(len(index), dtype=np.int64)
    for author, kinds in index.engagement.towards(row).items():
        wrote[author] = min(sum(kinds.values()), _TIMES)
    mean = np.where(np.isnan(mean) & (wrote > 0), 0, mean)
    against = np.fmax(np.nan_to_num(signals.link_spam), np.nan_to_num(signals.self_promotion))
    return (1 - (1 - mean) * 0.5**wrote) * (1 - against)


def courtesy_text(index: AccountIndex, other: int, wrote: Mapping[str, int]) -> tuple[str, ...]:
    """What is known of the manners of `other`, in short sentences: how often it `wrote` to the person, see `Engagement.towards`, first."""
    told = []
    verbs = {"reply": "replied to you", "repost": "reposted you", "quote": "quoted you", "mention": "mentioned you"}
    if wrote:
        said = [f"{verbs[kind]} {'once' if count == 1 else f'{count} times'}" for kind, count in wrote.items()]
        told.append(" and ".join(said)[:1].upper() + " and ".join(said)[1:])
    back, alone = float(index.signals.follow_back[other]), float(index.signals.alone_share[other])
    if np.isfinite(back):
        told.append(f"Follows back {_percent(back)} of their followers")
    if np.isfinite(alone):
        told.append(f"{_percent(1 - alone)} of their posts answer, repost or mention somebody")
    return tuple(told) or ("Too few posts and follows to judge their manners",)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
