from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tweetfocus.errors import Mismatch, StorageError
from tweetfocus.index import storage
from tweetfocus.index.storage import FORMAT, load, save

ARRAYS = {
    "ids": np.arange(1000).reshape(20, 50),
    "halves.vectors": np.array([[0.5, np.nan], [-1, 65504]], dtype=np.float16),
    "flags": np.array([True, False]),
    "nothing": np.zeros((0, 4), dtype=np.float32),
}
TABLES = {
    "data.posts": pa.table({"text": pa.array(["a", None, "😀"], pa.large_string()), "n": pa.array([1, None, 3], pa.int64())}),
    "words": pa.table({"term": pa.array([], pa.string())}),
}
ABOUT = {"encoder": "hashing-8", "max_posts": 200}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved index."""
    save(tmp_path / "index", ARRAYS, TABLES, ABOUT)
    return tmp_path / "index"


def _generation(folder: Path) -> Path:
    (found,) = folder.glob("generation-*")
    return found


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _is_clean(folder: Path) -> bool:
    return sorted(path.name for path in folder.iterdir()) == [".lock", _generation(folder).name, "manifest.json"]


def test_what_was_saved_is_loaded(folder: Path) -> None:
    arrays, tables, about = load(folder)
    assert list(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)
    assert tables == {name: TABLES[name] for name in sorted(TABLES)}
    assert {name: about[name] for name in ABOUT} == ABOUT


def test_arrays_are_mapped_and_cannot_be_written(folder: Path) -> None:
    arrays, _, _ = load(folder)
    assert all(isinstance(array.base, np.memmap) for array in arrays.values())
    with pytest.raises(ValueError, match="read-only"):
        arrays["ids"][0, 0] = 7


def test_equal_contents_are_equal_bytes(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "a" / "new" / "place"
    save(other, {name: array.copy(order="F") for name, array in ARRAYS.items()}, TABLES, ABOUT)
    assert _bytes(folder) == _bytes(other)
    assert set(_bytes(folder)) == {".lock", "manifest.json"} | {
        f"{_generation(folder).name}/{name}" for name in [*(f"{n}.npy" for n in ARRAYS), *(f"{n}.arrow" for n in TABLES)]
    }


def test_saving_the_same_again_leaves_the_files_alone(folder: Path) -> None:
    def written() -> list[tuple[str, int]]:
        return sorted((path.name, path.stat().st_mtime_ns) for path in _generation(folder).iterdir())

    before = written()
    save(folder, ARRAYS, TABLES, ABOUT)
    assert written() == before
    assert _is_clean(folder)


def test_a_description_alone_can_change(folder: Path) -> None:
    save(folder, ARRAYS, TABLES, {"encoder": "hashing-16"})
    assert load(folder)[2]["encoder"] == "hashing-16"
    assert _is_clean(folder)


def test_a_new_index_takes_the_place_of_the_old(folder: Path) -> None:
    opened, tables, _ = load(folder)
    before = _generation(folder)
    save(folder, {"ids": np.zeros(3)}, {}, {})
    arrays, none, _ = load(folder)
    assert (list(arrays), none) == (["ids"], {})
    assert not before.exists()
    assert _is_clean(folder)
    np.testing.assert_array_equal(opened["ids"], ARRAYS["ids"])  # whoever has the old one open keeps it
    assert tables["data.posts"] == TABLES["data.posts"]


def test_a_damaged_copy_of_the_same_contents_is_written_anew(folder: Path) -> None:
    (_generation(folder) / "ids.npy").write_bytes(b"damaged")
    save(folder, ARRAYS, TABLES, ABOUT)
    np.testing.assert_array_equal(load(folder)[0]["ids"], ARRAYS["ids"])
    (_generation(folder) / "ids.npy").unlink()
    save(folder, ARRAYS, TABLES, ABOUT)
    np.testing.assert_array_equal(load(folder)[0]["ids"], ARRAYS["ids"])


# -- folders that hold something else ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["letter.txt", "accounts.csv", "manifest.json", "generation-of-mine"])
def test_other_files_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('{"name": "somebody else\'s"}')
    with pytest.raises(StorageError, match=rf"holds other files \({name}\); an index needs a folder of its own"):
        save(tmp_path, ARRAYS, TABLES, ABOUT)
    assert _bytes(tmp_path) == {name: b'{"name": "somebody else\'s"}'}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a letter")
    for path in (tmp_path / "index", tmp_path / "index" / "below"):
        with pytest.raises(StorageError, match="cannot be written"):
            save(path, ARRAYS, TABLES, ABOUT)
        with pytest.raises(StorageError, match="cannot be read"):
            load(path)
    assert (tmp_path / "index").read_text() == "a letter"


def test_no_index_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StorageError, match="no index there; make one with `tweetfocus build"):
            load(path)


def test_an_index_of_another_format_is_named_and_may_be_replaced(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": FORMAT + 1}))
    with pytest.raises(Mismatch, match=rf"index format {FORMAT + 1}, but .* reads format {FORMAT}; build the index again"):
        load(folder)
    save(folder, {"ids": np.zeros(3)}, {}, {})  # which is what the message asks for
    assert list(load(folder)[0]) == ["ids"]
    assert _is_clean(folder)


def test_an_index_with_a_damaged_manifest_may_be_replaced(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")
    save(folder, {"ids": np.zeros(3)}, {}, {})
    assert list(load(folder)[0]) == ["ids"]
    assert _is_clean(folder)


# -- damage --------------------------------------------------------------------------------------------------------------------


def _flip(path: Path, position: int) -> Callable[[], Any]:
    """Damage one byte; returns what undoes it."""
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[position] ^= 1
    path.write_bytes(damaged)
    return lambda: path.write_bytes(whole)


def test_any_damaged_byte_of_the_manifest_is_noticed(tmp_path: Path) -> None:
    save(tmp_path, {"ids": np.arange(3)}, {}, ABOUT)
    path = tmp_path / "manifest.json"
    for position in range(path.stat().st_size):
        undo = _flip(path, position)
        with pytest.raises(StorageError):
            load(tmp_path)
        undo()
    load(tmp_path)


def test_any_damaged_byte_of_a_small_file_is_noticed(folder: Path) -> None:
    path = _generation(folder) / "halves.vectors.npy"
    for position in range(path.stat().st_size):
        undo = _flip(path, position)
        with pytest.raises(StorageError, match=r"halves\.vectors\.npy: damaged"):
            load(folder)
        undo()


def test_damage_to_any_file_is_named(folder: Path) -> None:
    for path in _generation(folder).iterdir():
        size = path.stat().st_size
        for position in (0, size // 2, size - 1):
            undo = _flip(path, position)
            with pytest.raises(
                StorageError, match=rf"{path.name}: damaged \(not the bytes that were saved\); build the index again"
            ):
                load(folder)
            undo()
    load(folder)


@pytest.mark.parametrize("verify", [True, False])
def test_truncated_grown_and_missing_files_are_named(folder: Path, verify: bool) -> None:
    for path in _generation(folder).iterdir():
        whole = path.read_bytes()
        for other in (whole[:-1], b"", whole + b"\0"):
            path.write_bytes(other)
            with pytest.raises(StorageError, match=rf"{path.name}: damaged"):
                load(folder, verify=verify)
        path.unlink()
        with pytest.raises(StorageError, match=rf"damaged \(.*{path.name}.*\); build the index again"):
            load(folder, verify=verify)
        path.mkdir()
        with pytest.raises(StorageError):
            load(folder, verify=verify)
        path.rmdir()
        path.write_bytes(whole)
    load(folder)


def test_a_missing_generation(folder: Path) -> None:
    _generation(folder).rename(folder / "elsewhere")
    with pytest.raises(StorageError, match="damaged"):
        load(folder)


def test_damaged_headers_raise_our_own_error_even_unverified(folder: Path) -> None:
    noticed = 0
    for path in _generation(folder).iterdir():
        size = path.stat().st_size
        # the header of an array stands at the start; an Arrow file has its marks at both ends
        for position in range(0, 128, 2) if path.suffix == ".npy" else (0, 1, 5, size - 9, size - 7, size - 1):
            undo = _flip(path, position)
            try:
                load(folder, verify=False)
            except StorageError:
                noticed += 1
            undo()
    assert noticed > 50


def test_a_large_index_is_verified_only_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _flip(_generation(folder) / "ids.npy", -1)
    with pytest.raises(StorageError):
        load(folder)
    monkeypatch.setattr(storage, "_HASH_UP_TO", 100)
    load(folder)
    with pytest.raises(StorageError):
        load(folder, verify=True)


# -- manifests made by somebody who means harm ----------------------------------------------------------------------------------


def _sign(folder: Path, manifest: Any) -> None:
    """Write a manifest as somebody would who knows how it is made."""
    if isinstance(manifest, dict):
        manifest.pop("sha256", None)
        manifest["sha256"] = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_bytes())


@pytest.mark.parametrize(
    "name", ["../generation-0123456789abcdef", "..", ".", "", "/", "generation-0123456789abcdef\0", "elsewhere", 7]
)
def test_a_generation_outside_the_folder_is_not_opened(folder: Path, name: Any) -> None:
    _generation(folder).rename(folder.parent / "generation-0123456789abcdef")  # whole, but not the folder's own
    _sign(folder, {**_manifest(folder), "generation": name})
    with pytest.raises(StorageError, match=r"manifest\.json: damaged"):
        load(folder)


@pytest.mark.parametrize(
    "name", ["../secret.npy", "..", "a/b.npy", "/etc/hostname", "secret.txt", "secret", "\0.npy", "a..npy", ".npy", ""]
)
def test_a_file_outside_the_generation_is_not_opened(folder: Path, name: str) -> None:
    np.save(folder / "secret.npy", np.arange(3))
    manifest = _manifest(folder)
    manifest["files"][name] = storage._fingerprint(folder / "secret.npy")
    _sign(folder, manifest)
    with pytest.raises(StorageError, match=r"manifest\.json: damaged"):
        load(folder)


HARM: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda _: [],
    "a number": lambda _: 1,
    "nothing": lambda _: None,
    "no format": lambda m: {n: m[n] for n in m if n != "format"},
    "a format in words": lambda m: {**m, "format": "one"},
    "no generation": lambda m: {n: m[n] for n in m if n != "generation"},
    "no files": lambda m: {n: m[n] for n in m if n != "files"},
    "files as a list": lambda m: {**m, "files": ["ids.npy"]},
    "a file without a size": lambda m: {**m, "files": {"ids.npy": {"sha256": "0"}}},
    "a size in words": lambda m: {**m, "files": {"ids.npy": {"bytes": "many", "sha256": "0"}}},
    "a file without anything": lambda m: {**m, "files": {"ids.npy": None}},
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_manifests_of_another_shape(folder: Path, harm: Callable[[dict[str, Any]], Any]) -> None:
    _sign(folder, harm(_manifest(folder)))
    with pytest.raises(StorageError, match=r"manifest\.json: (damaged|not the manifest of an index)"):
        load(folder)


@pytest.mark.parametrize("text", ["", "{", "not JSON", "[" * 100_000, "\ufeff{}", '{"format": 1' + "0" * 5_000 + "}"])
def test_manifests_that_are_not_json(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match=r"manifest\.json: (damaged|not the manifest of an index)"):
        load(folder)


def test_a_manifest_of_bytes(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(StorageError, match="not JSON"):
        load(folder)


def test_a_manifest_that_is_a_folder(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        load(folder)


def test_arrays_of_objects_are_not_unpickled(folder: Path) -> None:
    path = _generation(folder) / "ids.npy"
    np.save(path, np.array([{"code": "runs"}], dtype=object), allow_pickle=True)
    manifest = _manifest(folder)
    manifest["files"]["ids.npy"] = storage._fingerprint(path)
    _sign(folder, manifest)
    with pytest.raises(StorageError, match=r"ids\.npy: damaged"):
        load(folder)


# -- kills, full disks, company ------------------------------------------------------------------------------------------------

_CONTENTS = """
import os, resource, signal, sys
from pathlib import Path
import numpy as np
import pyarrow as pa
from tweetfocus.errors import StorageError
from tweetfocus.index.storage import load, save

folder = Path(sys.argv[1])

def write(n):
    save(folder, {"a": np.full(5000, n), "b.c": np.full(3, n)}, {"t": pa.table({"n": [n]})}, {"n": n})

def read():
    arrays, tables, about = load(folder, verify=True)
    found = {*arrays["a"].tolist(), *arrays["b.c"].tolist(), *tables["t"]["n"].to_pylist(), about["n"]}
    assert len(found) == 1, found
    return found.pop()
"""


def _run(program: str, *arguments: str) -> str:
    ran = subprocess.run([sys.executable, "-c", _CONTENTS + program, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_kill_at_any_step_leaves_the_old_or_the_new_index(tmp_path: Path) -> None:
    printed = _run(
        """
write(0)
now, step, outcomes, finished = 0, 0, set(), False
while not finished:
    step += 1
    child = os.fork()
    if child == 0:
        left = step

        def count(event, _):
            # Python announces every file that it opens, renames or removes
            global left
            left -= event.startswith(("open", "os.", "shutil.", "sqlite3.", "tempfile."))
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        write(step)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    finished = os.WIFEXITED(status)
    assert finished or os.WTERMSIG(status) == signal.SIGKILL
    found = read()
    assert found in (now, step), (found, now, step)
    outcomes.add("new" if found == step else "old")
    now = found
    assert len(os.listdir(folder)) <= 6, os.listdir(folder)
print(step > 20, now == step, sorted(outcomes))
""",
        str(tmp_path),
    )
    assert printed == "True True ['new', 'old']\n"
    assert _is_clean(tmp_path)


def test_a_full_disk_leaves_the_old_index(folder: Path, tmp_path: Path) -> None:
    printed = _run(
        """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for there in (False, True):
    if there:
        write(0)
    for most in (0, 100, 200, 500, 2000, 20_000):  # bytes per file
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            write(1)
        except StorageError as error:
            assert "cannot be written" in str(error) and "what was there before is unchanged" in str(error), error
        else:
            raise AssertionError(f"saved within {most} bytes")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        if there:
            assert read() == 0
        assert len([name for name in os.listdir(folder) if name != ".lock"]) == 2 * there, os.listdir(folder)
write(1)
print(read())
""",
        str(tmp_path / "small"),
    )
    assert printed == "1\n"
    assert _is_clean(tmp_path / "small")


def test_two_processes_save_to_one_folder(tmp_path: Path) -> None:
    program = _CONTENTS + "print('ready', flush=True)\nsys.stdin.readline()\nfor _ in range(12): write(int(sys.argv[2]))"
    savers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), n], stdin=PIPE, stdout=PIPE, stderr=PIPE) for n in "12"
    ]
    assert [saver.stdout.readline() for saver in savers if saver.stdout] == [b"ready\n"] * 2
    for saver in savers:
        assert saver.stdin
        saver.stdin.write(b"go\n")
        saver.stdin.flush()
    seen = set()
    while any(saver.poll() is None for saver in savers):
        if (tmp_path / "manifest.json").exists():
            arrays, tables, about = load(tmp_path, verify=True)
            values = {*arrays["a"].tolist(), *tables["t"]["n"].to_pylist(), about["n"]}
            assert len(values) == 1  # never some of both
            seen |= values
    for saver in savers:
        assert saver.communicate()[1] == b""
        assert saver.returncode == 0
    assert seen <= {1, 2}
    assert load(tmp_path)[2]["n"] in {1, 2}
    assert _is_clean(tmp_path)
