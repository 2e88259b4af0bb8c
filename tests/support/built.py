"""A generated tree in place of a generation, for tests of the steps that follow the generation."""

import shutil
from pathlib import Path

import pytest

from scripts.codegen import __main__ as command
from scripts.openapi.contract import OPENAPI_YAML, Contract


def use_tree(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each run of scripts/regenerate copy `tree`, the output for openapi.yaml, instead of generating it again."""

    def build(spec: Path, folder: Path, seconds: float) -> tuple[Contract, int]:
        assert (OPENAPI_YAML, True) == (spec, seconds > 0)
        shutil.copytree(tree, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return Contract.load(), 0

    monkeypatch.setattr(command, "build", build)
