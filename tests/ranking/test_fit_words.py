from __future__ import annotations

from tweetfocus.ranking.fit_words import fit_words


def test_private_and_empty_words_go_in_whatever_case() -> None:
    assert fit_words(["Church", "load forecast", "happy birthday", "icymi", "republican party", "grid"]) == (
        "load forecast",
        "grid",
    )


def test_words_of_health_stay() -> None:
    assert fit_words(["cancer", "depression", "ward"]) == ("cancer", "depression", "ward")


def test_a_word_inside_another_is_another() -> None:
    assert fit_words(["churchill archive", "godot engine", "prayerful"]) == ("churchill archive", "godot engine", "prayerful")
