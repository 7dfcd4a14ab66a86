"""How automated an account looks: an additive logistic model over a few named features of its bio and its posts.

A fact for people to look at, never a reason to drop an account or to rank it lower: some automated accounts are worth following, and
some people write like machines. Followers, verification and the word "bot" are not looked at, and of @names only that they stand there:
they tell how a list of accounts was put together rather than how its accounts behave.

Means and weights were fitted by `python -m benchmarks bots --refit` on 70 % of 2,134 accounts of Twitter in 2017, mostly in English,
nearly half of them automated. On the other 30 % the area under the ROC curve is 0.83 (0.80 to 0.86; 0.88 where both a bio and a post are
known). Automated accounts are far rarer elsewhere: a value orders accounts, it is no probability.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import is_repost

__all__ = ["FEATURES", "INTERCEPT", "Feature", "PlainText", "automation", "automation_features"]

_LINK = re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w@＠])[@＠]\w+(?:[.@-]\w+)*")
_BOT = re.compile(
    r"#?\b(?:\w*bots?(?:[_\d]\w*)?|\w*robot\w*|bot(?:ted|ting|like|ty|ters?|nets?)|(?-i:[Bb]ot(?=[A-Z])\w*))\b(?:['’]s\b)?",
    re.IGNORECASE,
)
# in scripts without spaces, two characters count as a word
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{1,2}|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CREDIT = re.compile(
    r"\b(?:by|via):? @"
    r"|\b(?:made|created|built|coded|run|operated|curated|programmed|written|maintained|managed|powered|generated) (?:\w+ )?by\b"
)
_EMAIL = re.compile(r"\w@")
_COLON = re.compile(r":(?!\S)")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
_HASHTAG = re.compile(r"#\w")

_PROGRAMS = """
random randomly randomised randomized generate generated generates generating generator generative automate automated automates
automatic automatically automation algorithm algorithms algorithmic markov procedural procedurally script scripts scripted programmed
computer computers
"""
_FEEDS = "rss feed feeds scrape scrapes scraped scraping update updates updated alert alerts archive archives"
_CONTACT = """
official oficial officiel officielle offiziell offizieller ufficiale instagram snapchat facebook youtube contact booking bookings info
"""
# what such accounts put out
_CONTENT = """
word words letter letters sentence sentences phrase phrases quote quotes lyric lyrics title titles headline headlines name names
poem poems poetry haiku haikus joke jokes fact facts text texts story stories recipe recipes article articles paper papers
abstract abstracts image images picture pictures pic pics photo photos map maps sound sounds game games color colors colour
colours emoji emojis pixel pixels museum museums collection collections wikipedia dictionary corpus weather forecast earthquake
earthquakes traffic price prices deal deals job jobs
"""
# what people say they are, in English, French, German, Italian, Portuguese and Spanish
_PERSON = """
founder cofounder founded ceo cto vp executive entrepreneur investor principal partner president chairman chairwoman director
manager head associate administrator officer secretary member minister senator congressman congresswoman governor mayor
representative ambassador politician activist advocate attorney lawyer judge soldier veteran actor actress comedian host anchor
broadcaster presenter author writer novelist poet playwright screenwriter editor publisher columnist correspondent critic
journalist reporter blogger vlogger podcaster youtuber streamer translator linguist producer filmmaker artist painter sculptor
illustrator animator designer photographer architect stylist model performer dancer choreographer singer songwriter composer
musician rapper drummer guitarist bassist pianist dj player athlete coach captain champion olympian footballer boxer wrestler
golfer cyclist runner surfer gymnast engineer developer programmer coder hacker scientist researcher scholar academic phd
postdoc professor lecturer teacher educator instructor trainer mentor student intern trainee graduate candidate alum alumna
alumni historian economist sociologist philosopher psychologist biologist chemist physicist mathematician statistician
astronomer astronaut geologist ecologist librarian curator doctor physician surgeon nurse pharmacist therapist counselor analyst
consultant strategist planner specialist expert professional freelance freelancer pilot driver farmer chef cook baker barista
former ex retired husband wife married mom mum mother dad father parent son daughter brother sister uncle aunt grandma grandpa
grandmother grandfather boyfriend girlfriend fiancé girl boy guy man woman lady kid native resident raised living believer
christian atheist dreamer traveler traveller foodie gamer geek nerd addict junkie fan fanatic lover enthusiast proud fondateur
fondatrice gründer gründerin fondatore fundador fundadora entrepreneuse unternehmer unternehmerin emprendedor emprendedora
imprenditore acteur actrice schauspieler schauspielerin attore attrice atriz auteur autrice autor autora autorin autore écrivain
écrivaine schriftsteller schriftstellerin scrittore escritor escritora éditeur rédacteur rédactrice redakteur redakteurin
directeur directrice direktor direktorin diretor diretora direttore producteur produzent productor ingénieur ingénieure
ingenieur ingenieurin ingeniero ingeniera engenheiro engenheira ingegnere développeur développeuse entwickler entwicklerin
desarrollador sviluppatore artiste künstler künstlerin artista chanteur chanteuse sänger sängerin cantante cantor musicien
musicienne musiker musikerin músico musicista athlète photographe fotograf fotografin fotógrafo fotógrafa fotografo professeur
professeure profesor profesora professora professore enseignant enseignante lehrer lehrerin maestro maestra étudiant étudiante
studentin estudiante estudante studente wissenschaftler wissenschaftlerin científico científica scienziato chercheur chercheuse
forscher forscherin investigador investigadora pesquisador pesquisadora ricercatore journaliste journalistin periodista
jornalista giornalista président présidente presidente ministre membre mitglied miembro avocat avocate anwalt anwältin abogado
abogada advogado advogada avvocato docteur médecin arzt ärztin médico médica medico analyste consultante berater beraterin mari
épouse mère mutter madre mãe mamma père vater padre pai fille tochter fils sohn hijo fier fière passionné passionnée
"""


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without links, names and the word "bot" and its kin, in lower case; of every @name the @ is left."""

    plain: str
    words: list[str]
    different: set[str]


def _read(text: str) -> PlainText:
    if "://" in text or "www." in text.lower():
        text = _LINK.sub(" ", text)
    if "@" in text or "＠" in text:
        text = _NAME.sub("@", text)
    if "bot" in text.lower():
        text = _BOT.sub(" ", text)
    plain = " ".join(text.lower().split())
    words = _WORD.findall(plain)
    return PlainText(plain, words, set(words))


def _says(words: str) -> Callable[[PlainText], float]:
    known = frozenset(words.split())
    return lambda text: float(not known.isdisjoint(text.different))


def _credits_a_maker(text: PlainText) -> float:
    return float(("@" in text.plain or "by" in text.different) and _CREDIT.search(text.plain) is not None)


def _has(pattern: re.Pattern[str]) -> Callable[[PlainText], float]:
    return lambda text: float(pattern.search(text.plain) is not None)


_names_contact, _has_email = _says(_CONTACT), _has(_EMAIL)


def _gives_contact(text: PlainText) -> float:
    return max(_names_contact(text), _has_email(text))


def _repetition(text: PlainText) -> float:
    return 1 - len(text.different) / len(text.words) if text.words else 0.0


def _echoes(bio: PlainText, post: PlainText) -> float:
    return float(any(len(word) > 3 for word in bio.different & post.different))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the model.

    Attributes:
        name: what it measures; of posts it is the mean over them.
        mean: over the accounts that the model was fitted on; an account where it is not known counts as if it had that.
        weight: what one unit more adds to the log-odds.
        measure: from the text; None for what the text alone does not tell.
    """

    name: str
    mean: float
    weight: float
    measure: Callable[[PlainText], float] | None = None


_BIO = (
    Feature("bio_credits_a_maker", 0.2, 1.46, _credits_a_maker),
    Feature("bio_speaks_of_programs", 0.06, 0.81, _says(_PROGRAMS)),
    Feature("bio_speaks_of_feeds", 0.04, 0.76, _says(_FEEDS)),
    Feature("bio_speaks_of_content", 0.15, 0.63, _says(_CONTENT)),
    Feature("bio_names_a_schedule", 0.05, 0.69, _says("every hour hourly hours minute minutes realtime")),
    Feature(
        "bio_speaks_of_posting",
        0.12,
        0.53,
        _says("follow tweet tweets retweet retweets reply replies mention mentions send dm"),
    ),
    Feature("bio_explains", 0.18, 0.49, _says("that which this using based from")),
    Feature("bio_has_articles", 0.43, 0.38, _says("a an the")),
    Feature("bio_names_a_person", 0.29, -1.07, _says(_PERSON)),
    Feature("bio_gives_contact", 0.09, -0.95, _gives_contact),
)
_POST = (
    Feature("posts_say_follow", 0.04, 1.3, _says("follow followed follower followers following follows")),
    Feature("posts_repeat_words", 0.04, 1.6, _repetition),
    Feature("posts_have_colon", 0.08, 0.52, _has(_COLON)),
    Feature("posts_have_emoji", 0.07, -0.59, _has(_EMOJI)),
    Feature("posts_have_hashtag", 0.14, -0.45, _has(_HASHTAG)),
    Feature("posts_speak_of_now", 0.08, -0.56, _says("today tonight tomorrow yesterday now week morning just")),
    Feature("posts_log_words", 2.01, -0.24, lambda text: math.log1p(len(text.words))),
)
_REPOST = Feature("posts_pass_on", 0.14, -0.79)
_MENTION = Feature("posts_address_somebody", 0.3, -0.41)
_ECHO = Feature("posts_echo_bio", 0.15, 0.5)

FEATURES = (*_BIO, _REPOST, *_POST, _MENTION, _ECHO)
INTERCEPT = -0.09


def automation_features(data: Dataset, addressed: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """(n, features), in the order of `FEATURES`; NaN where there is nothing to measure.

    Of a repost only that it is one is measured: somebody else's words say nothing of how the account writes.

    Args:
        data: the dataset.
        addressed: (posts,) which answer or mention somebody.
    """
    n, author, texts = len(data), data.post_authors, data.posts["text"].to_pylist()
    result = np.full((n, len(FEATURES)), np.nan)
    bios = [_read(bio or "") for bio in data.accounts["bio"].to_pylist()]
    for row, bio in enumerate(bios):
        if bio.words:
            result[row, : len(_BIO)] = [feature.measure(bio) for feature in _BIO if feature.measure]
    reposts = is_repost(data)
    measured = np.full((len(texts), len(FEATURES) - len(_BIO)), np.nan)
    measured[:, 0] = reposts
    for place in np.flatnonzero(~reposts).tolist():
        post, bio = _read(texts[place]), bios[author[place]]
        own = [feature.measure(post) for feature in _POST if feature.measure]
        measured[place, 1:] = [*own, addressed[place], _echoes(bio, post) if bio.words else math.nan]
    for column, values in enumerate(measured.T, start=len(_BIO)):
        some = ~np.isnan(values)
        count = np.bincount(author[some], minlength=n)
        total = np.bincount(author[some], values[some], minlength=n)
        result[:, column] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return result


def automation(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """(n,) in [0, 1] from `automation_features`; NaN where nothing is known.

    Example:
        >>> from tweetfocus.data.records import Account
        >>> bios = ["Random words, every hour. By @ana", "Engineer, mother of two", None]
        >>> data = Dataset.from_records(Account(account_id=str(row), bio=bio) for row, bio in enumerate(bios))
        >>> [round(value, 2) for value in automation(automation_features(data, np.zeros(0, bool))).tolist()]
        [0.96, 0.17, nan]
    """
    weights = np.array([feature.weight for feature in FEATURES])
    means = np.array([feature.mean for feature in FEATURES])
    log_odds = INTERCEPT + np.nan_to_num(features - means) @ weights
    return np.where(np.isnan(features).all(axis=1), np.nan, 1 / (1 + np.exp(-log_odds))).astype(np.float32)
