from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tweetfocus as tf
from tweetfocus.interfaces.cli import app
from tweetfocus.interfaces.report.profiles import on_x

HERO = "@mara_lindqvist"
FEW = ["-n", "5", "--points", "30"]


@pytest.fixture(scope="module")
def folder(hashed_world_index: tf.AccountIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("index")
    hashed_world_index.save(place)
    return place


def test_the_page_is_that_of_python(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "me.html"
    index, day = tf.AccountIndex.open(folder, encoder=tf.HashingEncoder()), date(2026, 3, 2)
    memory = tf.Memory(tmp_path / "memory")
    first = tf.recommend(index, HERO, n=1)[0].account_id
    memory.snooze(index.data.account_id(index.data.row(HERO)), [first], until=date(2026, 3, 3))
    options = [
        *FEW,
        "--platform",
        "X",
        "--field",
        "grids",
        "--inactive-days",
        "0",
        "--memory",
        str(memory.path),
        "--today",
        str(day),
    ]
    done = CliRunner().invoke(app, ["report", str(folder), HERO, "-o", str(target), *options])
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert f"{target}: {HERO}, 5 accounts to follow, 0." in done.stderr
    given: dict[str, Any] = {"fields": ["grids"], "inactive_days": None, "memory": memory, "today": day, "profile": on_x}
    asked = tf.report(index, HERO, n=5, points=30, **given)
    assert first not in [rec.account_id for rec in asked.recommendations]
    assert target.read_text("utf-8") == asked.html


def test_quiet_says_nothing(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["report", str(folder), HERO, "-o", str(tmp_path / "me.html"), *FEW, "-q", "--memory", str(tmp_path / "memory")]
    )
    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "{tmp}"], "is a folder; name a file in it"),
        (["-o", "{tmp}/no/me.html"], "there is no folder"),
        (["-o", "{tmp}/mine.txt"], "is there already, and no report"),
        (["-o", "{tmp}/me.html", "--platform", "facebook"], "'facebook' is not the name of a server"),
    ],
)
def test_what_cannot_work_is_said_before_the_work(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    filled = [option.format(tmp=tmp_path) for option in options]
    done = CliRunner().invoke(app, ["report", str(tmp_path / "no.index"), HERO, *filled])  # the index is not even looked for
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_open_asks_for_a_browser(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(asked.append(address)))
    target = tmp_path / "me.html"
    done = CliRunner().invoke(
        app, ["report", str(folder), HERO, "-o", str(target), *FEW, "--open", "--memory", str(tmp_path / "memory")]
    )
    assert asked == [target.as_uri()]
    assert "no browser found" in done.stderr
