from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import tweetfocus as tf
from tweetfocus.interfaces.cli import app

HERO = "@mara_lindqvist"
DAY = "2026-03-02"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(hashed_world_index: tf.AccountIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("social") / "people.index"
    hashed_world_index.save(path)
    return path


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """Runs a command on the index, with a memory of its own."""

    def call(command: str, *arguments: str, code: int = 0) -> Result:
        memory = [] if command == "inbox" else ["--memory", str(tmp_path / "memory.sqlite")]
        result = CliRunner().invoke(app, [command, str(folder), *arguments, *memory])
        assert result.exit_code == code, result.output
        return result

    return call


def _names(said: dict[str, Any]) -> list[str]:
    return [account["username"] for week in said["weeks"] for account in week["accounts"]]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("inbox", []),
        ("follow-back", ["--today", DAY]),
        ("plan", ["--today", DAY]),
        ("plan", ["--weeks", "9", "--a-day", "1", "--today", DAY]),
    ],
)
def test_it_fits_100_columns_and_has_no_colour(run: Run, command: str, options: list[str]) -> None:
    said = run(command, HERO, *options).stdout
    assert said.strip()
    assert max(len(line) for line in said.splitlines()) <= 100
    assert "\x1b" not in said


def test_inbox_tells_what_waits_and_what_is_not_shown(run: Run) -> None:
    result = run("inbox", "@me", "--people", "1")
    assert result.stdout.startswith("Waiting for an answer: 5\n\nquestions\n")
    assert "Passed your words on: @forecast_femi, @roisin_grid" in result.stdout
    assert "Never got a word back: 9, the first 1" in result.stdout
    assert "Not shown: 1 answered, 5 older, 0 that need no answer." in result.stdout
    assert "note: 5 unanswered mentions older than 90 days are left out" in result.stderr
    assert run("inbox", "@me", "--quiet").stderr == ""


@pytest.mark.parametrize("command", ["inbox", "follow-back", "plan"])
def test_json_holds_everything_and_nothing_else_is_printed(run: Run, command: str) -> None:
    result = run(command, HERO, "--json")
    said = json.loads(result.stdout)
    assert {"settings", "notes"} <= set(said)
    assert result.stderr == ""


def test_follow_back_shows_both_lists(run: Run) -> None:
    said = run("follow-back", HERO, "-n", "3", "--reconsider", "2").stdout
    assert said.startswith("Followers you might follow back: 3\n")
    assert "Followings you might look at again: 2" in said
    assert re.search(r"Left out: 8 spam, .*1 protected\.", said)


def test_dismiss_snooze_followed_and_undo_reach_the_plan(run: Run) -> None:
    names = _names(json.loads(run("plan", HERO, "--json", "--today", DAY).stdout))
    first, second, third = (f"@{name}" for name in names[:3])
    assert run("dismiss", HERO, first, "--today", DAY).stdout == f"{first} will not be suggested before 2026-08-29\n"
    assert (
        run("snooze", HERO, second, "--days", "7", "--today", DAY).stdout
        == f"{second} will not be suggested before 2026-03-09\n"
    )
    assert run("followed", HERO, third, "--today", DAY).stdout == f"{third} will not be suggested any more\n"
    left = _names(json.loads(run("plan", HERO, "--json", "--today", DAY).stdout))
    assert set(names) - set(left) == set(names[:3])
    assert run("dismiss", HERO, first, third, "--undo").stdout == f"{first}, {third} may be suggested again\n"
    back = _names(json.loads(run("plan", HERO, "--json", "--today", "2026-03-09").stdout))
    assert set(back) == set(names)


def test_plan_remembers_what_it_showed_in_full(run: Run, tmp_path: Path, hashed_world_index: tf.AccountIndex) -> None:
    said = json.loads(run("plan", HERO, "--a-day", "1", "--json", "--today", DAY).stdout)
    known = tf.Memory(tmp_path / "memory.sqlite").of(hashed_world_index.data.account(HERO).account_id)
    assert {known[account["account_id"]].shown for account in said["weeks"][0]["accounts"]} == {1}
    assert len(known) == len(said["weeks"][0]["accounts"]) == 7


def test_forget_reaches_the_memory(folder: Path, tmp_path: Path, hashed_world_index: tf.AccountIndex, run: Run) -> None:
    own = tmp_path / "own.index"
    hashed_world_index.save(own)
    whom = hashed_world_index.data.account("@kwh_kasia").account_id
    run("dismiss", HERO, "@kwh_kasia")
    memory, cache = tmp_path / "memory.sqlite", tmp_path / "cache.sqlite"
    result = CliRunner().invoke(app, ["forget", str(own), "@kwh_kasia", "--memory", str(memory), "--cache", str(cache)])
    assert result.exit_code == 0
    assert f"{memory}: @kwh_kasia is forgotten" in result.stdout
    assert whom.encode() not in memory.read_bytes()


def test_the_memory_lies_in_the_data_folder_of_the_user(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / name))
    assert CliRunner().invoke(app, ["dismiss", str(folder), HERO, "@kwh_kasia"]).exit_code == 0
    assert (tmp_path / "tweetfocus" / "memory.sqlite").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dismiss", HERO, "@kwh_kasja"), "did you mean @kwh_kasia"),
        (("dismiss", HERO, "@me"), "is the account that asks"),
        (("plan", HERO, "--a-day", "401"), "X allows 400 follows a day, not 401"),
        (("inbox", "@nobody_at_all"), "no account '@nobody_at_all'"),
    ],
)
def test_errors_are_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments, code=1)
    assert result.stderr.startswith("tweetfocus: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("plan", HERO, "--today", "soon"), ("plan", HERO, "--platform", "myspace"), ("dismiss", HERO)]
)
def test_wrong_usage_is_exit_2(run: Run, arguments: tuple[str, ...]) -> None:
    run(*arguments, code=2)


def test_a_damaged_memory_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite").write_text("no database " * 200)
    result = CliRunner().invoke(app, ["plan", str(folder), HERO, "--memory", str(tmp_path / "memory.sqlite")])
    assert result.exit_code == 1
    assert "memory.sqlite: not usable as a memory" in result.stderr
