from __future__ import annotations

import numpy as np
import pytest

from tweetfocus.index.building import BIO_WEIGHT, FacetTable, facet_table
from tweetfocus.kernels.interests import TopicSpace

AXES = np.eye(4)
SPACE = TopicSpace(np.zeros(4, np.float32), np.eye(4, dtype=np.float32))
NONE = np.zeros(4)


def _table(*accounts: tuple[np.ndarray, list[np.ndarray]], progress: bool = False) -> FacetTable:
    """From (bio vector, post vectors) per account."""
    bios = np.array([bio for bio, _ in accounts], dtype=np.float32)
    posts = np.array([post for _, own in accounts for post in own], dtype=np.float16).reshape(-1, 4)
    offsets = np.cumsum([0] + [len(own) for _, own in accounts])
    return facet_table(bios, posts, offsets, SPACE, progress=progress)


def test_four_accounts_by_hand() -> None:
    e0, e1, e2 = AXES[0], AXES[1], AXES[2]
    table = _table(
        (NONE, []),  # says nothing
        (e2, []),  # a bio
        (NONE, [e0] * 4),  # posts on one thing, too few to speak of focus
        (e1, [e0] * 6 + [e1] * 6),  # two fields; the bio counts like three posts
    )
    assert table.offsets.tolist() == [0, 0, 1, 2, 4]
    assert table.vectors.tolist() == [e2.tolist(), e0.tolist(), e1.tolist(), e0.tolist()]
    assert table.shares.tolist() == pytest.approx([1, 1, 9 / 15, 6 / 15])
    assert table.post_facets.tolist() == [0] * 4 + [1] * 6 + [0] * 6
    # 13 texts, 13 x 12 ordered pairs; 6 x 5 of them within e0 and 7 x 6 within e1
    np.testing.assert_allclose(table.focus, [np.nan, np.nan, np.nan, (30 + 42) / 156], rtol=1e-6)
    assert BIO_WEIGHT == 3


def test_types_are_what_is_saved() -> None:
    table = _table((NONE, [AXES[0]]))
    assert [table.vectors.dtype, table.shares.dtype, table.focus.dtype] == [np.float32] * 3
    assert (table.offsets.dtype, table.post_facets.dtype) == (np.int64, np.int8)


def test_a_bio_moves_the_centre_by_its_weight() -> None:
    table = _table((AXES[1], [AXES[0]] * 4))
    np.testing.assert_allclose(table.vectors, [[0.8, 0.6, 0, 0]], rtol=1e-6)  # four to three
    np.testing.assert_allclose(table.focus, [4 * 3 / 20], rtol=1e-6)  # five texts are enough


def test_focus_lies_between_nothing_and_one() -> None:
    same = _table((NONE, [AXES[0]] * 5))
    apart = _table((NONE, [AXES[0], -AXES[0], AXES[1], -AXES[1], AXES[2]]))  # mean cosine -0.2
    assert (same.focus.tolist(), apart.focus.tolist()) == ([1], [0])


def test_an_account_does_not_depend_on_the_others() -> None:
    rng = np.random.default_rng(1)
    people = [(AXES[i % 4], list(rng.normal(size=(12, 4)))) for i in range(5)]
    people = [(bio, [post / np.linalg.norm(post) for post in posts]) for bio, posts in people]
    whole = _table(*people)
    for row, person in enumerate(people):
        alone = _table(person)
        own = slice(whole.offsets[row], whole.offsets[row + 1])
        np.testing.assert_array_equal(whole.vectors[own], alone.vectors)
        np.testing.assert_array_equal(whole.shares[own], alone.shares)
        np.testing.assert_array_equal(whole.focus[row], alone.focus[0])


def test_nobody_says_anything() -> None:
    table = _table((NONE, []), (NONE, []))
    assert (table.vectors.shape, table.shares.shape, table.offsets.tolist()) == ((0, 4), (0,), [0, 0, 0])
    assert np.isnan(table.focus).all()


@pytest.mark.parametrize("progress", [True, False])
def test_the_bar_is_drawn_where_it_is_wanted(progress: bool, capsys: pytest.CaptureFixture[str]) -> None:
    _table((NONE, [AXES[0]]), progress=progress)
    assert ("interests" in capsys.readouterr().err) == progress
