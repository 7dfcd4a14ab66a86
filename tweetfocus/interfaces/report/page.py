"""The page as one file: template, style and script from `parts/`, and a policy under which nothing else may run or load.

What people wrote reaches the page in two ways: through the template, which escapes it, and through one block of JSON, which
the script shows as text. The policy names the hash of each script and style, so a browser runs no other; and Trusted Types keep the
script from making HTML out of text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.resources import files
from typing import Any

import jinja2

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.interfaces.report import people, wording
from tweetfocus.interfaces.report.charts import chart_data, crowd_parts
from tweetfocus.interfaces.report.profiles import Profile, checked
from tweetfocus.ranking.balance import MEASURES
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.fit_words import fit_words
from tweetfocus.ranking.labels import one_line
from tweetfocus.ranking.neighbourhood import Neighbourhood
from tweetfocus.verbs.audiences import Audience
from tweetfocus.verbs.audits import Audit
from tweetfocus.verbs.follow_back_items import FollowBacks
from tweetfocus.verbs.inbox_items import Inbox
from tweetfocus.verbs.recommendations import Recommendations

__all__ = ["MARK", "json_block", "render"]

MARK = "<!doctype html>\n<!-- a report by tweetfocus -->"
_SCRIPTS = ("page.js", "people.js", "charts.js", "map_view.js", "map.js", "start.js")
_WORD = 36  # characters of a term
_NAME = 60  # of a field that somebody declared
_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def json_block(value: Any) -> str:
    r"""JSON that may stand inside of a script element: no character in it can end the element or begin another.

    Example:
        >>> json_block({"bio": "</script>"})
        '{"bio":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_NOT_IN_SCRIPTS)


@cache
def _part(name: str) -> str:
    """A file of `parts/`."""
    return (files("tweetfocus.interfaces.report") / "parts" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _code() -> dict[str, str]:
    """Style, library and script, and the policy that lets these and nothing else in."""
    style, library = _part("page.css"), _part("d3/d3.min.js")
    script = "(() => {\n'use strict';\n" + "\n".join(map(_part, _SCRIPTS)) + "})();\n"
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return {"style": style, "library": library, "script": script, "policy": policy}


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        capital=wording.capital,
        line=wording.line,
        percent=wording.percent,
        number=wording.number,
        signed=wording.signed,
        many=wording.many,
        when=wording.when,
    )
    return environment.get_template("page.html.jinja")


def render(
    index: AccountIndex,
    row: int,
    recs: Recommendations,
    near: Neighbourhood,
    audit: Audit,
    audience: Audience,
    inbox: Inbox,
    follow_backs: FollowBacks,
    profile: Profile,
) -> str:
    """The page as text."""
    fields = _names([facet.words for facet in audience.facets])
    audited = [one_line(name, _NAME) for name in audit.fields] or _names([facet.words for facet in audit.facets])

    def address(account_id: str, username: str | None) -> str | None:
        return checked(profile(account_id, username))

    drawn = {
        "map": people.points(index, row, near, recs, tuple(fields), profile),
        "charts": chart_data(audit, audience, tuple(audited)),
    }
    page = _template().render(
        **_code(),
        data=json_block(drawn),
        label=audit.label,
        name=index.data.accounts["name"][row].as_py(),
        fields=fields,
        audited=audited,
        cards=people.cards(index, row, recs, profile),
        recs=recs,
        near=near,
        groups=people.group_table(index, row, near, recs),
        roles=people.ROLES,
        audit=audit,
        measures=MEASURES,
        audience=audience,
        crowd_parts=crowd_parts,
        inbox=inbox,
        backs=follow_backs,
        left_out=wording.left_out,
        features=_weighted(recs),
        address=address,
        index=index,
        version=_version(),
    )
    return f"{MARK}\n{page}"


def _version() -> str:
    try:
        return version_of("tweetfocus")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "from a checkout"


def _names(facets: list[tuple[str, ...]]) -> list[str]:
    """Fields by their three most telling words; two of the same words get their number."""
    found: list[str] = []
    for place, words in enumerate(facets, 1):
        name = ", ".join(one_line(word, _WORD) for word in fit_words(words)[:3]) or f"field {place}"
        found.append(name if name not in found else f"{name} ({place})")
    return found


def _weighted(recs: Recommendations) -> list[tuple[str, str, float]]:
    """The features that took part: name, what it says, and the most that it gave to one of the recommended."""
    most: dict[str, float] = {}
    for rec in recs:
        for name, value in rec.contributions.items():
            most[name] = max(most.get(name, 0.0), value, key=abs)
    return [(name, FEATURES[name].about, most[name]) for name in FEATURES if most.get(name)]
