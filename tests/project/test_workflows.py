"""The CI workflows have minimal permissions and do not run text from events as commands."""

import os
import re
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
    """Read a workflow without type conversion, because YAML 1.1 reads the key `on` as true."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)


def steps(path: Path) -> list[Any]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


@each_workflow
def test_no_expression_in_scripts(path: Path) -> None:
    """Scripts receive the data of an event in environment variables, never as part of their text."""
    assert [] == [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


@each_workflow
def test_permissions(path: Path) -> None:
    """Each job declares its own permissions. A job that checks out code may only read."""
    workflow = read(path)

    assert {} == workflow["permissions"]
    assert "pull_request_target" not in workflow["on"]
    for job in workflow["jobs"].values():
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")]
        assert ["false"] * len(checkouts) == [step["with"]["persist-credentials"] for step in checkouts]
        assert not checkouts or job["permissions"] == {"contents": "read"}


@each_workflow
def test_jobs_have_time_limits(path: Path) -> None:
    """Each job ends after at most an hour, so that a job that hangs does not run for the default of six hours."""
    assert [] == [name for name, job in read(path)["jobs"].items() if not 1 <= int(job.get("timeout-minutes", 0)) <= 60]


@each_workflow
def test_actions_are_pinned(path: Path) -> None:
    """Each action is pinned to a commit, and a comment names its release, because a tag can be moved."""
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]

    assert [] == [line for line in lines if not re.search(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)]


@pytest.mark.parametrize(
    ("comment_ids", "expected"),
    [
        ("", "--method POST repos/owner/name/issues/7/comments --field body=@comment.md"),
        ("123\n456\n", "--method PATCH repos/owner/name/issues/comments/123 --field body=@comment.md"),
    ],
    ids=["new", "update"],
)
def test_comment(tmp_path: Path, comment_ids: str, expected: str) -> None:
    """The workflow updates its own comment, found by marker and author, or creates the comment."""
    (script,) = (
        step["run"] for step in steps(ROOT / ".github/workflows/contract-diff.yml") if "gh api" in step.get("run", "")
    )
    (tmp_path / "gh").write_text(
        '#!/bin/sh\necho "$*" >> "$LOG"\ncase "$*" in *--paginate*) printf "$COMMENT_IDS";; esac\n'
    )
    (tmp_path / "gh").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "LOG": str(tmp_path / "log"),
        "COMMENT_IDS": comment_ids,
        "REPOSITORY": "owner/name",
        "NUMBER": "7",
    }
    subprocess.run(["bash", "-e", "-c", script], env=environment, check=True)
    lookup, written = (tmp_path / "log").read_text().splitlines()

    assert f"api --silent {expected}" == written
    assert "api --paginate repos/owner/name/issues/7/comments --jq " in lookup
    assert f'(.body | startswith("{MARKER}"))' in lookup
