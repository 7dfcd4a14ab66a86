"""What holds for every command: `--json` holds JSON and nothing else, `--quiet` is quiet, tables fit, nothing is coloured in a pipe."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from rich.cells import cell_len
from typer.testing import CliRunner

import tweetfocus as tf
from tweetfocus.interfaces.cli import app

ME = "@mara_lindqvist"
WIDE = "数据工程师 👩🏽‍🔬🏳️‍🌈 مهندسة بيانات للطاقة \u202e gnol <b>x</b> [red]y[/red] " * 4

# each command as one would call it in the folder of the fixture; `evaluate` and `demo` build an index of their own
LINES = {
    "build": "build people -o again.index --encoder hashing --no-cache",
    "evaluate": "evaluate people --encoder hashing --queries 2",
    "recommend": f"recommend people.index {ME} -n 30",
    "show": f"show people.index {ME}",
    "forget": "forget people.index @plot_37b --cache cache.sqlite --memory memory.sqlite",
    "demo": "demo --encoder hashing -n 3",
    "audit": f"audit people.index {ME}",
    "audience": f"audience people.index {ME}",
    "inbox": f"inbox people.index {ME}",
    "follow-back": f"follow-back people.index {ME} --memory memory.sqlite --today 2026-03-01",
    "plan": f"plan people.index {ME} --memory memory.sqlite --today 2026-03-01",
    "dismiss": f"dismiss people.index {ME} @wen_pipelines --memory memory.sqlite --today 2026-03-01",
    "snooze": f"snooze people.index {ME} @wen_pipelines --memory memory.sqlite --today 2026-03-01",
    "followed": f"followed people.index {ME} @wen_pipelines --memory memory.sqlite --today 2026-03-01",
    "collect x": "collect x --dry-run -o collected",
    "collect bluesky": "collect bluesky ana.bsky.social --dry-run -o collected",
    "collect mastodon": "collect mastodon ana@social.example --dry-run -o collected",
}
ELSEWHERE = {"collect x-archive", "report"}  # with an archive and a browser in tests of their own


def _commands(group: Any, before: str = "") -> dict[str, Any]:
    found = {}
    for name, command in group.commands.items():
        found |= _commands(command, f"{name} ") if hasattr(command, "commands") else {before + name: command}
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented world, in which everybody's bio is wide, two-way and full of markup."""
    place = tmp_path_factory.mktemp("commands")
    data = tf.demo_dataset()
    accounts = data.accounts.to_pandas()
    accounts["bio"] = [f"{bio or ''} {WIDE}" for bio in accounts["bio"]]
    tf.Dataset.from_frames(accounts, posts=data.posts, follows=data.follows).write(place / "people")
    index = tf.AccountIndex.build(tf.read_dataset(place / "people"), encoder=tf.HashingEncoder(), cache=False)
    index.save(place / "people.index")
    return place


def _run(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(app, line.split(), catch_exceptions=False)


def test_every_command_is_here() -> None:
    assert LINES.keys() | ELSEWHERE >= _commands(typer.main.get_command(app)).keys()


@pytest.mark.parametrize("name", _commands(typer.main.get_command(app)))
def test_every_command_has_json_quiet_and_help(name: str) -> None:
    command: click.Command = _commands(typer.main.get_command(app))[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert options >= ({"--json", "--quiet", "-q"} if name != "report" else {"--quiet"})
    assert command.help


@pytest.mark.parametrize("name", LINES)
def test_json_is_json_and_quiet_is_quiet(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "forget":  # of an index of its own: forgetting is for good
        tf.AccountIndex.open(folder / "people.index", encoder=tf.HashingEncoder()).save(folder / "other.index")
    line = LINES[name].replace("forget people.index", "forget other.index")
    done = _run(f"{line} --json -q", folder, monkeypatch)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout, parse_constant=pytest.fail)
    assert done.stderr == ""


@pytest.mark.parametrize("name", [name for name in LINES if name != "forget"])
def test_what_is_printed_fits_and_has_no_colour_in_a_pipe(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(LINES[name], folder, monkeypatch)
    assert done.exit_code == 0, done.output
    assert not set("\x1b\u202e\u2066") & set(done.output)
    paths = str(folder)
    assert [line for line in done.stdout.splitlines() if cell_len(line) > 100 and paths not in line] == []


def _in_terminal(line: str, folder: Path, columns: int, **more: str) -> str:
    """What a real terminal of that width is sent."""
    import fcntl
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}}
    command = [sys.executable, "-m", "tweetfocus", *line.split()]
    environment = {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(Path(tf.__file__).parents[1]), **more}
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env=environment) as process:
        os.close(follower)
        sent = b""
        while select.select([leader], [], [], 120)[0]:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            sent += part
        assert process.wait() == 0
    os.close(leader)
    return sent.decode()


@pytest.mark.parametrize("columns", [80, 100])
def test_tables_fit_a_real_terminal(columns: int, folder: Path) -> None:
    shown = _in_terminal(f"recommend people.index {ME} -n 10 -q", folder, columns)
    assert "\x1b[1m" in shown  # a terminal gets its bold
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    widths = [cell_len(line.rstrip()) for line in plain.splitlines()]
    assert columns - 25 < max(widths) <= columns
    assert "Shares your field" in " ".join(plain.split())


def test_no_color_means_no_colour_and_waiting_is_shown(folder: Path) -> None:
    shown = _in_terminal(f"recommend people.index {ME} -n 3", folder, 80, NO_COLOR="1")
    assert "opening people.index" in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("inbox", "reading what was said"),
        ("follow-back", "weighing who follows"),
        ("plan", "planning for"),
        ("forget", "forgetting"),
    ],
)
def test_what_takes_long_says_what_it_does(name: str, said: str, folder: Path) -> None:
    line = LINES[name]
    if name == "forget":
        tf.AccountIndex.open(folder / "people.index", encoder=tf.HashingEncoder()).save(folder / "left.index")
        line = line.replace("people.index", "left.index")
    assert said in _in_terminal(line, folder, 80)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {
        "bash": {"COMP_WORDS": "tweetfocus fol", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "tweetfocus fol"},
        "fish": {"_TYPER_COMPLETE_ARGS": "tweetfocus fol", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    for name, value in {**asked, "_TWEETFOCUS_COMPLETE": f"complete_{shell}"}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, [], prog_name="tweetfocus")
    assert "follow-back" in done.stdout
    assert "followed" in done.stdout
    assert "recommend" not in done.stdout


@pytest.mark.parametrize("line", ["recommend", "recommend nowhere --no-such", "nothing"])
def test_wrong_usage_ends_with_2(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(line, folder, monkeypatch).exit_code == 2


@pytest.mark.parametrize("line", ["recommend nowhere @me", "recommend people.index @nobody_at_all", "build nowhere -o x"])
def test_an_error_of_ours_ends_with_1_and_one_line(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run(line, folder, monkeypatch)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("tweetfocus: ")
    assert done.stderr.count("\n") == 1
