"""A world of 1,000 people whose names, bios and posts try to run, to load, to disguise, or to break out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import tweetfocus as tf

__all__ = ["ATTACKS", "hostile_world"]

RUN = "window.ran=(window.ran||0)+1"

ATTACKS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</ScRiPt ><sCrIpT>{RUN}</sCrIpT>",
    f'<img src=x onerror="{RUN}">',
    f"<img src=x onerror={RUN}//",
    f'"><img src="https://evil.example/pixel.gif" onload="{RUN}">',
    f"'><svg/onload={RUN}>",
    f'<svg xmlns="http://www.w3.org/2000/svg"><script>{RUN}</script><animate onbegin="{RUN}" attributeName="x" dur="1s"/></svg>',
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={RUN}&gt;'>",
    f'<iframe srcdoc="&lt;script&gt;parent.{RUN}&lt;/script&gt;"></iframe>',
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}><input autofocus onfocus={RUN}>",
    f'" autofocus onfocus="{RUN}" x="',
    f"' onmouseover='{RUN}' style='position:fixed;inset:0' x='",
    f"javascript:{RUN}",
    f"[ a ](javascript:{RUN}) https://x.com/javascript:{RUN}",
    f"data:text/html,<script>opener.{RUN}</script>",
    "<style>*{display:none!important}body{background:url(https://evil.example/css)}</style>",
    "</style><style>@import url(https://evil.example/import.css);</style>",
    "</title><base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'>",
    '<link rel=stylesheet href="https://evil.example/x.css"><object data="https://evil.example/o"></object>',
    "{{7*7}}{% raw %}{% include '/etc/passwd' %}{{ config.items() }}{{ ''.__class__.__mro__ }}",
    f"${{{RUN}}} #{{{RUN}}} <%= {RUN} %> {{{{constructor.constructor('{RUN}')()}}}}",
    f"<!--<script>{RUN}--></script>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &#60;script&#62;{RUN}&#60;/script&#62;",
    f"\u2028{RUN}//\u2029\\u003cscript\\u003e{RUN}",
    '\\"];' + RUN + ";//",
    f"`);{RUN};(`",
    f"<a href=\"java\tscript:{RUN}\">grid</a><a href='&#106;avascript:{RUN}'>grid</a>",
    "\u202e\u2066gnihtyreve snrut \u200b\u200f\ufeff",
    "Z" + "\u0300\u0301\u0302\u0303\u0304\u0305" * 60,
    "\U0001f525" * 90,
    "grid" * 80,
    "\x1b[31mred\x07\x9b2J\x00",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<textarea></textarea><template><script>{RUN}</script></template>",
    f"<form action=javascript:{RUN}><button>grid</button></form>",
)
_WORDS = ("grid", "heat pumps", "transformer", "load forecast", "substation", "feeder", "tariff")
_START = datetime(2026, 1, 1, tzinfo=UTC)


def hostile_world(people: int = 1000) -> tf.Dataset:
    """Everybody follows, and is followed by, a few of the others; many speak to `@mallory`, who is the one that asks."""
    accounts, posts, follows = [], [], []
    for n in range(people):
        attack, other = ATTACKS[n % len(ATTACKS)], ATTACKS[(7 * n + 3) % len(ATTACKS)]
        word, more = _WORDS[n % len(_WORDS)], _WORDS[(n // 3) % len(_WORDS)]
        accounts.append(
            tf.Account(
                account_id=f"{n:04}{other if n % 5 == 0 else ''}",
                username="mallory" if n == 0 else f"{n}{attack}" if n % 2 else f"p{n}",
                name=(other + "x" * 1_000_000 if n % 200 == 1 else other + attack),
                bio=f"{word} and {more} {attack} {other if n % 3 else ''}",
                url=f"javascript:{RUN}",
            )
        )
    ids = [account.account_id for account in accounts]
    for n in range(0, people, 4):
        text = f"{_WORDS[n % 7]} {ATTACKS[n % len(ATTACKS)]} and {_WORDS[(n + 2) % 7]} https://evil.example/{n}"
        for turn in range(3 if n else 30):
            when = _START + timedelta(days=turn + n % 60)
            said = f"{turn} {text}" if turn else f"@mallory what of {text}?"
            posts.append(tf.Post(account_id=ids[n], post_id=f"{n}-{turn}{ATTACKS[n % 9]}", text=said, created_at=when))
    for n in range(people):
        follows += [tf.Follow(source_id=ids[n], target_id=ids[(n * k + 13 * k) % people]) for k in (2, 3, 5, 7)]
    follows += [tf.Follow(source_id=ids[0], target_id=ids[n]) for n in range(3, 60, 2)]
    follows += [tf.Follow(source_id=ids[n], target_id=ids[0]) for n in range(2, 90, 3)]
    return tf.Dataset.from_records(accounts, posts=posts, follows=follows)
