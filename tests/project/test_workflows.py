"""The workflows of CI do what they should with as few rights as they need, and take nothing they read for a command."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.openapi.contract import ROOT
from scripts.specdiff.reports.markdown import MARKER

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    """A workflow, with all values as text, among them the key `on`."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)


def steps(path: Path) -> list[Any]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@each_workflow
def test_no_expression_in_scripts(path: Path) -> None:
    """What an event says comes to scripts as environment variables, and never as part of their text."""
    assert [] == [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


@each_workflow
def test_rights(path: Path) -> None:
    """A workflow has no rights, and gives each job those it names; whoever checks code out may only read."""
    workflow = read(path)

    assert {} == workflow["permissions"]
    assert "pull_request_target" not in workflow["on"]
    for job in workflow["jobs"].values():
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")]
        assert ["false"] * len(checkouts) == [step["with"]["persist-credentials"] for step in checkouts]
        assert not checkouts or job["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("", "--method POST repos/owner/name/issues/7/comments --field body=@comment.md"),
        ("123\n456\n", "--method PATCH repos/owner/name/issues/comments/123 --field body=@comment.md"),
    ],
    ids=["first", "again"],
)
def test_comment(tmp_path: Path, found: str, expected: str) -> None:
    """The comment is found by its marker and its author, and written anew; where there is none, it is made."""
    (script,) = (
        step["run"] for step in steps(ROOT / ".github/workflows/contract-diff.yml") if "gh api" in step.get("run", "")
    )
    (tmp_path / "gh").write_text('#!/bin/sh\necho "$*" >> "$LOG"\ncase "$*" in *--paginate*) printf "$FOUND";; esac\n')
    (tmp_path / "gh").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "LOG": str(tmp_path / "log"),
        "FOUND": found,
        "REPOSITORY": "owner/name",
        "NUMBER": "7",
    }
    subprocess.run(["bash", "-e", "-c", script], env=environment, check=True)
    asked, written = (tmp_path / "log").read_text().splitlines()

    assert f"api --silent {expected}" == written
    assert "api --paginate repos/owner/name/issues/7/comments --jq " in asked
    assert f'(.body | startswith("{MARKER}"))' in asked
