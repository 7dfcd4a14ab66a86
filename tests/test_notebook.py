"""The example notebook runs from top to bottom in a kernel of its own, and is kept without outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "docs" / "notebooks" / "tour.ipynb"

# in a process of its own, since the client leaves sockets to the garbage collector; warnings in the cells are errors
RUN = """
import sys, nbformat
from nbclient import NotebookClient

book = nbformat.read(sys.argv[1], as_version=4)
book.cells.insert(0, nbformat.v4.new_code_cell("import warnings; warnings.simplefilter('error')"))
NotebookClient(book, kernel_name="python3", timeout=120).execute(cwd=sys.argv[2])
nbformat.write(book, sys.argv[3])
"""


def _code(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_the_example_notebook_is_kept_without_outputs() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in _code(NOTEBOOK))


def test_the_example_notebook_runs(tmp_path: Path) -> None:
    own = {name: str(tmp_path / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    command = [sys.executable, "-c", RUN, NOTEBOOK, tmp_path, tmp_path / "done.ipynb"]
    environment = {**os.environ, **own, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    _, *cells = _code(tmp_path / "done.ipynb")
    for cell in cells:
        kinds = {kind for output in cell["outputs"] for kind in output.get("data", {})}
        source = "".join(cell["source"])
        assert ("image/svg+xml" if "plot_" in source else "text/html") in kinds, source
        assert not [output for output in cell["outputs"] if output["output_type"] == "stream"]  # nothing printed or warned of
