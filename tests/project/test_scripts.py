"""The scripts that people type say in one sentence what stands in their way."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.openapi.contract import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What scripts/setup needs of a checkout, without a .venv."""
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "scripts/setup", "scripts/constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def setup(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "scripts" / "setup", "python", "-c", "print('ready')"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


def fake_python(folder: Path, version: str, venv: int) -> str:
    """A Python that is of some version, and has a venv module or not."""
    path = folder / "python"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$2" in *print*) echo {version};; *"< (3, 11)"*) exit {int(version < "3.11")};; '
        f"*venv*) exit {venv};; esac\n"
    )
    path.chmod(0o755)
    return str(path)


def test_python_is_missing(clone: Path) -> None:
    """Without a Python: what to install, and how to name it."""
    ended = setup(clone, PYTHON="/nowhere/python")

    assert 1 == ended.returncode
    assert [
        "scripts/setup: '/nowhere/python' was not found; install Python 3.11 or newer, or set PYTHON to its path"
    ] == (ended.stderr.splitlines())


def test_python_is_too_old(clone: Path) -> None:
    """With too old a Python: which one it is, and which ones serve."""
    ended = setup(clone, PYTHON=fake_python(clone, "3.10", 0))

    assert (1, 1) == (ended.returncode, len(ended.stderr.splitlines()))
    assert "Python 3.10; set PYTHON to the path of Python 3.11 or newer" in ended.stderr


def test_venv_is_missing(clone: Path) -> None:
    """Without the venv module: how to get it."""
    ended = setup(clone, PYTHON=fake_python(clone, "3.12", 1))

    assert (1, 1) == (ended.returncode, len(ended.stderr.splitlines()))
    assert "apt install python3.12-venv" in ended.stderr


def test_index_is_out_of_reach(clone: Path) -> None:
    """Without a network: that packages could not be installed, and where to read why; the next run tries again."""
    nowhere = "http://127.0.0.1:9"
    ended = setup(
        clone,
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL=nowhere,
        PIP_FIND_LINKS="",
        PIP_NO_CACHE_DIR="1",
        PIP_RETRIES="0",
    )

    assert 1 == ended.returncode
    assert "is the package index reachable?" in ended.stderr.splitlines()[-1]
    assert (clone / ".venv" / "install.log").exists()
    assert not (clone / ".venv" / ".complete").exists()


def test_nothing_to_do(clone: Path) -> None:
    """Where .venv is complete, nothing is looked up or installed: a Python is not even asked for its version."""
    ended = subprocess.run(
        [ROOT / "scripts" / "setup", "python", "-c", "import os; print(os.getcwd())"],
        capture_output=True,
        text=True,
        cwd=clone,
        env={**os.environ, "PYTHON": "/nowhere/python"},
        check=True,
    )

    assert (str(clone), "") == (ended.stdout.strip(), ended.stderr)


@pytest.mark.parametrize("script", ["bench", "regenerate", "serve"])
def test_wrong_argument(script: str) -> None:
    """A wrong argument costs the usage and exit code 2."""
    ended = subprocess.run([ROOT / "scripts" / script, "--wrong"], capture_output=True, text=True, check=False)

    assert 2 == ended.returncode
    assert f"usage: scripts/{script}" in ended.stderr
