"""The commands in scripts/ explain each error in one sentence."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from scripts.openapi.contract import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the files that scripts/setup needs, without .venv."""
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "scripts/setup", "scripts/requirements.txt"):
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


def fake_python(folder: Path, version: str, venv_exit_code: int) -> str:
    """A program that answers like a Python of this version; the exit code is that of `import venv`."""
    path = folder / "python"
    path.write_text(
        "#!/bin/sh\n"
        f'case "$2" in *print*) echo {version};; *"< (3, 11)"*) exit {int(version < "3.11")};; '
        f"*venv*) exit {venv_exit_code};; esac\n"
    )
    path.chmod(0o755)
    return str(path)


def test_python_is_missing(clone: Path) -> None:
    """Without Python, the error names the version to install and the variable PYTHON."""
    completed = setup(clone, PYTHON="/nowhere/python")

    assert 1 == completed.returncode
    assert [
        "scripts/setup: '/nowhere/python' was not found; install Python 3.11 or newer, or set PYTHON to its path"
    ] == (completed.stderr.splitlines())


def test_python_is_too_old(clone: Path) -> None:
    """If Python is too old, the error names its version and the lowest supported version."""
    completed = setup(clone, PYTHON=fake_python(clone, "3.10", 0))

    assert (1, 1) == (completed.returncode, len(completed.stderr.splitlines()))
    assert "Python 3.10; set PYTHON to the path of Python 3.11 or newer" in completed.stderr


def test_venv_is_missing(clone: Path) -> None:
    """Without the venv module, the error names the package to install."""
    completed = setup(clone, PYTHON=fake_python(clone, "3.12", 1))

    assert (1, 1) == (completed.returncode, len(completed.stderr.splitlines()))
    assert "apt install python3.12-venv" in completed.stderr


def test_package_index_is_unreachable(clone: Path) -> None:
    """Without a network, the error names the log of the installation, and the next run tries again."""
    unreachable = "http://127.0.0.1:9"
    completed = setup(
        clone,
        PIP_INDEX_URL=unreachable,
        PIP_EXTRA_INDEX_URL=unreachable,
        PIP_FIND_LINKS="",
        PIP_NO_CACHE_DIR="1",
        PIP_RETRIES="0",
    )

    assert 1 == completed.returncode
    assert "is the package index reachable?" in completed.stderr.splitlines()[-1]
    assert (clone / ".venv" / "install.log").exists()
    assert not (clone / ".venv" / ".complete").exists()


def test_setup_is_complete(clone: Path) -> None:
    """If .venv is complete, scripts/setup installs nothing and does not run the system's Python."""
    completed = subprocess.run(
        [ROOT / "scripts" / "setup", "python", "-c", "import os; print(os.getcwd())"],
        capture_output=True,
        text=True,
        cwd=clone,
        env={**os.environ, "PYTHON": "/nowhere/python"},
        check=True,
    )

    assert (str(clone), "") == (completed.stdout.strip(), completed.stderr)


@pytest.mark.parametrize("script", ["bench", "check", "regenerate", "serve"])
def test_wrong_argument(script: str) -> None:
    """A wrong argument returns exit code 2 and says how the script is used. Nothing else is done before."""
    completed = subprocess.run([ROOT / "scripts" / script, "--wrong"], capture_output=True, text=True, check=False)

    assert (2, "") == (completed.returncode, completed.stdout)
    usage = "scripts/check takes no arguments" if script == "check" else f"usage: scripts/{script}"
    assert usage in completed.stderr


def test_interrupt(tmp_path: Path) -> None:
    """Ctrl-C ends scripts/regenerate with a sentence, and not with a traceback."""
    spec = tmp_path / "openapi.yaml"
    os.mkfifo(spec)
    command: list[str | Path] = [ROOT / "scripts" / "regenerate", "--spec", spec, "--output", tmp_path / "new"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process, spec.open("w"):
        # The other end of the pipe is open: the process reads the contract.
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=60)

    assert (130, "scripts/regenerate: interrupted; the output is as it was, or complete\n") == (
        process.returncode,
        message,
    )
