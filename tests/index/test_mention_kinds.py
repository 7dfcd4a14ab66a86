from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mentions import read_mentions
from tweetfocus.index.mention_kinds import MentionKind, mention_kind

DEVELOPMENT = [mention for mention in read_mentions() if mention.part == "development"]


@pytest.mark.parametrize("mention", DEVELOPMENT, ids=lambda mention: f"{mention.kind}, {mention.lang}: {mention.text[16:40]}")
def test_the_mentions_that_the_rules_were_chosen_by(mention: object) -> None:
    assert mention_kind(mention.text) == mention.kind  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@ana https://x.example/?q=1", "other"),  # a question mark in an address is none
        ("@ana see https://x.example/?q=1 for the feeder data", "comment"),
        ("@ana their form says “are you sure?” three times a day", "comment"),
        ("@ana what is it?", "question"),
        ("@ana WHAT IS IT", "question"),
        ("@ana thanks, but which one did you take?", "question"),
        ("@ana No thanks, the old one is bad enough", "comment"),
        ("@ana 🙏", "thanks"),
        ("@ana 🎉🎉", "other"),
        ("@ana ?", "other"),
        ("RT @ana: which grid?", "repost"),
        ("@ana art @bo", "comment"),
        ("@ana @b @c @d @e which of you has the data?", "other"),
        ("@ana &lt;b&gt;which&lt;/b&gt; one do you use?", "question"),
        ("I applaud @ana for it. @bo has the plans to do so.", "comment"),  # a name is somebody, not a gap
        ("Hi @ana, do you publish the data", "question"),
        ("Hi @ana do you publish the data", "question"),
        ("The queue grows, @ana. Do your job!", "comment"),
        ("@ana see https://x.example/@bo?tab=1 for the data", "comment"),
        ("@ana make $50 a day like us", "other"),  # what begins with a sign is found behind a space
        ("@ana earn $50 like us", "other"),
        ("@ana we learn 50 new things", "comment"),  # and a word only where it begins
        ("@ana the forest hanks were wet", "comment"),
        ("@ana большое спасибо", "thanks"),
        ("", "other"),
        ("\u202e\u202d", "other"),
    ],
)
def test_further_cases(text: str, kind: str) -> None:
    assert mention_kind(text) == kind


@pytest.mark.parametrize("mention", DEVELOPMENT[::9], ids=lambda mention: mention.text[16:40])
@pytest.mark.parametrize("wrap", ["{}\n\n", "  {}", "{} @somebody", ".{}"])
def test_white_space_and_one_more_name_change_nothing(mention: object, wrap: str) -> None:
    text = mention.text  # type: ignore[attr-defined]
    if not text.casefold().startswith("rt"):
        assert mention_kind(wrap.format(text)) == mention.kind  # type: ignore[attr-defined]


@given(st.text(max_size=300))
@settings(deadline=None)
def test_every_text_is_of_some_kind(text: str) -> None:
    assert mention_kind(text) in MentionKind


@pytest.mark.parametrize("text", ["a?" * 50_000, "how " * 50_000, "@a " * 50_000, '"' * 50_000, "ha" * 50_000 + "!"])
def test_long_texts_are_read_as_far_as_needed(text: str) -> None:
    assert mention_kind(text) in MentionKind
