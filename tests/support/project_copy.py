"""Copies the project to another folder, where a test can change it and run its scripts and tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.openapi.contract import ROOT

SOURCES = ("scripts", "tests", "pyproject.toml", "generator-config.yaml")


def copied(root: Path, names: Iterable[str] = SOURCES) -> Path:
    """Copy files and folders of the project to the folder `root`."""
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    return root


def run(root: Path, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy `root`; imports use the copy, not this project."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": f"{root}:{root / 'generated'}", "MYPYPATH": str(root / "generated")}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=root,
        check=False,
        timeout=timeout,
    )


def pytest(root: Path, *arguments: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run tests of the copy `root`, with few drawn examples per test."""
    options = ("-q", "-p", "no:cacheprovider", "--hypothesis-profile=few")
    return run(root, "-m", "pytest", *options, *arguments, timeout=timeout)
