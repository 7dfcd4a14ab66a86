from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tweetfocus as tf
from tweetfocus.interfaces.cli import app

HERO = "@mara_lindqvist"


@pytest.fixture(scope="module")
def folder(hashed_world_index: tf.AccountIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("index")
    odd = [tf.Account(account_id="odd", username="\u202eodd\x1b[31m", bio="Grids \x1b[2J and \u202eheat pumps")]
    posts = [
        tf.Post(account_id="odd", post_id=f"o{n}", text=f"Feeder note {n} \x1b[31m \u202e " + "long " * 60 + "word" * n)
        for n in range(12)
    ]
    hashed_world_index.add(tf.Dataset.from_records(odd, posts=posts), cache=False, progress=False).save(place)
    return place


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("command", ["audit", "audience"])
@pytest.mark.parametrize("who", [HERO, "@me", "odd", "@chef_ottavio"])
def test_output_fits_and_is_plain(folder: Path, command: str, who: str) -> None:
    said = _run(command, str(folder), who)
    assert max(map(len, said.splitlines())) <= 100
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert all(line == line.rstrip() for line in said.splitlines())


def test_json_holds_everything(folder: Path) -> None:
    index = tf.AccountIndex.open(folder)
    assert json.loads(_run("audit", str(folder), HERO, "--json")) == json.loads(json.dumps(tf.audit(index, HERO).to_dict()))
    asked = tf.audience(index, HERO, candidates=["@ola_streams"], inactive_days=None, chosen=50, random=100, random_share=0.1)
    options = "--candidate @ola_streams --inactive-days 0 --chosen 50 --random 100 --random-share 0.1 --json".split()  # noqa: SIM905
    assert json.loads(_run("audience", str(folder), HERO, *options)) == json.loads(json.dumps(asked.to_dict()))


def test_declared_fields(folder: Path) -> None:
    said = _run("audit", str(folder), HERO, "--field", "data engineering", "--field", "energy systems")
    assert "data engineering" in said


def test_every_section_is_printed(folder: Path) -> None:
    index = tf.AccountIndex.open(folder)
    for command, found in (("audit", tf.audit(index, HERO)), ("audience", tf.audience(index, HERO))):
        said = _run(command, str(folder), HERO).splitlines()
        for title, _ in found.sections():
            assert title in said


def test_an_unknown_account_is_one_line(folder: Path) -> None:
    done = CliRunner().invoke(app, ["audit", str(folder), "@mara_lindquist"])
    assert done.exit_code == 1
    assert done.stderr.strip() == "tweetfocus: no account '@mara_lindquist' here; did you mean @mara_lindqvist?"
