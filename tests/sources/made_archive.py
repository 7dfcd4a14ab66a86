"""Archives of X in every known shape, for invented people, written as zip or folder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OWNER = "1000000000000000001"
LONG = (
    "Twelve things I learned while moving a settlement run from nightly files to streams: " + "measure first, then cut. " * 30
)
PRIVATE = (
    "direct-messages.js", "direct-messages-group.js", "direct-message-headers.js", "phone-number.js", "email-address-change.js",
    "ip-audit.js", "contact.js", "ad-engagements.js", "ad-impressions.js", "device-token.js", "key-registry.js",
    "personalization.js", "protected-history.js", "deleted-tweets.js", "deleted-note-tweet.js", "user-link-clicks.js",
    "grok-chat-item.js", "account-suspension.js", "community-tweet.js", "saved-search.js", "direct-message-mute.js",
)  # fmt: skip
SECRET = "PRIVATE-do-not-open"


def js(name: str, records: Any, *, space: str = " ", end: str = "") -> str:
    """A data file: the assignment, as different years have written it."""
    return f"window.YTD.{name}{space}={space}{json.dumps(records, indent=1, ensure_ascii=False)}{end}"


def tweet(post_id: int, text: str, *, hour: int = 12, **more: Any) -> dict[str, Any]:
    return {
        "id_str": str(post_id),
        "id": str(post_id),
        "full_text": text,
        "created_at": f"Tue Jun 03 {hour:02}:32:20 +0000 2025",
        "lang": "en",
        "favorite_count": "3",
        "retweet_count": "1",
        "entities": {"user_mentions": [], "urls": [], "hashtags": []},
        **more,
    }


def mention(number: int, name: str) -> dict[str, Any]:
    return {"id_str": str(number), "id": str(number), "screen_name": name, "name": name.title(), "indices": ["0", "5"]}


def posts() -> list[dict[str, Any]]:
    """A plain post, a reply, a repost, one with a link, and the beginning of a long one."""
    return [
        tweet(501, "Heat pumps &amp; feeders, again.", hour=9),
        tweet(
            502,
            "@ana_feeders agreed, the settlement run is late",
            hour=10,
            in_reply_to_user_id_str="2001",
            in_reply_to_screen_name="ana_feeders",
            entities={"user_mentions": [mention(2001, "ana_feeders")], "urls": []},
        ),
        tweet(
            503,
            "RT @bo_streams: Streams beat files, most days",
            hour=11,
            entities={"user_mentions": [mention(2002, "bo_streams")], "urls": []},
        ),
        tweet(
            504,
            "Our write-up: https://t.co/abc",
            hour=12,
            lang="und",
            entities={
                "user_mentions": [],
                "urls": [{"url": "https://t.co/abc", "expanded_url": "https://example.org/settlement"}],
            },
        ),
        tweet(505, LONG[:260] + "… https://t.co/xyz", hour=13),
    ]


def note(text: str = LONG, hour: int = 13) -> dict[str, Any]:
    return {
        "noteTweet": {
            "noteTweetId": "777",
            "createdAt": f"2025-06-03T{hour}:32:20.000Z",
            "core": {"text": text, "urls": [{"expandedUrl": "https://example.org/long"}], "mentions": [], "hashtags": []},
        }
    }


def _people(kind: str, numbers: list[int]) -> list[dict[str, Any]]:
    link = "https://twitter.com/intent/user?user_id="
    return [{kind: {"accountId": str(number), "userLink": f"{link}{number}"}} for number in numbers]


FOLLOWING, FOLLOWERS = [2001, 2002, 2003], [2001, 2004]


def files(shape: str = "new") -> dict[str, str]:
    """The data files of a small archive: "new" with parts and manifest, "2022" with tweet.js, "2019" not wrapped, "2018" by month."""
    if shape == "2018":
        user = {"screen_name": "mara", "full_name": "Mara L", "bio": "Grid planner", "id": OWNER, "location": "Aarhus"}
        old = [
            {"id_str": "401", "text": "Feeders in 2017", "created_at": "2017-06-03 19:32:20 +0000", "entities": {}},
            {
                "id_str": "402", "text": "RT @bo: hello", "created_at": "2017-06-04 19:32:20 +0000", "entities": {},
                "retweeted_status": {"id_str": "9", "user": {"id_str": "2002", "screen_name": "bo"}},
            },
        ]  # fmt: skip
        return {
            "data/js/user_details.js": f"var user_details =  {json.dumps(user)}",
            "data/js/tweets/2017_06.js": "Grailbird.data.tweets_2017_06 = \n " + json.dumps(old),
            "data/js/tweets/2008_04.js": "Grailbird.data.tweets_2008_04 = \n []",
        }
    account = {"email": SECRET, "createdVia": "web", "username": "mara", "accountId": OWNER, "accountDisplayName": "Mara L"}
    profile = {"description": {"bio": "Data pipelines for power grids", "website": "https://t.co/m", "location": "Aarhus"}}
    found = {
        "data/account.js": js("account.part0", [{"account": account}]),
        "data/profile.js": js("profile.part0", [{"profile": profile}]),
        "data/following.js": js("following.part0", _people("following", FOLLOWING)),
        "data/follower.js": js("follower.part0", _people("follower", FOLLOWERS), space=""),
        "data/mute.js": js("mute.part0", _people("muting", [2009]), end=";"),
        "data/block.js": js("block.part0", _people("blocking", [2010])),
        "data/like.js": js("like.part0", [{"like": {"tweetId": "88", "fullText": "Night &lt;shift&gt;", "expandedUrl": "u"}}]),
    }
    if shape == "new":
        wrapped = [{"tweet": post} for post in posts()]
        found["data/tweets.js"] = js("tweets.part0", wrapped[:3])
        found["data/tweets-part1.js"] = "window.YTD.tweets.part1 =\n" + json.dumps(wrapped[3:])
        found["data/note-tweet.js"] = js("note_tweet.part0", [note()])
    elif shape == "2022":
        found["data/tweet.js"] = js("tweet.part0", [{"tweet": post} for post in posts()])
    else:
        found["data/tweet.js"] = js("tweet.part0", posts())
    if shape != "2019":
        found["data/manifest.js"] = manifest(found)
    found |= {f"data/{name}": js("secret.part0", [{"secret": SECRET}]) for name in PRIVATE}
    return found


def manifest(there: Mapping[str, str], **more: Any) -> str:
    types = {
        "account": ["account"], "profile": ["profile"], "following": ["following"], "follower": ["follower"], "mute": ["mute"],
        "block": ["block"], "like": ["like"], "tweets": ["tweets", "tweets-part1", "tweet"], "noteTweet": ["note-tweet"],
    }  # fmt: skip
    counts = {"data/following.js": len(FOLLOWING), "data/follower.js": len(FOLLOWERS)}
    said = {
        "userInfo": {"accountId": OWNER, "userName": "mara", "displayName": "Mara L"},
        "archiveInfo": {"sizeBytes": "1", "generationDate": "2025-06-05T00:00:00.000Z", "isPartialArchive": False, **more},
        "dataTypes": {
            kind: {
                "files": [
                    {"fileName": f"data/{name}.js", "globalName": "YTD.x.part0", "count": str(counts.get(f"data/{name}.js", 1))}
                    for name in names
                    if f"data/{name}.js" in there
                ]
            }
            for kind, names in types.items()
        },
    }
    return "window.__THAR_CONFIG = " + json.dumps(said, indent=1)


def as_zip(path: Path, members: Mapping[str, str | bytes], prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(prefix + name, text)
    return path


def as_folder(path: Path, members: Mapping[str, str | bytes]) -> Path:
    for name, text in members.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
